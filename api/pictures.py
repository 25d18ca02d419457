"""Pictures as Python programs have them: NumPy arrays (height, width, 3), or Pillow images.

    float arrays    0..1            -> `Image`, float32
    uint8 arrays    0..255          -> `Image`, uint8
    Pillow images   any mode        -> Pillow, RGB

Inside lucidreel a picture is (3, height, width), RGB, float32, 0..1; `dream.pictures` makes one of the other.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import numpy as np

from ..dream.pictures import AnyPicture, to_planes
from ..errors import UsageError
from ..render.frames.frames import Picture
from ..render.frames.noise import noise_picture
from ..render.media.pictures.pictures import png, read_picture, write_picture
from ..render.settings.settings import LARGEST_PX, SMALLEST_PX


class Image(np.ndarray[tuple[int, ...], np.dtype[Any]]):
    """A NumPy array (height, width, 3), RGB, that a notebook shows as the picture it is.

    float32 in 0..1, or uint8. What is computed from it is an `Image` too; parts of it that are no pictures
    (one channel, a mean) are shown as numbers.
    """

    def _repr_png_(self) -> bytes | None:
        """Return what a notebook shows; None, which has it show the numbers, where this is no picture."""
        if self.ndim != 3 or self.shape[2] != 3 or not self.size or self.dtype not in (np.float32, np.uint8):
            return None
        return png(to_planes(self))


def read_image(path: str | os.PathLike[str], size_px: tuple[int, int] | None = None) -> Image:
    """Read a picture file, upright and in sRGB's colours: (height, width, 3), RGB, float32, 0..1.

    `size_px`, where given, is the (width, height) to scale it to. Raises InputNotFoundError where there is
    no such file, MediaError where it is no picture or too large.
    """
    return outside(read_picture(Path(path), size_px))


def write_image(path: str | os.PathLike[str], picture: AnyPicture, *, overwrite: bool = True) -> None:
    """Write a picture as the suffix of `path` says: png, jpg, webp, tiff or bmp, whole or not at all.

    Raises OutputError where that cannot be; with `overwrite=False` also where something is there already.
    """
    write_picture(Path(path), to_planes(picture), overwrite)


def noise(width_px: int = 640, height_px: int = 480, seed: int = 0) -> Image:
    """Return soft noise to dream from: (height, width, 3), RGB, float32, 0..1; the same for the same seed."""
    for side in (width_px, height_px):
        if not SMALLEST_PX <= side <= LARGEST_PX:
            raise UsageError(
                f"noise of {width_px}x{height_px} cannot be made: width and height go from {SMALLEST_PX} to "
                f"{LARGEST_PX} pixels."
            )
    return outside(noise_picture(width_px, height_px, seed))


def side_by_side(*pictures: AnyPicture, gap_px: int = 8) -> Image:
    """Return pictures in a row on white, `gap_px` apart, to compare them at a glance; lower ones at its foot.

    (height, width, 3), RGB, float32, 0..1. Raises UsageError where there are none.
    """
    if not pictures:
        raise UsageError("there are no pictures to put side by side.")
    row = [to_planes(picture) for picture in pictures]
    height = max(picture.shape[1] for picture in row)
    width = sum(picture.shape[2] for picture in row) + gap_px * (len(row) - 1)
    sheet = np.ones((3, height, width), np.float32)
    left = 0
    for picture in row:
        _, high, wide = picture.shape
        sheet[:, height - high :, left : left + wide] = picture
        left += wide + gap_px
    return outside(sheet)


def outside(picture: Picture) -> Image:
    """Return a picture of the program's own, (3, height, width), as an `Image`, float32."""
    return cast(Image, np.ascontiguousarray(picture.transpose(1, 2, 0)).view(Image))


def shown(picture: AnyPicture) -> AnyPicture:
    """Return a picture that a notebook shows: an array as an `Image`; Pillow's do so themselves."""
    return cast(AnyPicture, picture.view(Image)) if isinstance(picture, np.ndarray) else picture

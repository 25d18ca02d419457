"""Pictures as Python programs have them: NumPy arrays (height, width, 3), or Pillow images.

    float arrays    0..1            -> `Image`, float32
    uint8 arrays    0..255          -> `Image`, uint8
    Pillow images   any mode        -> Pillow, RGB

Inside lucidreel a picture is (3, height, width), RGB, float32, 0..1. This module is where the one becomes the
other, and back.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from ..errors import UsageError
from ..render.frames import Picture
from ..render.media.levels import rgb24
from ..render.media.pictures import png, read_picture, write_picture
from ..render.noise import noise_picture
from ..render.settings import LARGEST_PX, SMALLEST_PX


class Image(np.ndarray[tuple[int, ...], np.dtype[Any]]):
    """A NumPy array (height, width, 3), RGB, that a notebook shows as the picture it is.

    float32 in 0..1, or uint8. What is computed from it is an `Image` too; parts of it that are no pictures
    (one channel, a mean) are shown as numbers.
    """

    def _repr_png_(self) -> bytes | None:
        """Return what a notebook shows; None, which has it show the numbers, where this is no picture."""
        if self.ndim != 3 or self.shape[2] != 3 or not self.size or self.dtype not in (np.float32, np.uint8):
            return None
        return png(inside(self))


AnyPicture: TypeAlias = "NDArray[Any] | PIL.Image.Image"
"""(height, width, 3) RGB, float in 0..1 or uint8, or a Pillow image; grey and transparent ones too."""


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
    write_picture(Path(path), inside(picture), overwrite)


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
    row = [inside(picture) for picture in pictures]
    height = max(picture.shape[1] for picture in row)
    width = sum(picture.shape[2] for picture in row) + gap_px * (len(row) - 1)
    sheet = np.ones((3, height, width), np.float32)
    left = 0
    for picture in row:
        _, high, wide = picture.shape
        sheet[:, height - high :, left : left + wide] = picture
        left += wide + gap_px
    return outside(sheet)


def inside(picture: AnyPicture) -> Picture:
    """Return a picture as lucidreel has it inside: (3, height, width), RGB, float32, 0..1.

    Raises UsageError where it has another shape, another kind of numbers, or values that are no levels.
    """
    levels = np.asarray(picture.convert("RGB")) if isinstance(picture, PIL.Image.Image) else picture
    if not isinstance(levels, np.ndarray):
        raise UsageError(
            f"a picture is a NumPy array (height, width, 3) or a Pillow image, not {type(picture).__name__}."
        )
    levels = np.asarray(levels)
    if levels.ndim == 2:
        levels = np.repeat(levels[:, :, None], 3, axis=2)
    if levels.ndim != 3 or levels.shape[2] != 3 or not levels.size:
        raise UsageError(
            f"a picture has the shape (height, width, 3), and this array has {levels.shape}."
            + (" Transpose it: picture.transpose(1, 2, 0)." if levels.shape[:1] == (3,) else "")
        )
    return np.ascontiguousarray(_as_shares(levels).transpose(2, 0, 1))


def _as_shares(levels: NDArray[Any]) -> NDArray[np.float32]:
    """Return levels as shares of white, float32. Raises UsageError."""
    if levels.dtype == np.uint8:
        return levels.astype(np.float32) / np.float32(255)
    if levels.dtype.kind != "f":
        raise UsageError(f"a picture's numbers are floats in 0..1 or uint8, not {levels.dtype}.")
    low, high = float(levels.min()), float(levels.max())
    if not (low >= 0 and high <= 1):  # not a number is neither
        advice = " Divide by 255." if 1 < high <= 255 and low >= 0 else " np.clip(picture, 0, 1) cuts it."
        raise UsageError(
            f"a picture of floats is in 0..1, and this one goes from {low:g} to {high:g}.{advice}"
        )
    return levels.astype(np.float32)


def outside(picture: Picture) -> Image:
    """Return an inside picture (3, height, width) as an `Image` (height, width, 3), float32, 0..1."""
    return cast(Image, np.ascontiguousarray(picture.transpose(1, 2, 0)).view(Image))


def like(picture: AnyPicture) -> Callable[[Picture], Any]:
    """Return what makes of an inside picture one of the same kind as `picture`: Pillow, uint8 or floats."""
    if isinstance(picture, PIL.Image.Image):
        return lambda made: PIL.Image.fromarray(rgb24(made))
    if picture.dtype == np.uint8:
        return lambda made: rgb24(made).view(Image)
    return outside

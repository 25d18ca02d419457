"""Pixels of every kind as levels: palettes, inks, greys, 8 and 16 bits, with or without alpha.

All come out as RGB float32 of 0..1 in sRGB's colours (`colour`), alpha laid over black. Pillow keeps
16 bits of grey alone: deep files in colour or with alpha are decoded by OpenCV. What is large is worked on
strip by strip.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from . import icc_profile
from .colour import PictureColour
from .limits import STRIP_PIXELS, reduced_grey, reduced_levels

Levels = NDArray[np.float32]

DEEP_GREY = ("I;16", "I;16L", "I;16B", "I")
# EXIF orientations: whether to swap the axes first, then to mirror columns, and rows.
ORIENTATIONS = {
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}


def working_mode(image: Image.Image, colour: PictureColour) -> str:
    """Return the mode in which colours are converted: the profile's own, with alpha where there is some."""
    if image.mode in ("CMYK", "LAB"):
        return image.mode
    grey = image.mode in ("1", "L", "LA") and colour.profile is None
    if colour.profile is not None and icc_profile.pillow_mode(colour.profile) == "L":
        grey = True
    if image.has_transparency_data:
        return "LA" if grey else "RGBA"
    return "L" if grey else "RGB"


def shallow_levels(image: Image.Image, colour: PictureColour) -> Levels:
    """Return (height, width, 3) float levels of 8 bits per channel."""
    levels = _empty(image.width, image.height)
    rows = max(1, STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        levels[top : top + rows] = _strip_levels(strip, colour)
    return levels


def _strip_levels(image: Image.Image, colour: PictureColour) -> Levels:
    worked = image.convert(working_mode(image, colour))
    alpha = worked.getchannel("A") if worked.mode in ("LA", "RGBA") else None
    if alpha is not None:
        worked = worked.convert(worked.mode.removesuffix("A"))
    if colour.profile is not None:
        worked = icc_profile.to_srgb(worked, colour.profile)
    elif worked.mode == "LAB":
        worked = icc_profile.lab_to_srgb(worked)
    levels = _unit(worked.convert("RGB"))
    if colour.profile is None:
        levels = colour.converted(levels)
    return levels if alpha is None else levels * _unit(alpha)[:, :, None]


def grey_levels(image: Image.Image, factor: int, colour: PictureColour) -> Levels:
    """Return (height, width, 3) float levels of 16-bit or float grey."""
    white = 1 if image.mode == "F" else 65535
    grey = np.nan_to_num(reduced_grey(image, factor).astype(np.float32)) / np.float32(white)
    levels = _empty(grey.shape[1], grey.shape[0])
    levels[...] = grey.clip(0, 1)[:, :, None]
    return colour.converted(levels)


def _empty(width: int, height: int) -> Levels:
    """Return an array for (height, width, 3) levels whose planes follow each other, as in all pictures."""
    return np.empty((3, height, width), np.float32).transpose(1, 2, 0)


def is_deep_colour(image: Image.Image) -> bool:
    """Tell 16 bits per channel that Pillow would round to 8, from how the file's data are laid out."""
    is_stored = isinstance(image, ImageFile.ImageFile) and ";16" in str(image.tile)
    return is_stored and image.mode in ("RGB", "RGBA", "LA")


def deep_levels(path: Path, page: int, factor: int, colour: PictureColour) -> Levels:
    """Return (height, width, 3) float levels of a file with 16 bits per channel."""
    import cv2

    data = np.fromfile(path, np.uint8)
    if page:
        _, pages = cv2.imdecodemulti(data, cv2.IMREAD_UNCHANGED, range=(page, page + 1))
        stored = pages[0] if pages else None
    else:
        stored = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if stored is None or stored.dtype != np.uint16:
        raise ValueError("its 16 bits per channel are stored in a way that OpenCV does not know")
    bgr = reduced_levels(stored, factor)
    levels, white = _empty(bgr.shape[1], bgr.shape[0]), np.float32(65535)
    for channel in range(3):
        np.divide(bgr[..., 2 - channel], white, out=levels[..., channel], dtype=np.float32)
    levels = colour.converted(levels)
    if bgr.shape[2] == 4:
        levels *= bgr[..., 3:].astype(np.float32) / white
    return levels


def oriented(levels: Levels, orientation: int) -> Levels:
    """Return (h, w, 3) levels upright, of a file with that EXIF orientation."""
    if orientation not in ORIENTATIONS:
        return levels
    swaps_axes, flips_x, flips_y = ORIENTATIONS[orientation]
    upright = levels.swapaxes(0, 1) if swaps_axes else levels
    mirrored = upright[:: -1 if flips_y else 1, :: -1 if flips_x else 1]
    return np.ascontiguousarray(mirrored.transpose(2, 0, 1)).transpose(1, 2, 0)


def _unit(image: Image.Image) -> Levels:
    """Return 8-bit channels as 0..1."""
    levels = np.asarray(image, dtype=np.float32)
    return (
        np.divide(levels, np.float32(255), out=levels) if levels.flags.writeable else levels / np.float32(255)
    )

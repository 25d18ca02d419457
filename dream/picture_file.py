"""Pictures out of files: upright, RGB, 0..1, whatever the file holds.

EXIF orientation is applied, palettes are resolved, alpha is laid over black, and 16 bits per channel keep all
their levels. Pillow does that for grey alone: deep files in colour or with alpha are decoded by OpenCV.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from ..errors import InputNotFoundError, MediaError, sibling_suggestion

_DEEP_MODES = ("I;16", "I;16L", "I;16B", "I")
_ORIENTATION_TAG = 0x0112
# EXIF orientations: whether to swap the axes first, then to mirror columns, and rows.
_TURNS = {
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}


def read_levels(path: Path, what: str = "") -> NDArray[np.float32]:
    """Return the picture in a file as (h, w, 3), RGB float32 0..1; `what` names its part in messages.

    Raises InputNotFoundError when there is no such file, MediaError when it is not a readable picture.
    """
    try:
        if not path.is_file():
            wrong = "is not a picture file" if path.exists() else "does not exist"
            raise InputNotFoundError(f"{what}{path} {wrong}.{sibling_suggestion(path)}")
        with Image.open(path) as image:
            if _is_deep_colour(image):
                image.load()  # tells what is torn, where OpenCV shows half a picture
                return _deep_levels(path, image.getexif().get(_ORIENTATION_TAG, 1))
            return _levels(ImageOps.exif_transpose(image))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise MediaError(f"{what}{path.name} cannot be read as a picture ({error}).") from error


def _levels(image: Image.Image) -> NDArray[np.float32]:
    """Return (height, width, 3) float levels of any kind of image."""
    if image.mode in _DEEP_MODES:
        grey = np.asarray(image, dtype=np.float32) / 65535
        return np.repeat(grey.clip(0, 1)[:, :, None], 3, axis=2)
    if image.mode == "F":
        grey = np.asarray(image, dtype=np.float32)
        return np.repeat(grey.clip(0, 1)[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        rgba = _unit(image.convert("RGBA"))
        return rgba[:, :, :3] * rgba[:, :, 3:]
    return _unit(image.convert("RGB"))


def _is_deep_colour(image: Image.Image) -> bool:
    """Tell 16 bits per channel that Pillow would round to 8, from how the file's data are laid out."""
    is_stored = isinstance(image, ImageFile.ImageFile) and ";16" in str(image.tile)
    return is_stored and image.mode in ("RGB", "RGBA", "LA")


def _deep_levels(path: Path, orientation: int) -> NDArray[np.float32]:
    """Return (height, width, 3) float levels of a file with 16 bits per channel."""
    import cv2

    bgr = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if bgr is None or bgr.dtype != np.uint16:
        raise ValueError("its 16 bits per channel are stored in a way that OpenCV does not know")
    levels = bgr[..., 2::-1].astype(np.float32) / np.float32(65535)
    if bgr.shape[2] == 4:
        levels *= bgr[..., 3:].astype(np.float32) / np.float32(65535)
    swaps_axes, flips_x, flips_y = _TURNS.get(orientation, (False, False, False))
    turned = levels.swapaxes(0, 1) if swaps_axes else levels
    return np.ascontiguousarray(turned[:: -1 if flips_y else 1, :: -1 if flips_x else 1])


def _unit(image: Image.Image) -> NDArray[np.float32]:
    """Return 8-bit channels as 0..1."""
    return np.asarray(image, dtype=np.float32) / np.float32(255)

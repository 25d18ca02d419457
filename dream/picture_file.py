"""Pictures out of files: upright, RGB, 0..1, whatever the file holds.

EXIF orientation is applied, palettes are resolved, alpha is laid over black, and 16-bit grey files keep all
their levels.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ..errors import InputNotFoundError, MediaError, sibling_suggestion

_DEEP_MODES = ("I;16", "I;16L", "I;16B", "I")


def read_levels(path: Path, what: str = "") -> NDArray[np.float32]:
    """Return the picture in a file as (h, w, 3), RGB float32 0..1; `what` names its part in messages.

    Raises InputNotFoundError when there is no such file, MediaError when it is not a readable picture.
    """
    try:
        if not path.is_file():
            wrong = "is not a picture file" if path.exists() else "does not exist"
            raise InputNotFoundError(f"{what}{path} {wrong}.{sibling_suggestion(path)}")
        with Image.open(path) as image:
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


def _unit(image: Image.Image) -> NDArray[np.float32]:
    """Return 8-bit channels as 0..1."""
    return np.asarray(image, dtype=np.float32) / np.float32(255)

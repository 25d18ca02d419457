"""Pictures in and out of files: upright, RGB, 0..1, whatever the file holds.

EXIF orientation is applied, palettes are resolved, alpha is laid over black, and 16-bit grey files keep all
their levels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from imageio.v3 import imwrite
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ...errors import InputNotFoundError, MediaError, OutputError
from ..frames import Picture
from .atomic import partial_path, publish
from .containers import require_picture_suffix
from .levels import rgb24

_DEEP_MODES = ("I;16", "I;16L", "I;16B", "I")
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    ".jpg": {"quality": 95, "subsampling": 0},
    ".jpeg": {"quality": 95, "subsampling": 0},
    ".png": {"compress_level": 4},
    ".webp": {"lossless": True},
    ".tif": {"compression": "tiff_deflate"},
    ".tiff": {"compression": "tiff_deflate"},
}


def read_picture(path: Path, size_px: tuple[int, int] | None = None) -> Picture:
    """Return the picture in `path`, scaled to `size_px` (width, height) where given.

    Raises InputNotFoundError when there is no such file, MediaError when it is not a readable picture.
    """
    try:
        if not path.is_file():
            what = "is not a picture file" if path.exists() else "does not exist"
            raise InputNotFoundError(f"{path} {what}.")
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image)
            levels = _levels(upright)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise MediaError(f"{path.name} cannot be read as a picture ({error}).") from error
    if size_px is not None and (levels.shape[1], levels.shape[0]) != size_px:
        levels = _resized(levels, size_px)
    return np.ascontiguousarray(levels.transpose(2, 0, 1))


def write_picture(path: Path, picture: Picture) -> None:
    """Write a picture as the suffix says (png, jpg, webp, tiff, bmp), whole or not at all.

    Raises OutputError for an unknown suffix or a place that cannot be written.
    """
    require_picture_suffix(path)
    options = _SAVE_OPTIONS.get(path.suffix.lower(), {})
    partial = partial_path(path)
    try:
        imwrite(partial, rgb24(picture), plugin="pillow", **options)
        publish(partial, path)
    except OSError as error:
        raise OutputError(f"{path}: the picture cannot be written ({error.strerror or error}).") from error
    finally:
        partial.unlink(missing_ok=True)


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


def _resized(levels: NDArray[np.float32], size_px: tuple[int, int]) -> NDArray[np.float32]:
    """Scale in float with Lanczos, channel by channel; Pillow widens the filter when it shrinks."""
    channels = [
        Image.fromarray(levels[:, :, channel]).resize(size_px, Image.Resampling.LANCZOS)
        for channel in range(3)
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=2).clip(0, 1)

"""Pictures as people have them, and as everything here has them: the one place where they are converted.

    people    numpy (h, w, 3), float 0..1 or uint8 0..255      Pillow, of any mode of 8 bits
    here      numpy (3, h, w), float32, RGB in 0..1: "planes"

A picture goes back in the form that it came in. An array whose first axis has 3 is taken for planes, and goes
back as such.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..errors import UsageError
from .quantize import rgb24

Planes = NDArray[np.float32]
"""(3, h, w) RGB in 0..1; maps are (h, w)."""
AnyPicture = TypeVar("AnyPicture", NDArray[np.float32], NDArray[np.uint8], Image.Image)

_FORMS = "a Pillow image, or an array (h, w, 3) of RGB: floats of 0..1, or uint8"
_WHITE = {"u1": 255.0, "u2": 65535.0}


def to_planes(picture: Any) -> Planes:
    """Return a picture as (3, h, w) float32 in 0..1. Raises UsageError for what is none.

    Pillow's transparency is laid over black. No copy is made of what is planes already.
    """
    if isinstance(picture, Image.Image):
        picture = _rgb(picture)
    array = np.asarray(picture)
    if array.ndim != 3 or 3 not in (array.shape[0], array.shape[2]) or 0 in array.shape:
        raise UsageError(f"an array of shape {array.shape} is no picture: give {_FORMS}.")
    if array.shape[0] == 3:
        return np.ascontiguousarray(_unit(array))
    levels = _unit(array)
    if not (levels.min() >= -1e-3 and levels.max() <= 1 + 1e-3):
        raise UsageError(
            f"a picture of floats goes from 0 to 1, and this one from {levels.min():g} to {levels.max():g}: "
            "divide it by its white, such as 255."
        )
    return np.ascontiguousarray(levels.transpose(2, 0, 1))


def to_map(values: Any) -> Planes:
    """Return a map of where (a Pillow image, or an array (h, w), float 0..1 or uint8) as (h, w) float32."""
    if isinstance(values, Image.Image):
        values = np.asarray(values.convert("L"))
    array = np.asarray(values)
    if array.ndim != 2 or 0 in array.shape:
        raise UsageError(
            f"an array of shape {array.shape} is no map: give a Pillow image or an array (h, w)."
        )
    return np.ascontiguousarray(_unit(array))


def in_form_of(picture: AnyPicture, planes: Planes) -> AnyPicture:
    """Return planes in the form of another picture: Pillow (RGB), or an array of its layout and kind."""
    if isinstance(picture, Image.Image):
        return Image.fromarray(rgb24(planes))
    is_planes = picture.shape[0] == 3
    result: Any = planes if is_planes else np.ascontiguousarray(planes.transpose(1, 2, 0))
    if picture.dtype == np.uint8:
        result = rgb24(planes).transpose(2, 0, 1) if is_planes else rgb24(planes)
    return cast(AnyPicture, result)


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        raise UsageError(f"a Pillow image of mode {image.mode!r} has no white: give {_FORMS}.")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, (0, 0, 0, 255)), image)
    return image.convert("RGB")


def _unit(array: NDArray[Any]) -> Planes:
    """Return numbers as float32, whole ones divided by their white."""
    if array.dtype.kind == "f":
        return array.astype(np.float32, copy=False)
    if array.dtype.str[1:] not in _WHITE:
        raise UsageError(f"an array of {array.dtype} is no picture: give {_FORMS}.")
    return array.astype(np.float32) / np.float32(_WHITE[array.dtype.str[1:]])

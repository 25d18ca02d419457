"""One look at a picture before it dreams: what a layer makes of it, at a size that costs little.

Choices for a whole picture (which channels are strong, which class is seen where) need no fine detail, and a
look at 8K pictures would take more memory than dreaming them does in tiles.
"""

from __future__ import annotations

import math

from torch import Tensor

from ..octaves import resize
from ..transforms.view import mirrored_index

_MOST_PIXELS = 640 * 480


def scaled(picture: Tensor, side_px: tuple[float, float], most_pixels: int, multiple: int = 1) -> Tensor:
    """Return a picture (1, c, h, w) at the scale at which both its sides are at least `side_px`, (h, w).

    It is smaller where it would have more than `most_pixels`. Sides are rounded to a `multiple` of pixels.
    """
    lengths = picture.shape[-2:]
    scale = max(least / length for least, length in zip(side_px, lengths, strict=True))
    scale = min(scale, math.sqrt(most_pixels / math.prod(lengths)))
    height, width = (max(1, round(length * scale / multiple)) * multiple for length in lengths)
    return resize(picture, (height, width)).clamp(0, 1)


def look(picture: Tensor, input_size: tuple[int, int]) -> Tensor:
    """Return a picture, or a map of it, (1, c, h, w), as it is looked at: scaled down if it is large."""
    height, width = picture.shape[-2:]
    if height * width > _MOST_PIXELS:
        picture = scaled(picture, (height, width), _MOST_PIXELS)
    return large_enough(picture, input_size)


def large_enough(picture: Tensor, input_size: tuple[int, int]) -> Tensor:
    """Return a picture with its mirror image around it where it is smaller than the network's input."""
    lacking = [max(0, least - length) for least, length in zip(input_size, picture.shape[-2:], strict=True)]
    return mirrored(picture, (lacking[0], lacking[1]))


def mirrored(picture: Tensor, more: tuple[int, int]) -> Tensor:
    """Return a picture that is higher and wider by so many pixels of its mirror image, half on each side.

    Of an odd number, the end has one more.
    """
    for axis, added in ((-2, more[0]), (-1, more[1])):
        length = picture.shape[axis]
        index = mirrored_index(length, added // 2, length + added)
        picture = picture.index_select(axis, index.to(picture.device))
    return picture


def places_of(value: Tensor) -> Tensor:
    """Return a layer's value as (n, c, h, w) float32; one of no extent, (n, c), has a single place."""
    return value.float().reshape(*value.shape[:2], *(value.shape[2:] or (1, 1)))

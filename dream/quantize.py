"""Quantization: the one place where floats of 0..1 become whole levels, each to the nearest.

What is beyond 0 and 1 is cut first. Pictures go through compiled loops, in one pass over the memory.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..models.cpu.kernels.compiled import compiled, over_rows

Planes = NDArray[np.float32]
Whole = TypeVar("Whole", np.uint8, np.uint16)

WHITE_8, WHITE_16 = 255, 65535


def uint8_levels(values: Planes) -> NDArray[np.uint8]:
    """Return values of any shape as levels of 0..255."""
    levels: NDArray[np.uint8] = np.rint(np.clip(values, 0, 1) * np.float32(WHITE_8)).astype(np.uint8)
    return levels


def uint16_levels(values: Planes) -> NDArray[np.uint16]:
    """Return values of any shape as levels of 0..65535."""
    levels: NDArray[np.uint16] = np.rint(np.clip(values, 0, 1) * np.float32(WHITE_16)).astype(np.uint16)
    return levels


def rgb24(picture: Planes) -> NDArray[np.uint8]:
    """Return a picture (3, h, w) as (h, w, 3) bytes."""
    return _interleaved_as(np.uint8, picture, WHITE_8)


def rgb48(picture: Planes, white: int = WHITE_16, unit: int = 1) -> NDArray[np.uint16]:
    """Return a picture (3, h, w) as (h, w, 3) 16-bit levels: `white` steps of `unit` lie between 0 and 1."""
    return _interleaved_as(np.uint16, picture, white, unit)


def quantized(picture: Planes, white: int) -> Planes:
    """Return a picture (3, h, w) with each value on the nearest of `white` + 1 levels, still as floats.

    At `WHITE_8` it is what 8 bits show: the same whether it was quantized to 16 before or not.
    """
    picture = np.ascontiguousarray(picture, np.float32)
    result = np.empty_like(picture)
    over_rows(_quantized, picture.shape[1], picture.size, picture, np.float32(white), result)
    return result


def _interleaved_as(kind: type[Whole], picture: Planes, white: int, unit: int = 1) -> NDArray[Whole]:
    # It is the encoder's thread that asks, so one thread is enough.
    picture = np.ascontiguousarray(picture, np.float32)
    result = np.empty((*picture.shape[1:], 3), dtype=kind)
    _interleaved(picture, np.float32(white), np.float32(unit), result)
    return result


@compiled
def _quantized(picture: Any, white: Any, result: Any, first: int, last: int) -> None:
    for c in range(picture.shape[0]):
        for y in range(first, last):
            for x in range(picture.shape[2]):
                cut = min(max(picture[c, y, x], np.float32(0)), np.float32(1))
                result[c, y, x] = np.rint(cut * white) / white


@compiled
def _interleaved(picture: Any, white: Any, unit: Any, result: Any) -> None:
    for y in range(picture.shape[1]):
        for x in range(picture.shape[2]):
            for c in range(3):
                cut = min(max(picture[c, y, x], np.float32(0)), np.float32(1))
                result[y, x, c] = np.rint(cut * white) * unit

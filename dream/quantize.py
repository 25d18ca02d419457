"""Quantization: the one place where floats of 0..1 become whole levels, each to the nearest.

What is beyond 0 and 1 is cut first. Pictures go through compiled loops, which load numba and PyTorch when
they are first needed.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

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
    return _interleaved(np.uint8, picture, WHITE_8)


def rgb48(picture: Planes, white: int = WHITE_16, unit: int = 1) -> NDArray[np.uint16]:
    """Return a picture (3, h, w) as (h, w, 3) 16-bit levels: `white` steps of `unit` lie between 0 and 1."""
    return _interleaved(np.uint16, picture, white, unit)


def quantized(picture: Planes, white: int = WHITE_16) -> Planes:
    """Return a picture (3, h, w) with each value on the nearest of `white` + 1 levels, still as floats.

    Doing it again changes no bit. With `WHITE_8` it is the picture as 8 bits show it: the same whether it was
    quantized to 16 before or not.
    """
    from ..models.cpu.kernels.compiled import over_rows
    from ..models.cpu.kernels.quantize import round_to_levels

    picture = np.ascontiguousarray(picture, np.float32)
    result = np.empty_like(picture)
    over_rows(round_to_levels, picture.shape[1], picture.size, picture, np.float32(white), result)
    return result


def _interleaved(kind: type[Whole], picture: Planes, white: int, unit: int = 1) -> NDArray[Whole]:
    from ..models.cpu.kernels.quantize import interleave_levels

    # It is the encoder's thread that asks, so one thread is enough.
    result = np.empty((*picture.shape[1:], 3), dtype=kind)
    interleave_levels(np.ascontiguousarray(picture, np.float32), np.float32(white), np.float32(unit), result)
    return result

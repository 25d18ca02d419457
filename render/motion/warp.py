"""Moving a picture along a flow: every pixel is sampled anew, by Lanczos' kernel of four lobes a side.

A carried dream is sampled once per frame, so what a kernel blurs is lost again and again: of all that are
affordable this one keeps most of the finest detail (`docs/video-measurements.md`). OpenCV has it too, and is
slower than this loop, which shares a pixel's weights between the channels and works on eight columns at once.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...models.cpu.kernels.compiled import compiled_sums, over_rows
from ..frames.frames import Picture

_LOBES = 4
_TAPS = 2 * _LOBES
_PHASES = 64
"""Places between two pixels that have weights of their own."""


def moved(picture: Picture, back_px: NDArray[np.float32]) -> Picture:
    """Return the picture (c, h, w) whose pixel p is the given one's at p + back_px[p].

    `back_px` is (h, w, 2), to the right and down. Beyond the border the nearest pixel stands in.
    """
    result = np.empty_like(picture)
    over_rows(_moved, picture.shape[1], picture.size * _TAPS, picture, back_px, _weights(), result)
    return result


@cache
def _weights() -> NDArray[np.float32]:
    """Return the weights (phase, tap) of the pixels from 3 to the left to 4 to the right; their sum is 1."""
    phases = np.arange(_PHASES + 1)[:, None] / _PHASES
    away = np.arange(1 - _LOBES, _LOBES + 1) - phases
    weights = np.where(np.abs(away) < _LOBES, np.sinc(away) * np.sinc(away / _LOBES), 0)
    normalised: NDArray[np.float32] = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    return normalised


@compiled_sums
def _moved(picture: Any, back_px: Any, weights: Any, result: Any, first: int, last: int) -> None:
    channels, height, width = picture.shape
    right, bottom = np.float32(width - 1), np.float32(height - 1)
    for y in range(first, last):
        for x in range(width):
            across = min(max(np.float32(x) + back_px[y, x, 0], np.float32(0)), right)
            down = min(max(np.float32(y) + back_px[y, x, 1], np.float32(0)), bottom)
            column, row = int(across), int(down)
            wx = weights[int((across - np.float32(column)) * np.float32(_PHASES) + np.float32(0.5))]
            wy = weights[int((down - np.float32(row)) * np.float32(_PHASES) + np.float32(0.5))]
            column -= _LOBES - 1
            row -= _LOBES - 1
            if column >= 0 and column + _TAPS <= width and row >= 0 and row + _TAPS <= height:
                for c in range(channels):
                    result[c, y, x] = _inside(picture, c, row, column, wx, wy)
            else:
                for c in range(channels):
                    result[c, y, x] = _at_border(picture, c, row, column, wx, wy)


@compiled_sums
def _inside(picture: Any, c: int, row: int, column: int, wx: Any, wy: Any) -> Any:
    """Sample where all 8x8 pixels are there: eight sums that the processor makes at once."""
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = np.float32(0)
    for tap in range(_TAPS):
        weight = wy[tap]
        line = picture[c, row + tap]
        s0 += weight * line[column]
        s1 += weight * line[column + 1]
        s2 += weight * line[column + 2]
        s3 += weight * line[column + 3]
        s4 += weight * line[column + 4]
        s5 += weight * line[column + 5]
        s6 += weight * line[column + 6]
        s7 += weight * line[column + 7]
    left = (s0 * wx[0] + s1 * wx[1]) + (s2 * wx[2] + s3 * wx[3])
    return left + ((s4 * wx[4] + s5 * wx[5]) + (s6 * wx[6] + s7 * wx[7]))


@compiled_sums
def _at_border(picture: Any, c: int, row: int, column: int, wx: Any, wy: Any) -> Any:
    _, height, width = picture.shape
    total = np.float32(0)
    for tap in range(_TAPS):
        line = picture[c, min(max(row + tap, 0), height - 1)]
        along = np.float32(0)
        for place in range(_TAPS):
            along += wx[place] * line[min(max(column + place, 0), width - 1)]
        total += wy[tap] * along
    return total

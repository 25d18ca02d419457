"""Max pooling with one byte per cell to find the way back.

Forward keeps for every cell which tap of its window held the maximum (the first of equal ones, in row-major
order). Backward gathers: each cell of the bottom looks at the few windows that contain it and takes what they
send to its tap, so nothing is filled with zeros and nothing is written twice.

Windows of 3 x 3 and 2 x 2, which networks have, are worked on with all of their cells in registers. One that
reaches beyond the map repeats the nearest cells inside, under their own numbers: of equal ones the first
counts, so nothing changes.

Of a bottom that went through a ReLU, a maximum of 0 means that the whole window was cut off: its gradient
ends there. Such cells are marked CUT, and the gradient that comes out is that in front of the ReLU already,
without a further pass over the largest maps of the network.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from .apart import nearest, read, row_start, write
from .bfloat16 import order
from .compiled import cells, compiled, empty_map, over_rows, written_cells
from .max_pool_back import CUT, backward, backward_in_fours, backward_of_nines

Pair = tuple[int, int]


def max_pool(
    bottom: Tensor,
    size: Pair,
    kernel: Pair,
    stride: Pair,
    pad: Pair,
    *,
    rectified: bool,
    into: tuple[Tensor, Tensor] | None = None,
) -> tuple[Tensor, Tensor]:
    """Return the maxima of (n, c, h, w) in channels_last order, and the taps, (n, c, *size) uint8.

    `size` is the (height, width) of the top. Windows without any cell hold the lowest number there is. With
    `rectified` no gradient passes where the maximum is not above 0. `into` are maps to write the two to.
    """
    channels = bottom.shape[1]
    top, taps = into or (
        empty_map(bottom, channels, *size), empty_map(bottom, channels, *size, dtype=torch.uint8)
    )  # fmt: skip
    lowest = torch.full((1,), torch.finfo(bottom.dtype).min, dtype=bottom.dtype)
    lowest = lowest.view(torch.int16) if bottom.dtype == torch.bfloat16 else lowest
    over_rows(
        _forward, len(top) * size[0], bottom.numel(),
        cells(bottom), written_cells(top), written_cells(taps), lowest.numpy()[0],
        kernel, stride, pad, rectified,
    )  # fmt: skip
    return top, taps


def max_pool_backward(
    gradient: Tensor,
    taps: Tensor,
    size: Pair,
    kernel: Pair,
    stride: Pair,
    pad: Pair,
    *,
    into: Tensor | None = None,
) -> Tensor:
    """Return the gradient at the bottom of (height, width) `size` from the one at the top, channels_last.

    `into` is a map to write it to.
    """
    below = empty_map(gradient, gradient.shape[1], *size) if into is None else into
    loop, rows = backward, size[0]
    if stride == (2, 2) and kernel in ((3, 3), (2, 2)):
        loop, rows = backward_in_fours, (size[0] + pad[0] + 1) // 2
    elif stride == (1, 1) and kernel == (3, 3):
        loop = backward_of_nines
    over_rows(
        loop, len(below) * rows, below.numel(),
        cells(gradient), cells(taps), written_cells(below), kernel, stride, pad,
    )  # fmt: skip
    return below


@compiled
def _forward(
    x: Any, y: Any, taps: Any, lowest: Any, kernel: Pair, stride: Pair, pad: Pair, rectified: bool,
    first: int, last: int,
) -> None:  # fmt: skip
    rows = y.shape[1]
    best, tap = np.empty(x.shape[3], x.dtype), np.empty(x.shape[3], np.uint8)
    for index in range(first, last):
        n, row = index // rows, index % rows
        top = row * stride[0] - pad[0]
        for column in range(y.shape[2]):
            left = column * stride[1] - pad[1]
            there = row_start(y.shape, n, row) + column * y.shape[3]
            has_cells = -kernel[0] < top < x.shape[1] and -kernel[1] < left < x.shape[2]
            if kernel == (3, 3) and has_cells:
                _of_nine(x, y, taps, n, top, left, there, rectified)
            elif kernel == (2, 2) and has_cells:
                _of_four(x, y, taps, n, top, left, there, rectified)
            else:
                best[:], tap[:] = order(lowest), CUT
                _of_any(x, y, taps, n, top, left, there, rectified, kernel, best, tap)


@compiled
def _of_nine(x: Any, y: Any, taps: Any, n: int, top: int, left: int, there: int, rectified: bool) -> None:
    """The window of 3 x 3 that begins at (top, left)."""
    height, width, channels = x.shape[1:]
    upper, middle, lower = nearest(top, height), nearest(top + 1, height), nearest(top + 2, height)
    i, j, k = nearest(left, width), nearest(left + 1, width), nearest(left + 2, width)
    a, b, c = 3 * (upper - top) - left, 3 * (middle - top) - left, 3 * (lower - top) - left
    at_a, at_b, at_c = (
        row_start(x.shape, n, upper),
        row_start(x.shape, n, middle),
        row_start(x.shape, n, lower),
    )
    at_i, at_j, at_k = i * channels, j * channels, k * channels
    for channel in range(channels):
        most, number = order(read(x, at_a + at_i + channel)), np.uint8(a + i)
        most, number = _larger(most, number, read(x, at_a + at_j + channel), a + j)
        most, number = _larger(most, number, read(x, at_a + at_k + channel), a + k)
        most, number = _larger(most, number, read(x, at_b + at_i + channel), b + i)
        most, number = _larger(most, number, read(x, at_b + at_j + channel), b + j)
        most, number = _larger(most, number, read(x, at_b + at_k + channel), b + k)
        most, number = _larger(most, number, read(x, at_c + at_i + channel), c + i)
        most, number = _larger(most, number, read(x, at_c + at_j + channel), c + j)
        most, number = _larger(most, number, read(x, at_c + at_k + channel), c + k)
        write(y, there + channel, order(most), 0)
        write(taps, there + channel, number if most > 0 or not rectified else np.uint8(CUT), 1)


@compiled
def _of_four(x: Any, y: Any, taps: Any, n: int, top: int, left: int, there: int, rectified: bool) -> None:
    """The window of 2 x 2 that begins at (top, left)."""
    height, width, channels = x.shape[1:]
    upper, lower = nearest(top, height), nearest(top + 1, height)
    i, j = nearest(left, width), nearest(left + 1, width)
    a, b = 2 * (upper - top) - left, 2 * (lower - top) - left
    at_a, at_b = row_start(x.shape, n, upper), row_start(x.shape, n, lower)
    at_i, at_j = i * channels, j * channels
    for channel in range(channels):
        most, number = order(read(x, at_a + at_i + channel)), np.uint8(a + i)
        most, number = _larger(most, number, read(x, at_a + at_j + channel), a + j)
        most, number = _larger(most, number, read(x, at_b + at_i + channel), b + i)
        most, number = _larger(most, number, read(x, at_b + at_j + channel), b + j)
        write(y, there + channel, order(most), 0)
        write(taps, there + channel, number if most > 0 or not rectified else np.uint8(CUT), 1)


@compiled
def _larger(most: Any, number: Any, value: Any, place: int) -> Any:
    value = order(value)
    return (value if value > most else most), (np.uint8(place) if value > most else number)


@compiled
def _of_any(
    x: Any, y: Any, taps: Any, n: int, top: int, left: int, there: int, rectified: bool, kernel: Pair,
    best: Any, tap: Any,
) -> None:  # fmt: skip
    """A window of any size; `best` and `tap` have the lowest number there is, and CUT."""
    height, width, channels = x.shape[1:]
    for ky in range(max(0, -top), min(kernel[0], height - top)):
        for kx in range(max(0, -left), min(kernel[1], width - left)):
            here, number = row_start(x.shape, n, top + ky) + (left + kx) * channels, ky * kernel[1] + kx
            for c in range(channels):
                value = order(read(x, here + c))
                new = value > best[c] or tap[c] == CUT
                best[c], tap[c] = value if new else best[c], np.uint8(number) if new else tap[c]
    for c in range(channels):
        write(y, there + c, order(best[c]), 0)
        write(taps, there + c, tap[c] if best[c] > 0 or not rectified else np.uint8(CUT), 1)

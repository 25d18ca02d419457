"""Max pooling with one byte per cell to find the way back.

Forward keeps for every cell which tap of its window held the maximum (the first of equal ones, in row-major
order). Backward gathers: each cell of the bottom looks at the few windows that contain it and takes what they
send to its tap, so nothing is filled with zeros and nothing is written twice.

Windows of 3 x 3 and 2 x 2, which networks have, are worked on with all of their cells in registers. One that
reaches beyond the map repeats the nearest cells inside: of equal ones the first counts, so nothing changes
but the numbers of taps, where the window begins before the map.

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
    rows, columns = y.shape[1:3]
    # The columns whose windows have cells, where windows of 3 x 3 and 2 x 2 are concerned.
    some = min(columns, (x.shape[2] - 1 + pad[1]) // stride[1] + 1) if max(pad) < min(kernel) else 0
    best, tap = np.empty(x.shape[3], x.dtype), np.empty(x.shape[3], np.uint8)
    for index in range(first, last):
        n, row = index // rows, index % rows
        top, done = row * stride[0] - pad[0], 0
        if top < x.shape[1] and kernel == (3, 3):
            _of_nines(x, y, taps, n, row, some, top, stride[1], pad[1], rectified)
            done = some
        elif top < x.shape[1] and kernel == (2, 2):
            _of_fours(x, y, taps, n, row, some, top, stride[1], pad[1], rectified)
            done = some
        for column in range(done, columns):
            left, there = column * stride[1] - pad[1], row_start(y.shape, n, row) + column * y.shape[3]
            best[:], tap[:] = order(lowest), CUT
            _of_any(x, y, taps, n, top, left, there, rectified, kernel, best, tap)


@compiled
def _of_nines(
    x: Any, y: Any, taps: Any, n: int, row: int, columns: int, top: int, stride: int, pad: int,
    rectified: bool,
) -> None:  # fmt: skip
    """A row of windows of 3 x 3 that begin at `top`."""
    height, width, channels = x.shape[1:]
    a = row_start(x.shape, n, nearest(top, height))
    b = row_start(x.shape, n, nearest(top + 1, height))
    c = row_start(x.shape, n, nearest(top + 2, height))
    for column in range(columns):
        left, there = column * stride - pad, row_start(y.shape, n, row) + column * channels
        i, j, k = nearest(left, width), nearest(left + 1, width), nearest(left + 2, width)
        i, j, k = i * channels, j * channels, k * channels
        for channel in range(channels):
            most, number = order(read(x, a + i + channel)), np.uint8(0)
            most, number = _larger(most, number, read(x, a + j + channel), np.uint8(1))
            most, number = _larger(most, number, read(x, a + k + channel), np.uint8(2))
            most, number = _larger(most, number, read(x, b + i + channel), np.uint8(3))
            most, number = _larger(most, number, read(x, b + j + channel), np.uint8(4))
            most, number = _larger(most, number, read(x, b + k + channel), np.uint8(5))
            most, number = _larger(most, number, read(x, c + i + channel), np.uint8(6))
            most, number = _larger(most, number, read(x, c + j + channel), np.uint8(7))
            most, number = _larger(most, number, read(x, c + k + channel), np.uint8(8))
            write(y, there + channel, order(most), 0)
            write(taps, there + channel, number if most > 0 or not rectified else np.uint8(CUT), 1)
        if top < 0 or left < 0:
            _renumber(taps[n, row, column], 3, max(0, -top), max(0, -left))


@compiled
def _of_fours(
    x: Any, y: Any, taps: Any, n: int, row: int, columns: int, top: int, stride: int, pad: int,
    rectified: bool,
) -> None:  # fmt: skip
    """A row of windows of 2 x 2 that begin at `top`."""
    height, width, channels = x.shape[1:]
    a = row_start(x.shape, n, nearest(top, height))
    b = row_start(x.shape, n, nearest(top + 1, height))
    for column in range(columns):
        left, there = column * stride - pad, row_start(y.shape, n, row) + column * channels
        i, j = nearest(left, width) * channels, nearest(left + 1, width) * channels
        for channel in range(channels):
            most, number = order(read(x, a + i + channel)), np.uint8(0)
            most, number = _larger(most, number, read(x, a + j + channel), np.uint8(1))
            most, number = _larger(most, number, read(x, b + i + channel), np.uint8(2))
            most, number = _larger(most, number, read(x, b + j + channel), np.uint8(3))
            write(y, there + channel, order(most), 0)
            write(taps, there + channel, number if most > 0 or not rectified else np.uint8(CUT), 1)
        if top < 0 or left < 0:
            _renumber(taps[n, row, column], 2, max(0, -top), max(0, -left))


@compiled
def _larger(most: Any, number: Any, value: Any, place: Any) -> Any:
    value = order(value)
    return (value if value > most else most), (place if value > most else number)


@compiled
def _renumber(taps: Any, side: int, down: int, right: int) -> None:
    """Give the first taps of a window that begins before the map the numbers of the cells they repeat.

    `down` and `right` are how many of its rows and columns are not there.
    """
    for c in range(taps.shape[0]):
        tap = taps[c]
        row, column = tap // side, tap % side
        if tap != CUT:
            taps[c] = (row + down if row == 0 else row) * side + (column + right if column == 0 else column)


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

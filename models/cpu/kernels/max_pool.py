"""Max pooling with one byte per cell to find the way back.

Forward keeps for every cell which tap of its window held the maximum (the first of equal ones, in row-major
order). Backward gathers: each cell of the bottom looks at the few windows that contain it and takes what they
send to its tap, so nothing is filled with zeros and nothing is written twice.

Of a bottom that went through a ReLU, a maximum of 0 means that the whole window was cut off: its gradient
ends there. Such cells are marked CUT, and the gradient that comes out is that in front of the ReLU already,
without a further pass over the largest maps of the network.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from .bfloat16 import order, short, wide
from .compiled import cells, compiled, empty_map, over_rows, written_cells

Pair = tuple[int, int]
CUT = 255
"""The tap of a window that sends no gradient back."""


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
    over_rows(
        _backward, len(below) * size[0], below.numel(),
        cells(gradient), cells(taps), written_cells(below), kernel, stride, pad,
    )  # fmt: skip
    return below


@compiled
def _forward(
    x: Any, y: Any, taps: Any, lowest: Any, kernel: Pair, stride: Pair, pad: Pair, rectified: bool,
    first: int, last: int,
) -> None:  # fmt: skip
    height, width, channels = x.shape[1:]
    rows = y.shape[1]
    for index in range(first, last):
        n, row = index // rows, index % rows
        top, left = row * stride[0] - pad[0], 0
        for column in range(y.shape[2]):
            left = column * stride[1] - pad[1]
            best, tap = y[n, row, column], taps[n, row, column]
            if kernel == (3, 3) and min(top, left) >= 0 and top + 3 <= height and left + 3 <= width:
                _nine(x[n], top, left, best, tap, rectified)
                continue
            for c in range(channels):
                best[c], tap[c] = lowest, CUT
            for ky in range(max(0, -top), min(kernel[0], height - top)):
                for kx in range(max(0, -left), min(kernel[1], width - left)):
                    here, number = x[n, top + ky, left + kx], np.uint8(ky * kernel[1] + kx)
                    for c in range(channels):
                        new = order(here[c]) > order(best[c]) or tap[c] == CUT
                        best[c] = here[c] if new else best[c]
                        tap[c] = number if new else tap[c]
            if rectified:
                for c in range(channels):
                    tap[c] = tap[c] if order(best[c]) > 0 else CUT


@compiled
def _nine(x: Any, top: int, left: int, best: Any, tap: Any, rectified: bool) -> None:
    """A whole window of 3 x 3 in registers: what most networks have nearly everywhere."""
    a, b, c = x[top, left], x[top, left + 1], x[top, left + 2]
    d, e, f = x[top + 1, left], x[top + 1, left + 1], x[top + 1, left + 2]
    g, h, i = x[top + 2, left], x[top + 2, left + 1], x[top + 2, left + 2]
    for channel in range(best.shape[0]):
        most, number = a[channel], np.uint8(0)
        most, number = _larger(most, number, b[channel], np.uint8(1))
        most, number = _larger(most, number, c[channel], np.uint8(2))
        most, number = _larger(most, number, d[channel], np.uint8(3))
        most, number = _larger(most, number, e[channel], np.uint8(4))
        most, number = _larger(most, number, f[channel], np.uint8(5))
        most, number = _larger(most, number, g[channel], np.uint8(6))
        most, number = _larger(most, number, h[channel], np.uint8(7))
        most, number = _larger(most, number, i[channel], np.uint8(8))
        best[channel] = most
        tap[channel] = number if order(most) > 0 or not rectified else np.uint8(CUT)


@compiled
def _larger(most: Any, number: Any, value: Any, place: Any) -> Any:
    new = order(value) > order(most)
    return (value if new else most), (place if new else number)


@compiled
def _backward(
    g: Any, taps: Any, dx: Any, kernel: Pair, stride: Pair, pad: Pair, first: int, last: int
) -> None:
    height, width, channels = dx.shape[1:]
    rows, columns = g.shape[1:3]
    total = np.empty(channels, np.float32)
    for index in range(first, last):
        n, y = index // height, index % height
        above = max(0, (y + pad[0] - kernel[0] + stride[0]) // stride[0])
        below = min(rows - 1, (y + pad[0]) // stride[0])
        for x in range(width):
            before = max(0, (x + pad[1] - kernel[1] + stride[1]) // stride[1])
            after = min(columns - 1, (x + pad[1]) // stride[1])
            here, down, across = dx[n, y, x], below - above + 1, after - before + 1
            number = (y + pad[0] - above * stride[0]) * kernel[1] + x + pad[1] - before * stride[1]
            if down == 1 and across == 1:
                _one(here, g[n, above, before], taps[n, above, before], np.uint8(number))
            elif down * across == 2:
                step = stride[1] if across == 2 else stride[0] * kernel[1]
                _two(
                    here, g[n, above, before], g[n, below, after], taps[n, above, before],
                    taps[n, below, after], np.uint8(number), np.uint8(number - step),
                )  # fmt: skip
            elif down == 2 and across == 2:
                _four(here, g[n], taps[n], above, before, number, stride[1], stride[0] * kernel[1])
            else:
                total[:] = 0
                for row in range(above, below + 1):
                    for column in range(before, after + 1):
                        back = (row - above) * stride[0] * kernel[1] + (column - before) * stride[1]
                        _add(total, g[n, row, column], taps[n, row, column], np.uint8(number - back))
                for c in range(channels):
                    here[c] = short(total[c], here[c])


@compiled
def _one(here: Any, sent: Any, tap: Any, number: Any) -> None:
    """A cell in one window."""
    for c in range(here.shape[0]):
        here[c] = short(_if_there(sent[c], tap[c], number), here[c])


@compiled
def _two(here: Any, a: Any, b: Any, tap_a: Any, tap_b: Any, number_a: Any, number_b: Any) -> None:
    """A cell in two windows beside or above each other."""
    for c in range(here.shape[0]):
        here[c] = short(_if_there(a[c], tap_a[c], number_a) + _if_there(b[c], tap_b[c], number_b), here[c])


@compiled
def _four(here: Any, g: Any, taps: Any, row: int, column: int, number: int, right: int, down: int) -> None:
    """A cell in four windows, of which (row, column) is the upper left one."""
    a, b, c, d = g[row, column], g[row, column + 1], g[row + 1, column], g[row + 1, column + 1]
    at_a, at_b = taps[row, column], taps[row, column + 1]
    at_c, at_d = taps[row + 1, column], taps[row + 1, column + 1]
    first, second = np.uint8(number), np.uint8(number - right)
    third, fourth = np.uint8(number - down), np.uint8(number - down - right)
    for k in range(here.shape[0]):
        upper = _if_there(a[k], at_a[k], first) + _if_there(b[k], at_b[k], second)
        lower = _if_there(c[k], at_c[k], third) + _if_there(d[k], at_d[k], fourth)
        here[k] = short(upper + lower, here[k])


@compiled
def _add(total: Any, sent: Any, tap: Any, number: Any) -> None:
    for c in range(total.shape[0]):
        total[c] += _if_there(sent[c], tap[c], number)


@compiled
def _if_there(sent: Any, tap: Any, number: Any) -> Any:
    """What a window sends to its tap `number`."""
    # Read in any case: bfloat16 that is read under a condition only is read one by one.
    value = wide(sent)
    return value if tap == number else np.float32(0)

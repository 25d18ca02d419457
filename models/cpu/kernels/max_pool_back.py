"""The loops of max pooling's way back, over rows of the bottom (max_pool.py says what they are for).

Under windows of 3 x 3 and 2 x 2 with a stride of 2, four cells of the bottom are one piece of work, so that
what a window sends is read once or twice instead of nine times:

    a  .  b  .     windows of 3 x 3 begin at a, b, c and d, and d is the first of the four cells: d is in all
    .  .  .  .     four windows, 2 in b and d, 3 in c and d, 4 in d alone. Of windows of 2 x 2, all four are
    c  .  d  2     in d alone.
    .  .  3  4
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .apart import nearest, read, row_start, write
from .bfloat16 import short, wide
from .compiled import compiled

Pair = tuple[int, int]
CUT = 255
"""The tap of a window that sends no gradient back."""
_MISSING = 100
"""What makes the number of a tap one that no small window has."""


@compiled
def backward(
    g: Any, taps: Any, dx: Any, kernel: Pair, stride: Pair, pad: Pair, first: int, last: int
) -> None:
    """Rows of the bottom, under windows of any size."""
    height = dx.shape[1]
    total = np.empty(dx.shape[3], np.float32)
    for index in range(first, last):
        for x in range(dx.shape[2]):
            _cell(g, taps, dx, kernel, stride, pad, index // height, index % height, x, total)


@compiled
def _cell(
    g: Any, taps: Any, dx: Any, kernel: Pair, stride: Pair, pad: Pair, n: int, y: int, x: int, total: Any
) -> None:
    """One cell of the bottom under all windows that contain it."""
    channels = dx.shape[3]
    above, before = y + pad[0] - kernel[0], x + pad[1] - kernel[1]
    total[:] = 0
    for row in range(max(0, above // stride[0] + 1), min(g.shape[1], (y + pad[0]) // stride[0] + 1)):
        for column in range(max(0, before // stride[1] + 1), min(g.shape[2], (x + pad[1]) // stride[1] + 1)):
            there = row_start(g.shape, n, row) + column * channels
            number = (y + pad[0] - row * stride[0]) * kernel[1] + x + pad[1] - column * stride[1]
            for c in range(channels):
                total[c] += _if_there(read(g, there + c), read(taps, there + c), np.uint8(number))
    here, like = row_start(dx.shape, n, y) + x * channels, dx[0, 0, 0, 0]
    for c in range(channels):
        write(dx, here + c, short(total[c], like), 0)


@compiled
def backward_in_fours(
    g: Any, taps: Any, dx: Any, kernel: Pair, stride: Pair, pad: Pair, first: int, last: int
) -> None:
    """Pairs of rows of the bottom, under windows of 3 x 3 or 2 x 2 with a stride of 2."""
    height, width, channels = dx.shape[1:]
    pairs = (height + pad[0] + 1) // 2
    total = np.empty(channels, np.float32)
    for index in range(first, last):
        n, row = index // pairs, index % pairs
        y, begin, end = 2 * row - pad[0], (pad[1] + 1) // 2, (width + pad[1]) // 2  # pairs of columns
        if y < 0 or y + 1 >= height:
            end = begin
        elif kernel == (3, 3):
            _fours_under_nines(g, taps, dx, n, row, y, begin, end, pad[1])
        else:
            _fours_under_one(g, taps, dx, n, row, y, begin, end, pad[1])
        for down in range(max(0, y), min(height, y + 2)):
            for across in range(max(0, 2 * begin - pad[1])):
                _cell(g, taps, dx, kernel, stride, pad, n, down, across, total)
            for across in range(2 * end - pad[1], width):
                _cell(g, taps, dx, kernel, stride, pad, n, down, across, total)


@compiled
def _window(shape: Any, n: int, row: int, column: int) -> Any:
    """Where a window is in the top, and 0; for one beyond it, the nearest, and what makes all taps none."""
    there = 0 <= row < shape[1] and 0 <= column < shape[2]
    place = row_start(shape, n, nearest(row, shape[1])) + nearest(column, shape[2]) * shape[3]
    return place, 0 if there else _MISSING


@compiled
def _fours_under_nines(
    g: Any, taps: Any, dx: Any, n: int, row: int, y: int, begin: int, end: int, pad: int
) -> None:
    """Pairs of columns from `begin` to `end`; at (y, 2 * column - pad) the window (row, column) begins."""
    channels, like = dx.shape[3], dx[0, 0, 0, 0]
    for column in range(begin, end):
        (a, no_a), (b, no_b) = _window(g.shape, n, row - 1, column - 1), _window(g.shape, n, row - 1, column)
        (c, no_c), (d, no_d) = _window(g.shape, n, row, column - 1), _window(g.shape, n, row, column)
        upper = row_start(dx.shape, n, y) + (2 * column - pad) * channels
        lower = row_start(dx.shape, n, y + 1) + (2 * column - pad) * channels
        for i in range(channels):
            at_a, at_b = read(taps, a + i), read(taps, b + i)
            at_c, at_d = read(taps, c + i), read(taps, d + i)
            sent_b, sent_c, sent_d = read(g, b + i), read(g, c + i), read(g, d + i)
            above = _if_there(read(g, a + i), at_a, 8 + no_a) + _if_there(sent_b, at_b, 6 + no_b)
            below = _if_there(sent_c, at_c, 2 + no_c) + _if_there(sent_d, at_d, no_d)
            write(dx, upper + i, short(above + below, like), 0)
            total = _if_there(sent_b, at_b, 7 + no_b) + _if_there(sent_d, at_d, 1 + no_d)
            write(dx, upper + channels + i, short(total, like), 1)
            total = _if_there(sent_c, at_c, 5 + no_c) + _if_there(sent_d, at_d, 3 + no_d)
            write(dx, lower + i, short(total, like), 2)
            write(dx, lower + channels + i, short(_if_there(sent_d, at_d, 4 + no_d), like), 3)


@compiled
def _fours_under_one(
    g: Any, taps: Any, dx: Any, n: int, row: int, y: int, begin: int, end: int, pad: int
) -> None:
    """The same under windows of 2 x 2: four cells are those of the window (row, column) alone."""
    channels, like = dx.shape[3], dx[0, 0, 0, 0]
    for column in range(begin, end):
        window, no = _window(g.shape, n, row, column)
        upper = row_start(dx.shape, n, y) + (2 * column - pad) * channels
        lower = row_start(dx.shape, n, y + 1) + (2 * column - pad) * channels
        for i in range(channels):
            sent, tap = read(g, window + i), read(taps, window + i)
            write(dx, upper + i, short(_if_there(sent, tap, no), like), 0)
            write(dx, upper + channels + i, short(_if_there(sent, tap, 1 + no), like), 1)
            write(dx, lower + i, short(_if_there(sent, tap, 2 + no), like), 2)
            write(dx, lower + channels + i, short(_if_there(sent, tap, 3 + no), like), 3)


@compiled
def backward_of_nines(
    g: Any, taps: Any, dx: Any, kernel: Pair, stride: Pair, pad: Pair, first: int, last: int
) -> None:
    """Rows of the bottom, under windows of 3 x 3 with a stride of 1: nine of them over every cell."""
    height, width, channels = dx.shape[1:]
    shape, like = g.shape, dx[0, 0, 0, 0]
    for index in range(first, last):
        n, y = index // height, index % height
        row = y + pad[0] - 2
        for x in range(width):
            column, here = x + pad[1] - 2, row_start(dx.shape, n, y) + x * channels
            (a, no_a), (b, no_b) = _window(shape, n, row, column), _window(shape, n, row, column + 1)
            (c, no_c), (d, no_d) = _window(shape, n, row, column + 2), _window(shape, n, row + 1, column)
            e, no_e = _window(shape, n, row + 1, column + 1)
            (f, no_f), (h, no_h) = _window(shape, n, row + 1, column + 2), _window(shape, n, row + 2, column)
            j, no_j = _window(shape, n, row + 2, column + 1)
            k, no_k = _window(shape, n, row + 2, column + 2)
            for i in range(channels):
                total = _if_there(read(g, a + i), read(taps, a + i), 8 + no_a)
                total += _if_there(read(g, b + i), read(taps, b + i), 7 + no_b)
                total += _if_there(read(g, c + i), read(taps, c + i), 6 + no_c)
                total += _if_there(read(g, d + i), read(taps, d + i), 5 + no_d)
                total += _if_there(read(g, e + i), read(taps, e + i), 4 + no_e)
                total += _if_there(read(g, f + i), read(taps, f + i), 3 + no_f)
                total += _if_there(read(g, h + i), read(taps, h + i), 2 + no_h)
                total += _if_there(read(g, j + i), read(taps, j + i), 1 + no_j)
                total += _if_there(read(g, k + i), read(taps, k + i), no_k)
                write(dx, here + i, short(total, like), 0)


@compiled
def _if_there(sent: Any, tap: Any, number: Any) -> Any:
    """What a window sends to its tap `number`."""
    # Read in any case: bfloat16 that is read under a condition only is read one by one.
    value = wide(sent)
    return value if tap == np.uint8(number) else np.float32(0)

"""LRN across channels in one pass forward and one back; the formulas are in layers/lrn.py.

Some cells at a time, as many as the first cache holds: their squares, between zeros, are added up over the
window and raised to the power in float32, whatever the map's type. Nothing of that is stored: backward
computes the scale again from the bottom.

    the map       |a b c d|e f g h|           two cells of four channels
    padded     0 0 a b c d 0 0 e f g h 0 0    every window of five lies within it
"""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from .apart import read, write
from .bfloat16 import short, wide
from .compiled import cells, compiled, empty_map, over_rows, written_cells
from .powers import multiply_add, three_quarters_and_whole

_AT_ONCE = 2048  # floats of 4 bytes, of which backward has five such lots


def lrn(x: Tensor, size: int, rate: float, beta: float, k: float, *, into: Tensor | None = None) -> Tensor:
    """Return x * (k + rate * sum of x^2 over `size` channels around)^-beta, (n, c, h, w) channels_last.

    `into` is a map to write it to; it may be x itself.
    """
    y = empty_map(x, *x.shape[1:]) if into is None else into
    rest = _numbers(size, rate, beta, k)
    over_rows(_forward, x.numel() // x.shape[1], x.numel(), _rows(cells(x)), _rows(written_cells(y)), *rest)
    return y


def lrn_backward(
    gradient: Tensor,
    x: Tensor,
    size: int,
    rate: float,
    beta: float,
    k: float,
    *,
    rectified: bool,
    into: Tensor | None = None,
) -> Tensor:
    """Return the gradient at the bottom x; with `rectified` none passes where x is not above 0.

    `into` is a map to write it to; it may be the gradient itself.
    """
    below = empty_map(x, *x.shape[1:]) if into is None else into
    over_rows(
        _backward, x.numel() // x.shape[1], x.numel(),
        _rows(cells(gradient)), _rows(cells(x)), _rows(written_cells(below)),
        *_numbers(size, rate, beta, k), rectified,
    )  # fmt: skip
    return below


def _rows(array: Any) -> Any:
    return array.reshape(-1, array.shape[3])


def _numbers(size: int, rate: float, beta: float, k: float) -> tuple[Any, ...]:
    """Return half the window, the formula's numbers, and whether they are such as `powers` is made for."""
    simple = beta == 0.75 and k > 0 and rate >= 0
    return size // 2, np.float32(rate), np.float32(beta), np.float32(k), simple


@compiled
def _pad(x: Any, start: int, count: int, padded: Any, half: int) -> None:
    """Copy cells of x to between the zeros of `padded`."""
    channels = x.shape[1]
    for cell in range(count):
        here, there = (start + cell) * channels, cell * padded.shape[1] + half
        for c in range(channels):
            write(padded, there + c, wide(read(x, here + c)), 0)


@compiled
def _scale(padded: Any, count: int, scale: Any, half: int, rate: Any, k: Any) -> None:
    """scale = k + rate * the window's energy."""
    channels = scale.shape[1]
    for cell in range(count):
        there, here = cell * channels, cell * padded.shape[1]
        if half == 2:  # local_size 5, as published
            for c in range(channels):
                a, b, d = read(padded, here + c), read(padded, here + 1 + c), read(padded, here + 2 + c)
                e, f = read(padded, here + 3 + c), read(padded, here + 4 + c)
                outer, inner = multiply_add(a, a, f * f), multiply_add(b, b, e * e)
                write(scale, there + c, multiply_add(rate, multiply_add(d, d, outer + inner), k), 0)
        else:
            line, total = padded[cell], scale[cell]
            total[:] = k
            for shift in range(2 * half + 1):
                for c in range(channels):
                    total[c] = multiply_add(rate * line[shift + c], line[shift + c], total[c])


@compiled
def _forward(
    x: Any, y: Any, half: int, rate: Any, beta: Any, k: Any, simple: bool, first: int, last: int
) -> None:
    channels = x.shape[1]
    most = max(1, _AT_ONCE // channels)
    padded = np.zeros((most, channels + 2 * half), np.float32)
    scale = np.empty((most, channels), np.float32)
    for start in range(first, last, most):
        count = min(last - start, most)
        _pad(x, start, count, padded, half)
        _scale(padded, count, scale, half, rate, k)
        here, there = x[start : start + count].reshape(-1), y[start : start + count].reshape(-1)
        powers = scale.reshape(-1)
        if simple:
            for i in range(here.shape[0]):
                there[i] = short(wide(here[i]) * three_quarters_and_whole(powers[i])[0], there[i])
        else:
            for i in range(here.shape[0]):
                there[i] = short(wide(here[i]) * powers[i] ** -beta, there[i])


@compiled
def _shares(
    g: Any, x: Any, start: int, count: int, scale: Any, sent: Any, padded: Any, half: int, beta: Any,
    simple: bool,
) -> None:  # fmt: skip
    """sent = g * scale^-beta, and padded = that times x / scale."""
    channels = scale.shape[1]
    for cell in range(count):
        here, line, out = (start + cell) * channels, cell * channels, cell * padded.shape[1] + half
        if simple:
            for c in range(channels):
                power, inverse = three_quarters_and_whole(read(scale, line + c))
                value = wide(read(g, here + c)) * power
                write(sent, line + c, value, 0)
                write(padded, out + c, value * wide(read(x, here + c)) * inverse, 1)
        else:
            for c in range(channels):
                s = read(scale, line + c)
                value = wide(read(g, here + c)) * s**-beta
                write(sent, line + c, value, 0)
                write(padded, out + c, value * wide(read(x, here + c)) / s, 1)


@compiled
def _gather(
    sent: Any, padded: Any, x: Any, dx: Any, start: int, count: int, half: int, factor: Any, rectified: bool
) -> None:
    """dx = sent - factor * x * the window's sum of `padded`."""
    channels, like = x.shape[1], dx[0, 0]
    for cell in range(count):
        here, line, there = cell * channels, cell * padded.shape[1], (start + cell) * channels
        if half == 2:
            for c in range(channels):
                a, b, d = read(padded, line + c), read(padded, line + 1 + c), read(padded, line + 2 + c)
                e, f = read(padded, line + 3 + c), read(padded, line + 4 + c)
                value, total = wide(read(x, there + c)), (a + f) + (b + e) + d
                below = multiply_add(factor * value, total, read(sent, here + c))
                write(dx, there + c, short(below if value > 0 or not rectified else np.float32(0), like), 0)
        else:
            out = sent[cell]
            for shift in range(2 * half + 1):
                for c in range(channels):
                    out[c] = multiply_add(factor * wide(x[start + cell, c]), padded[cell, shift + c], out[c])
            for c in range(channels):
                passes = wide(x[start + cell, c]) > 0 or not rectified
                write(dx, there + c, short(out[c] if passes else np.float32(0), like), 0)


@compiled
def _backward(
    g: Any, x: Any, dx: Any, half: int, rate: Any, beta: Any, k: Any, simple: bool, rectified: bool,
    first: int, last: int,
) -> None:  # fmt: skip
    channels = x.shape[1]
    most = max(1, _AT_ONCE // channels)
    padded = np.zeros((most, channels + 2 * half), np.float32)
    shares = np.zeros((most, channels + 2 * half), np.float32)
    scale, sent = np.empty((most, channels), np.float32), np.empty((most, channels), np.float32)
    factor = np.float32(-2) * rate * beta
    for start in range(first, last, most):
        count = min(last - start, most)
        _pad(x, start, count, padded, half)
        _scale(padded, count, scale, half, rate, k)
        _shares(g, x, start, count, scale, sent, shares, half, beta, simple)
        _gather(sent, shares, x, dx, start, count, half, factor, rectified)

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
def _pad(x: Any, padded: Any, half: int) -> None:
    """Copy cells (count, channels) to between the zeros of `padded`."""
    for cell in range(x.shape[0]):
        here, there = x[cell], padded[cell, half : half + x.shape[1]]
        for c in range(x.shape[1]):
            there[c] = wide(here[c])


@compiled
def _scale(padded: Any, scale: Any, half: int, rate: Any, k: Any) -> None:
    """scale = k + rate * the window's energy, for cells (count, channels)."""
    channels = scale.shape[1]
    for cell in range(scale.shape[0]):
        line, here = padded[cell], scale[cell]
        if half == 2:  # local_size 5, as published
            a, b, d, e = line[1:], line[2:], line[3:], line[4:]
            for c in range(channels):
                outer = multiply_add(line[c], line[c], e[c] * e[c])
                inner = multiply_add(a[c], a[c], d[c] * d[c])
                here[c] = multiply_add(rate, multiply_add(b[c], b[c], outer + inner), k)
            continue
        here[:] = k
        for shift in range(2 * half + 1):
            part = line[shift:]
            for c in range(channels):
                here[c] = multiply_add(rate * part[c], part[c], here[c])


@compiled
def _forward(
    x: Any, y: Any, half: int, rate: Any, beta: Any, k: Any, simple: bool, first: int, last: int
) -> None:
    channels = x.shape[1]
    most = max(1, _AT_ONCE // channels)
    padded = np.zeros((most, channels + 2 * half), np.float32)
    scales = np.empty((most, channels), np.float32)
    for start in range(first, last, most):
        end = min(last, start + most)
        scale = scales[: end - start]
        _pad(x[start:end], padded, half)
        _scale(padded, scale, half, rate, k)
        here, there, powers = x[start:end].reshape(-1), y[start:end].reshape(-1), scale.reshape(-1)
        if simple:
            for i in range(powers.shape[0]):
                there[i] = short(wide(here[i]) * three_quarters_and_whole(powers[i])[0], there[i])
        else:
            for i in range(powers.shape[0]):
                there[i] = short(wide(here[i]) * powers[i] ** -beta, there[i])


@compiled
def _shares(g: Any, x: Any, scale: Any, sent: Any, padded: Any, half: int, beta: Any, simple: bool) -> None:
    """sent = g * scale^-beta, and padded = that times x / scale, for cells (count, channels)."""
    for cell in range(scale.shape[0]):
        arriving, here, s, out = g[cell], x[cell], scale[cell], sent[cell]
        there = padded[cell, half : half + scale.shape[1]]
        if simple:
            for c in range(scale.shape[1]):
                power, inverse = three_quarters_and_whole(s[c])
                value = wide(arriving[c]) * power
                out[c] = value
                there[c] = value * wide(here[c]) * inverse
        else:
            for c in range(scale.shape[1]):
                value = wide(arriving[c]) * s[c] ** -beta
                out[c] = value
                there[c] = value * wide(here[c]) / s[c]


@compiled
def _gather(sent: Any, padded: Any, x: Any, dx: Any, half: int, factor: Any, rectified: bool) -> None:
    """dx = sent - factor * x * the window's sum of `padded`, for cells (count, channels)."""
    for cell in range(sent.shape[0]):
        line, here, there, out = padded[cell], x[cell], dx[cell], sent[cell]
        if half == 2:
            a, b, d, e = line[1:], line[2:], line[3:], line[4:]
            for c in range(out.shape[0]):
                total = (line[c] + e[c]) + (a[c] + d[c]) + b[c]
                value = multiply_add(factor * wide(here[c]), total, out[c])
                passes = wide(here[c]) > 0 or not rectified
                there[c] = short(value if passes else np.float32(0), there[c])
            continue
        for shift in range(2 * half + 1):
            part = line[shift:]
            for c in range(out.shape[0]):
                out[c] = multiply_add(factor * wide(here[c]), part[c], out[c])
        for c in range(out.shape[0]):
            passes = wide(here[c]) > 0 or not rectified
            there[c] = short(out[c] if passes else np.float32(0), there[c])


@compiled
def _backward(
    g: Any, x: Any, dx: Any, half: int, rate: Any, beta: Any, k: Any, simple: bool, rectified: bool,
    first: int, last: int,
) -> None:  # fmt: skip
    channels = x.shape[1]
    most = max(1, _AT_ONCE // channels)
    padded = np.zeros((most, channels + 2 * half), np.float32)
    shares = np.zeros((most, channels + 2 * half), np.float32)
    scales, sent = np.empty((most, channels), np.float32), np.empty((most, channels), np.float32)
    factor = np.float32(-2) * rate * beta
    for start in range(first, last, most):
        end = min(last, start + most)
        scale, out = scales[: end - start], sent[: end - start]
        _pad(x[start:end], padded, half)
        _scale(padded, scale, half, rate, k)
        _shares(g[start:end], x[start:end], scale, out, shares, half, beta, simple)
        _gather(out, shares, x[start:end], dx[start:end], half, factor, rectified)

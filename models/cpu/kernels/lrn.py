"""LRN across channels in one pass forward and one back; the formulas are in layers/lrn.py.

A cell's channels lie side by side in memory and fit the first cache, so the sum over the window, the power
and the products are made cell by cell in float32, whatever the map's type, and nothing in between is stored:
backward computes the scale again from the bottom.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from .bfloat16 import short, wide
from .compiled import cells, compiled, empty_map, over_rows, written_cells


def lrn(x: Tensor, size: int, rate: float, beta: float, k: float, *, into: Tensor | None = None) -> Tensor:
    """Return x * (k + rate * sum of x^2 over `size` channels around)^-beta, (n, c, h, w) channels_last.

    `into` is a map to write it to; it may be x itself.
    """
    y = empty_map(x, *x.shape[1:]) if into is None else into
    numbers = np.float32(rate), np.float32(beta), np.float32(k)
    over_rows(_forward, len(x) * x.shape[2], x.numel(), cells(x), written_cells(y), size // 2, *numbers)
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
    numbers = np.float32(rate), np.float32(beta), np.float32(k)
    over_rows(
        _backward, len(x) * x.shape[2], x.numel(),
        cells(gradient), cells(x), written_cells(below), size // 2, *numbers, rectified,
    )  # fmt: skip
    return below


@compiled
def _window_sum(padded: Any, total: Any, half: int) -> None:
    """total[c] = sum of padded[c .. c + 2 * half], which has `half` zeros at either end."""
    channels = total.shape[0]
    if half == 2:  # local_size 5, as published: in registers
        a, b, d, e = padded[1:], padded[2:], padded[3:], padded[4:]
        for c in range(channels):
            total[c] = padded[c] + a[c] + b[c] + d[c] + e[c]
        return
    total[:] = 0
    for shift in range(2 * half + 1):
        part = padded[shift : shift + channels]
        for c in range(channels):
            total[c] += part[c]


@compiled
def _power(scale: Any, power: Any, beta: Any) -> None:
    """power = scale^-beta; two square roots for the 0.75 that every published network has."""
    if beta == np.float32(0.75):
        for c in range(scale.shape[0]):
            root = np.sqrt(scale[c])
            power[c] = np.float32(1) / (root * np.sqrt(root))
    else:
        for c in range(scale.shape[0]):
            power[c] = scale[c] ** -beta


@compiled
def _scale(x: Any, wider: Any, padded: Any, scale: Any, half: int, rate: Any, k: Any) -> None:
    """Fill `wider` with x in float32 and `scale` with k + rate * the window's energy."""
    inner = padded[half : half + x.shape[0]]  # an index of half + c would be checked for being negative
    for c in range(x.shape[0]):
        value = wide(x[c])
        wider[c] = value
        inner[c] = value * value
    _window_sum(padded, scale, half)
    for c in range(x.shape[0]):
        scale[c] = k + rate * scale[c]


@compiled
def _forward(x: Any, y: Any, half: int, rate: Any, beta: Any, k: Any, first: int, last: int) -> None:
    rows, columns, channels = x.shape[1:]
    padded = np.zeros(channels + 2 * half, np.float32)
    wider, scale, power = (np.empty(channels, np.float32), np.empty(channels, np.float32),
                           np.empty(channels, np.float32))  # fmt: skip
    for index in range(first, last):
        for column in range(columns):
            here = y[index // rows, index % rows, column]
            _scale(x[index // rows, index % rows, column], wider, padded, scale, half, rate, k)
            _power(scale, power, beta)
            for c in range(channels):
                here[c] = short(wider[c] * power[c], here[c])


@compiled
def _backward(
    g: Any, x: Any, dx: Any, half: int, rate: Any, beta: Any, k: Any, rectified: bool, first: int, last: int
) -> None:
    rows, columns, channels = x.shape[1:]
    padded, shared = np.zeros(channels + 2 * half, np.float32), np.empty(channels, np.float32)
    wider, scale, power = (np.empty(channels, np.float32), np.empty(channels, np.float32),
                           np.empty(channels, np.float32))  # fmt: skip
    inner = padded[half : half + channels]
    factor = np.float32(2) * rate * beta
    for index in range(first, last):
        for column in range(columns):
            sent = g[index // rows, index % rows, column]
            here = dx[index // rows, index % rows, column]
            _scale(x[index // rows, index % rows, column], wider, padded, scale, half, rate, k)
            _power(scale, power, beta)
            for c in range(channels):
                power[c] *= wide(sent[c])
                inner[c] = power[c] * wider[c] / scale[c]
            _window_sum(padded, shared, half)
            for c in range(channels):
                value = power[c] - factor * wider[c] * shared[c]
                passes = wider[c] > 0 or not rectified
                here[c] = short(value if passes else np.float32(0), here[c])

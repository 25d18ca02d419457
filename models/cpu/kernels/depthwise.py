"""Convolving every channel by itself, with a stride, forward and back.

PyTorch's gradient of such a convolution scatters, and would take half of all the time of a network that has a
few of them (docs/imagenet.md). Gathering is quick: each cell of the bottom looks at the few windows that
contain it. Forward, windows may start anywhere, so that no padded copy of the map has to be made
(TensorFlow's padding is not the same on both sides).

Weights are (kernel height, kernel width, channels) float32, whatever the maps are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from .bfloat16 import short, wide
from .compiled import cells, compiled, empty_map, over_rows

Pair = tuple[int, int]
Floats = NDArray[np.float32]


def depthwise(
    bottom: Tensor,
    weight: Floats,
    bias: Floats,
    size: Pair,
    stride: Pair,
    pad: Pair,
    limits: tuple[float, float],
) -> Tensor:
    """Return the top, (n, c, *size) in channels_last order, limited to what lies between `limits`.

    The first window starts `pad` cells before the map, which is 0 outside.
    """
    top = empty_map(bottom, bottom.shape[1], *size)
    least, most = map(np.float32, limits)
    over_rows(
        _forward, len(top) * size[0], top.numel() * weight.shape[0],
        cells(bottom), cells(top), weight, bias, stride, pad, least, most,
    )  # fmt: skip
    return top


def depthwise_backward(gradient: Tensor, weight: Floats, size: Pair, stride: Pair, pad: Pair) -> Tensor:
    """Return the gradient at the bottom of (height, width) `size` from the one at the top, channels_last."""
    below = empty_map(gradient, gradient.shape[1], *size)
    over_rows(
        _backward, len(below) * size[0], below.numel(), cells(gradient), cells(below), weight, stride, pad
    )
    return below


@compiled
def _forward(
    x: Any, y: Any, weight: Any, bias: Any, stride: Pair, pad: Pair, least: Any, most: Any,
    first: int, last: int,
) -> None:  # fmt: skip
    height, width, channels = x.shape[1:]
    rows, columns = y.shape[1:3]
    total = np.empty((columns, channels), np.float32)
    for index in range(first, last):
        n, row = index // rows, index % rows
        for column in range(columns):
            for c in range(channels):
                total[column, c] = bias[c]
        for ky in range(weight.shape[0]):
            there = row * stride[0] - pad[0] + ky
            if not 0 <= there < height:
                continue
            for kx in range(weight.shape[1]):
                for column in range(columns):
                    across = column * stride[1] - pad[1] + kx
                    if 0 <= across < width:
                        for c in range(channels):
                            total[column, c] += wide(x[n, there, across, c]) * weight[ky, kx, c]
        for column in range(columns):
            for c in range(channels):
                value = min(max(total[column, c], least), most)
                y[n, row, column, c] = short(value, y[n, row, column, c])


@compiled
def _backward(g: Any, dx: Any, weight: Any, stride: Pair, pad: Pair, first: int, last: int) -> None:
    height, width, channels = dx.shape[1:]
    rows, columns = g.shape[1:3]
    total = np.empty((width, channels), np.float32)
    for index in range(first, last):
        n, y = index // height, index % height
        total[:] = 0
        for ky in range(weight.shape[0]):
            row = (y + pad[0] - ky) // stride[0]
            if row * stride[0] != y + pad[0] - ky or not 0 <= row < rows:
                continue
            for kx in range(weight.shape[1]):
                for column in range(columns):
                    x = column * stride[1] - pad[1] + kx
                    if 0 <= x < width:
                        for c in range(channels):
                            total[x, c] += wide(g[n, row, column, c]) * weight[ky, kx, c]
        for x in range(width):
            for c in range(channels):
                dx[n, y, x, c] = short(total[x, c], dx[n, y, x, c])

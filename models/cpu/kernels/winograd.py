"""Convolutions of 3x3 windows with a quarter of the multiplications (Lavin and Gray, arXiv:1509.09308).

A tile of 4x4 results needs 6x6 cells, which are taken as the values of polynomials at the points 0, 1, -1, 2,
-2 and infinity; there, a convolution is a product. For every tile and channel, 36 numbers are made of 36
cells (`_read`), multiplied by as many of the weights and added up over the channels, which are 36 matrix
products (`_multiply`), and become 16 results (`_write`), 36 products instead of 144:

    cells -> 36 x (tiles, channels) x (channels, outputs) -> results

Tiles go through all this in groups, so that what lies between stays in the cache. Every result depends on its
tile alone: neither groups nor threads change its bits. The error is four times that of adding up in order,
some 2e-6 of the map's RMS.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .compiled import cells, compiled, empty_map, over_rows, written_cells
from .vectors import LANES, between, has_wide_registers, load, product, store, times

Pair = tuple[int, int]
Floats = NDArray[np.float32]

_POINTS = np.array(
    [[1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6],
     [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1]]
)  # fmt: skip
_SIDE, _REACH, _SQUARE = 4, 6, 36
_PANEL = 4 * LANES if has_wide_registers() else LANES  # outputs whose sums stay in registers, for a few rows
_NARROW = 12 if has_wide_registers() else 6  # rows multiplied at once where a panel is a single vector
_GROUP = 48  # tiles: a multiple of every number of rows that is multiplied at once
_APART = LANES  # keeps what is a group of tiles apart from falling on the same lines of a cache


@compiled
def _panel(left: int) -> int:
    """Return how many of the outputs that are left go into the next panel."""
    width = _PANEL
    while width > left:
        width //= 2
    return width


class WinogradWeights:
    """Weights (outputs, channels, 3, 3) as the 36 matrices, in panels of outputs."""

    def __init__(self, weight: Tensor) -> None:
        self.outputs, self.channels = weight.shape[:2]
        squares = torch.from_numpy(np.kron(_POINTS, _POINTS))
        at_points = (squares @ weight.double().permute(2, 3, 1, 0).reshape(9, -1)).float()
        all_points = at_points.reshape(_SQUARE, self.channels, self.outputs).numpy()
        whole = np.pad(all_points, ((0, 0), (0, 0), (0, -self.outputs % LANES)))
        panels, at = [], 0
        while at < self.outputs:
            panels.append(whole[:, :, at : (at := at + _panel(whole.shape[2] - at))].ravel())
        self.panels: Floats = np.concatenate(panels)


def winograd(
    x: Tensor,
    weights: WinogradWeights,
    bias: Tensor | None,
    into: Tensor | None,
    limit: float | None,
    pad: Pair,
) -> Tensor:
    """Return the convolution of a float32 map, which is 0 for `pad` cells around it, in channels_last order.

    It is added to `into` (in place) where given, and held between 0 and `limit` where that is given.
    """
    size = _size(x, pad)
    top = empty_map(x, weights.outputs, *size) if into is None else into
    constant = np.zeros(-(-weights.outputs // LANES) * LANES, np.float32)
    if bias is not None:
        constant[: weights.outputs] = bias.numpy()
    least, most = (-math.inf, math.inf) if limit is None else (0.0, limit)
    tiles = number_of_tiles(x, pad)
    over_rows(
        _convolve, tiles, tiles * weights.panels.size, cells(x), weights.panels, constant, written_cells(top),
        pad, into is not None, np.float32(least), np.float32(most),
    )  # fmt: skip
    return top


def number_of_tiles(x: Tensor, pad: Pair) -> int:
    """Return how many tiles the convolution of a map has."""
    height, width = _size(x, pad)
    return len(x) * -(-height // _SIDE) * -(-width // _SIDE)


def _size(x: Tensor, pad: Pair) -> Pair:
    return x.shape[2] + 2 * pad[0] - 2, x.shape[3] + 2 * pad[1] - 2


@compiled
def _convolve(
    x: Any,
    weights: Any,
    bias: Any,
    y: Any,
    pad: Pair,
    adds: bool,
    least: Any,
    most: Any,
    first: int,
    last: int,
) -> None:
    channels = x.shape[3]
    depth = -(-channels // LANES) * LANES
    points = np.empty(_SQUARE * (_GROUP * depth + _APART), np.float32)
    sums = np.empty(_SQUARE * (_GROUP * _PANEL + _APART), np.float32)
    patch = np.zeros(_SQUARE * depth, np.float32)
    results = np.empty(_SIDE * _SIDE * _PANEL, np.float32)
    for start in range(first, last, _GROUP):
        count = min(_GROUP, last - start)
        for number in range(count):
            _read(x, start + number, y.shape, pad, patch, points, number, depth)
        panel = output = 0
        while output < y.shape[3]:
            width = _panel(len(bias) - output)
            _multiply(points, weights, panel, sums, count, channels, depth, width)
            panel += _SQUARE * channels * width
            for number in range(count):
                _write(sums, number, width, results, bias, y, start + number, output, adds, least, most)
            output += width


@compiled
def _place(number: int, shape: tuple[int, int, int, int]) -> tuple[int, int, int]:
    """Return where in the top (n, height, width, outputs) a tile lies: (n, y, x)."""
    down, across = -(-shape[1] // _SIDE), -(-shape[2] // _SIDE)
    return number // (down * across), number // across % down * _SIDE, number % across * _SIDE


@compiled
def _read(x: Any, tile: int, shape: Any, pad: Pair, patch: Any, points: Any, number: int, depth: int) -> None:
    n, top, left = _place(tile, shape)
    top, left = top - pad[0], left - pad[1]
    height, width, channels = x.shape[1:]
    step = _GROUP * depth + _APART
    whole = top >= 0 and left >= 0 and top + _REACH <= height and left + _REACH <= width
    if whole and channels == depth:
        start = ((n * height + top) * width + left) * channels
        for c in range(0, depth, LANES):
            _transform(x, start + c, width * channels, channels, points, number * depth + c, step)
        return
    for row in range(_REACH):
        for column in range(_REACH):
            inside = 0 <= top + row < height and 0 <= left + column < width
            at = (row * _REACH + column) * depth
            for c in range(channels):
                patch[at + c] = x[n, top + row, left + column, c] if inside else np.float32(0)
    for c in range(0, depth, LANES):
        _transform(patch, c, _REACH * depth, depth, points, number * depth + c, step)


@compiled
def _transform(x: Any, at: int, row: int, column: int, points: Any, to: int, step: int) -> None:
    """Make 36 vectors, `step` apart, of 6x6, which are `row` and `column` apart."""
    a, b = _down(x, at, row), _down(x, at + column, row)
    c, d = _down(x, at + 2 * column, row), _down(x, at + 3 * column, row)
    e, f = _down(x, at + 4 * column, row), _down(x, at + 5 * column, row)
    _put(points, to, step, _at_points(a[0], b[0], c[0], d[0], e[0], f[0]))
    _put(points, to + 6 * step, step, _at_points(a[1], b[1], c[1], d[1], e[1], f[1]))
    _put(points, to + 12 * step, step, _at_points(a[2], b[2], c[2], d[2], e[2], f[2]))
    _put(points, to + 18 * step, step, _at_points(a[3], b[3], c[3], d[3], e[3], f[3]))
    _put(points, to + 24 * step, step, _at_points(a[4], b[4], c[4], d[4], e[4], f[4]))
    _put(points, to + 30 * step, step, _at_points(a[5], b[5], c[5], d[5], e[5], f[5]))


@compiled
def _down(x: Any, at: int, step: int) -> Any:
    a, b, c = load(x, at), load(x, at + step), load(x, at + 2 * step)
    d, e, f = load(x, at + 3 * step), load(x, at + 4 * step), load(x, at + 5 * step)
    return _at_points(a, b, c, d, e, f)


@compiled
def _at_points(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> Any:
    even, odd = e - times(c, 4.0), d - times(b, 4.0)
    even2, odd2 = e - c, times(d - b, 2.0)
    first, last = times(a, 4.0) - times(c, 5.0) + e, times(b, 4.0) - times(d, 5.0) + f
    return first, even + odd, even - odd, even2 + odd2, even2 - odd2, last


@compiled
def _put(points: Any, to: int, step: int, line: Any) -> None:
    store(points, to, line[0])
    store(points, to + step, line[1])
    store(points, to + 2 * step, line[2])
    store(points, to + 3 * step, line[3])
    store(points, to + 4 * step, line[4])
    store(points, to + 5 * step, line[5])


@compiled
def _multiply(
    points: Any, weights: Any, panel: int, sums: Any, count: int, channels: int, depth: int, width: int
) -> None:
    """Add up over the channels, for a group of tiles at 36 points and for one panel of outputs."""
    for point in range(_SQUARE):
        a, b = point * (_GROUP * depth + _APART), panel + point * channels * width
        c = point * (_GROUP * width + _APART)
        if width == 4 * LANES:
            for row in range(0, count, 6):
                product(points, a + row * depth, depth, weights, b, channels, sums, c + row * width, 6, 4)
        elif width == 2 * LANES:
            for row in range(0, count, 12):
                product(points, a + row * depth, depth, weights, b, channels, sums, c + row * width, 12, 2)
        else:
            for row in range(0, count, _NARROW):
                product(
                    points, a + row * depth, depth, weights, b, channels, sums, c + row * width, _NARROW, 1
                )


@compiled
def _write(
    sums: Any, number: int, width: int, results: Any, bias: Any, y: Any, tile: int, output: int,
    adds: bool, least: Any, most: Any,
) -> None:  # fmt: skip
    """Make the results of tile `number` of a group from its sums, for one panel of outputs."""
    n, top, left = _place(tile, y.shape)
    height, across, outputs = y.shape[1:]
    rows, columns = min(_SIDE, height - top), min(_SIDE, across - left)
    there = min(width, outputs - output)
    at, step = number * width, _GROUP * width + _APART
    if rows == _SIDE and columns == _SIDE and there == width:
        to = ((n * height + top) * across + left) * outputs + output
        for c in range(0, width, LANES):
            constant = load(bias, output + c)
            _results(sums, at + c, step, constant, y, to + c, across * outputs, outputs, adds, least, most)
        return
    for row in range(rows if adds else 0):
        for column in range(columns):
            for c in range(there):
                results[(row * _SIDE + column) * width + c] = y[n, top + row, left + column, output + c]
    for c in range(0, width, LANES):
        constant = load(bias, output + c)
        _results(sums, at + c, step, constant, results, c, _SIDE * width, width, adds, least, most)
    for row in range(rows):
        for column in range(columns):
            for c in range(there):
                y[n, top + row, left + column, output + c] = results[(row * _SIDE + column) * width + c]


@compiled
def _results(
    sums: Any, at: int, step: int, constant: Any, y: Any, to: int, row: int, column: int,
    adds: bool, least: Any, most: Any,
) -> None:  # fmt: skip
    """Make 4x4 vectors, `row` and `column` apart, of 36, which are `step` apart."""
    a, b = _across(sums, at, step), _across(sums, at + 6 * step, step)
    c, d = _across(sums, at + 12 * step, step), _across(sums, at + 18 * step, step)
    e, f = _across(sums, at + 24 * step, step), _across(sums, at + 30 * step, step)
    _finish(y, to, row, _from_points(a[0], b[0], c[0], d[0], e[0], f[0]), constant, adds, least, most)
    to += column
    _finish(y, to, row, _from_points(a[1], b[1], c[1], d[1], e[1], f[1]), constant, adds, least, most)
    to += column
    _finish(y, to, row, _from_points(a[2], b[2], c[2], d[2], e[2], f[2]), constant, adds, least, most)
    to += column
    _finish(y, to, row, _from_points(a[3], b[3], c[3], d[3], e[3], f[3]), constant, adds, least, most)


@compiled
def _across(sums: Any, at: int, step: int) -> Any:
    a, b, c = load(sums, at), load(sums, at + step), load(sums, at + 2 * step)
    d, e, f = load(sums, at + 3 * step), load(sums, at + 4 * step), load(sums, at + 5 * step)
    return _from_points(a, b, c, d, e, f)


@compiled
def _from_points(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> Any:
    even, odd, even2, odd2 = b + c, b - c, d + e, d - e
    return a + even + even2, odd + times(odd2, 2.0), even + times(even2, 4.0), odd + times(odd2, 8.0) + f


@compiled
def _finish(y: Any, to: int, row: int, line: Any, constant: Any, adds: bool, least: Any, most: Any) -> None:
    _finish_one(y, to, line[0], constant, adds, least, most)
    _finish_one(y, to + row, line[1], constant, adds, least, most)
    _finish_one(y, to + 2 * row, line[2], constant, adds, least, most)
    _finish_one(y, to + 3 * row, line[3], constant, adds, least, most)


@compiled
def _finish_one(y: Any, to: int, result: Any, constant: Any, adds: bool, least: Any, most: Any) -> None:
    result = result + constant
    if adds:
        result = result + load(y, to)
    store(y, to, between(result, least, most))

"""Convolutions of 3x3 windows with a quarter of the multiplications (Lavin and Gray, arXiv:1509.09308).

For every tile of 4x4 results and channel, 36 numbers are made of 6x6 cells (`_read`, winograd_points.py),
multiplied by as many of the weights and added up over the channels, which are 36 matrix products
(`_multiply`), and become 16 results (`_write`): 36 products instead of 144.

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
from .products import ROWS, in_panels, multiply_rows, panel_width
from .vectors import LANES, expect, load
from .winograd_points import POINTS, results_of, to_points

Pair = tuple[int, int]
Floats = NDArray[np.float32]

_SIDE, _REACH, _SQUARE = 4, 6, 36
_MANY_BYTES = 4 * 2**20
_APART = LANES  # keeps what is a group of tiles apart from falling on the same lines of a cache


class WinogradWeights:
    """Weights (outputs, channels, 3, 3) as the 36 matrices, in panels of outputs."""

    def __init__(self, weight: Tensor) -> None:
        self.outputs, self.channels = weight.shape[:2]
        squares = torch.from_numpy(np.kron(POINTS, POINTS))
        at_points = (squares @ weight.double().permute(2, 3, 1, 0).reshape(9, -1)).float()
        self.panels: Floats = in_panels(at_points.reshape(_SQUARE, self.channels, self.outputs).numpy())


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
        pad, *_blocking(weights), into is not None, np.float32(least), np.float32(most),
    )  # fmt: skip
    return top


def _blocking(weights: WinogradWeights) -> Pair:
    """Return how many tiles and outputs are computed together: what they take should stay in a cache.

    Where the weights do not, each group reads them anew, and larger ones are better.
    """
    return (4 * ROWS, 8 * LANES) if weights.panels.nbytes > _MANY_BYTES else (2 * ROWS, 4 * LANES)


def number_of_tiles(x: Tensor, pad: Pair) -> int:
    """Return how many tiles the convolution of a map has."""
    height, width = _size(x, pad)
    return len(x) * -(-height // _SIDE) * -(-width // _SIDE)


def _size(x: Tensor, pad: Pair) -> Pair:
    return x.shape[2] + 2 * pad[0] - 2, x.shape[3] + 2 * pad[1] - 2


@compiled
def _convolve(
    x: Any, weights: Any, bias: Any, y: Any, pad: Pair, group: int, chunk: int,
    adds: bool, least: Any, most: Any, first: int, last: int,
) -> None:  # fmt: skip
    depth = -(-x.shape[3] // LANES) * LANES
    points = np.empty(_SQUARE * (group * depth + _APART), np.float32)
    sums = np.empty(_SQUARE * (group * chunk + _APART), np.float32)
    patch = np.zeros(_SQUARE * depth, np.float32)
    results = np.empty(_SIDE * _SIDE * chunk, np.float32)
    for start in range(first, last, group):
        count = min(group, last - start)
        for number in range(count):
            _read(x, start + number, y.shape, pad, patch, points, number, depth, group * depth + _APART)
        for output in range(0, len(bias), chunk):
            width = min(chunk, len(bias) - output)
            _multiply(points, weights, sums, start, count, group, depth, output, width, len(bias), x, y, pad)
            for number in range(count):
                _write(sums, number, width, group * width + _APART, results, bias, y, start + number,
                       output, adds, least, most)  # fmt: skip


@compiled
def _place(number: int, shape: tuple[int, int, int, int]) -> tuple[int, int, int]:
    """Return where in the top (n, height, width, outputs) a tile lies: (n, y, x)."""
    down, across = -(-shape[1] // _SIDE), -(-shape[2] // _SIDE)
    return number // (down * across), number // across % down * _SIDE, number % across * _SIDE


@compiled
def _read(
    x: Any, tile: int, shape: Any, pad: Pair, patch: Any, points: Any, number: int, depth: int, step: int
) -> None:
    n, top, left = _place(tile, shape)
    top, left = top - pad[0], left - pad[1]
    height, width, channels = x.shape[1:]
    whole = top >= 0 and left >= 0 and top + _REACH <= height and left + _REACH <= width
    if whole and channels == depth:
        start, flat = ((n * height + top) * width + left) * channels, x.reshape(-1)
        for c in range(0, depth, LANES):
            to_points(flat, start + c, width * channels, channels, points, number * depth + c, step)
        return
    for row in range(_REACH):
        for column in range(_REACH):
            inside = 0 <= top + row < height and 0 <= left + column < width
            at = (row * _REACH + column) * depth
            for c in range(channels):
                patch[at + c] = x[n, top + row, left + column, c] if inside else np.float32(0)
    for c in range(0, depth, LANES):
        to_points(patch, c, _REACH * depth, depth, points, number * depth + c, step)


@compiled
def _multiply(
    points: Any, weights: Any, sums: Any, start: int, count: int, group: int, depth: int,
    output: int, width: int, outputs: int, x: Any, y: Any, pad: Pair,
) -> None:  # fmt: skip
    """Add up over the channels, for a group of tiles at 36 points and for `width` outputs.

    Meanwhile, the cells of the next group and the places of the results come into the cache.
    """
    channels = x.shape[3]
    for point in range(_SQUARE):
        a, c = point * (group * depth + _APART), point * (group * width + _APART)
        done = 0
        while done < width:
            panel = panel_width(outputs - output - done)
            b = (_SQUARE * (output + done) + point * panel) * channels
            multiply_rows(points, a, depth, channels, weights, b, sums, c + done, width, count, panel, False)
            done += panel
        first, last = start + count * point // _SQUARE, start + count * (point + 1) // _SQUARE
        for tile in range(first, last):
            _expect_written(y, tile, output, width)
        if output == 0:
            for tile in range(first + count, last + count):
                _expect_read(x, tile, y.shape, pad)


@compiled
def _expect_read(x: Any, tile: int, shape: Any, pad: Pair) -> None:
    n, top, left = _place(tile, shape)
    height, width, channels = x.shape[1:]
    for row in range(_REACH):
        start = ((n * height + top - pad[0] + row) * width + left - pad[1]) * channels
        for c in range(2 * channels, _REACH * channels, LANES):
            expect(x, start + c, 0)


@compiled
def _expect_written(y: Any, tile: int, output: int, width: int) -> None:
    n, top, left = _place(tile, y.shape)
    height, across, outputs = y.shape[1:]
    for row in range(_SIDE):
        for column in range(_SIDE):
            start = ((n * height + top + row) * across + left + column) * outputs + output
            for c in range(0, width, LANES):
                expect(y, start + c, 1)


@compiled
def _write(
    sums: Any, number: int, width: int, step: int, results: Any, bias: Any, y: Any, tile: int, output: int,
    adds: bool, least: Any, most: Any,
) -> None:  # fmt: skip
    """Make the results of tile `number` of a group from its sums, for one panel of outputs."""
    n, top, left = _place(tile, y.shape)
    height, across, outputs = y.shape[1:]
    rows, columns = min(_SIDE, height - top), min(_SIDE, across - left)
    there = min(width, outputs - output)
    at = number * width
    if rows == _SIDE and columns == _SIDE and there == width:
        to, flat = ((n * height + top) * across + left) * outputs + output, y.reshape(-1)
        for c in range(0, width, LANES):
            constant = load(bias, output + c)
            results_of(
                sums, at + c, step, constant, flat, to + c, across * outputs, outputs, adds, least, most
            )
        return
    for row in range(rows if adds else 0):
        for column in range(columns):
            for c in range(there):
                results[(row * _SIDE + column) * width + c] = y[n, top + row, left + column, output + c]
    for c in range(0, width, LANES):
        constant = load(bias, output + c)
        results_of(sums, at + c, step, constant, results, c, _SIDE * width, width, adds, least, most)
    for row in range(rows):
        for column in range(columns):
            for c in range(there):
                y[n, top + row, left + column, output + c] = results[(row * _SIDE + column) * width + c]

"""The way back through a convolution with a stride, of few channels: the first of most networks, in float32.

A gradient cell sends something to all the pixels its window looks at. Those of one block row, which is as
high as the stride, get something of a few rows of gradients. Over these and all outputs, a product adds up
what every gradient cell sends down to this block row, some columns of pixels wide; then it is added up where
that overlaps (`_gather`). For a window of 7 and a stride of 2, and one block row:

    gradient rows b-3..b, cell g   ->  2 x (8 columns of 3 channels)   pixels 2g .. 2g+7 of rows 2b, 2b+1
                      cell g+1     ->                                  pixels 2g+2 .. 2g+9

A convolution in blocks of pixels (convolution_algorithms.py) does without the adding up, but its outputs,
12 here, may leave much of a vector empty.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .compiled import cells, compiled, over_rows, written_cells
from .products import ROWS, in_panels, multiply_rows, panel_width
from .vectors import LANES, load, store

Pair = tuple[int, int]
Floats = NDArray[np.float32]


class StridedGradient:
    """The way back through weights (outputs, channels, height, width), with one stride both ways."""

    def __init__(self, weight: Tensor, stride: int) -> None:
        self._stride, (outputs, channels, *kernel) = stride, weight.shape
        self._blocks = -(-kernel[0] // stride), -(-kernel[1] // stride)
        down, across = self._blocks
        whole = np.zeros((outputs, channels, down * stride, across * stride), np.float32)
        whole[:, :, : kernel[0], : kernel[1]] = weight.float().numpy()
        self._columns = stride * across * stride * channels
        # The lowest block of weights goes with the first of the gradient's rows.
        parts = whole.reshape(outputs, channels, down, stride, across * stride)[:, :, ::-1]
        lines = parts.transpose(2, 0, 3, 4, 1).reshape(down, outputs, self._columns)
        self._panels: Floats = in_panels(lines)

    def send(self, gradient: Tensor, into: Tensor, before: Pair, lead: int, *, add: bool) -> None:
        """Write the gradient at the bottom, or at a part of its rows, to `into`, or add it.

        `into` begins `before` pixels (down, across) after the corner of a block, which is the first that the
        gradient's row `lead` has a part in. Rows beyond the gradient are 0.
        """
        block_rows = -(-(into.shape[2] + before[0]) // self._stride)
        over_rows(
            _send, len(into) * block_rows, gradient.numel() * self._columns, cells(gradient), self._panels,
            written_cells(into), block_rows, self._columns, self._stride, self._blocks, before, lead, add,
        )  # fmt: skip


def sends_less(weight: Tensor, stride: int) -> bool:
    """Tell whether that is fewer products than a convolution in blocks of pixels, in whole vectors."""
    across = -(-weight.shape[3] // stride)
    block = stride * stride * weight.shape[1]
    in_blocks, sent = across * -(-block // LANES), -(-across * block // LANES)
    return weight.dtype == torch.float32 and sent < in_blocks


@compiled
def _send(
    g: Any, weights: Any, dx: Any, block_rows: int, columns: int, stride: int, blocks: Pair, before: Pair,
    lead: int, add: bool, first: int, last: int,
) -> None:  # fmt: skip
    across, channels, step = g.shape[2], dx.shape[3], stride * dx.shape[3]
    whole = -(-columns // LANES) * LANES
    edge = blocks[1] - 1  # gradient cells beyond either end, which send nothing
    count = max(across + edge, -(-(dx.shape[2] + before[1]) // stride))
    sums = np.zeros((count + edge + ROWS) * whole, np.float32)
    rest = np.zeros(ROWS * g.shape[3], np.float32)
    line = np.empty(count * step + LANES, np.float32)
    for index in range(first, last):
        n, block = index // block_rows, index % block_rows
        begin = block + lead - blocks[0] + 1
        upper, lower = max(0, begin), min(g.shape[1], block + lead + 1)
        if upper >= lower:
            sums[:] = 0
        for row in range(upper, lower):
            _add_row(
                g, (n * g.shape[1] + row) * across, weights, row - begin, blocks[0],
                sums[edge * whole :], whole, across, rest, row > upper,
            )  # fmt: skip
        for row in range(stride):
            y = block * stride + row - before[0]
            if 0 <= y < dx.shape[1]:
                _gather(sums, whole, row * (columns // stride), line, count, step, blocks[1])
                for x in range(dx.shape[2]):
                    for c in range(channels):
                        found = line[(x + before[1]) * channels + c]
                        dx[n, y, x, c] = dx[n, y, x, c] + found if add else found


@compiled
def _add_row(
    g: Any, cell: int, weights: Any, number: int, blocks: int, sums: Any, whole: int, across: int, rest: Any,
    adds: bool,
) -> None:  # fmt: skip
    """Add what one row of gradients sends to a block row, or write it."""
    outputs = g.shape[3]
    many = across // ROWS * ROWS
    for c in range((across - many) * outputs):
        rest[c] = g.flat[(cell + many) * outputs + c]
    column = 0
    while column < whole:
        width = panel_width(whole - column)
        b = (blocks * column + number * width) * outputs
        multiply_rows(g, cell * outputs, outputs, outputs, weights, b, sums, column, whole, many, width, adds)
        if many < across:
            to = many * whole + column
            multiply_rows(rest, 0, outputs, outputs, weights, b, sums, to, whole, ROWS, width, adds)
        column += width


@compiled
def _gather(sums: Any, whole: int, start: int, line: Any, count: int, step: int, overlap: int) -> None:
    """Add up what the cells of a row of gradients send to one line of pixels, `step` floats for each cell.

    What is written beyond these is written again for the next cell.
    """
    for cell in range(count):
        for c in range(0, step, LANES):
            place = cell * whole + start + c + (overlap - 1) * step
            total = load(sums, place)
            for _ in range(overlap - 1):
                place += whole - step
                total = total + load(sums, place)
            store(line, cell * step + c, total)

"""Between pictures and the first layer: interleaving channels, and putting blocks of pixels back together."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from .apart import read, row_start, write
from .bfloat16 import short, wide
from .compiled import cells, compiled, empty_map, over_rows


def interleave(
    images: Tensor,
    source: tuple[int, ...],
    factor: tuple[float, ...],
    offset: tuple[float, ...],
    dtype: torch.dtype,
) -> Tensor:
    """Return images * factor - offset as `dtype`, channels_last; channel c comes from channel source[c].

    `images` are (n, 3, h, w) float32; `source`, `factor` and `offset` have a number for each of three
    channels.
    """
    images = images.detach().contiguous()
    data = empty_map(images, len(source), images.shape[2], images.shape[3], dtype=dtype)
    over_rows(
        _interleave, len(images) * images.shape[2], data.numel(),
        images.numpy(), cells(data), source, tuple(map(np.float32, factor)), tuple(map(np.float32, offset)),
    )  # fmt: skip
    return data


def separate(gradient: Tensor, source: tuple[int, ...], factor: tuple[float, ...]) -> Tensor:
    """Return the gradient at the images, (n, 3, h, w) float32, from the one at what `interleave` returned."""
    images = torch.empty((len(gradient), len(source), *gradient.shape[2:]))
    over_rows(
        _separate, len(images) * images.shape[2], images.numel(),
        cells(gradient), images.numpy(), source, tuple(map(np.float32, factor)),
    )  # fmt: skip
    return images


def from_blocks(blocks: Tensor, size: tuple[int, int], pad: tuple[int, int], channels: int) -> Tensor:
    """Return (n, channels, *size) from (n, channels * s * s, h, w) whose cells are blocks of s x s pixels.

    Channel c * s * s + y * s + x of a block holds its pixel (y, x); the first `pad` pixels are left out, and
    pixels beyond the last block are 0.
    """
    result = empty_map(blocks, channels, *size)
    side = round((blocks.shape[1] / channels) ** 0.5)
    over_rows(_from_blocks, len(result) * size[0], result.numel(), cells(blocks), cells(result), side, pad)
    return result


@compiled
def _interleave(images: Any, data: Any, source: Any, factor: Any, offset: Any, first: int, last: int) -> None:
    rows, columns = data.shape[1:3]
    for index in range(first, last):
        image, row = images[index // rows], index % rows
        a, b, c = image[source[0], row], image[source[1], row], image[source[2], row]
        here = data[index // rows, row].reshape(3 * columns)
        # Unsigned: of every other index numba asks whether it counts from the end (`half_spectrum`).
        for x in range(np.uint64(columns)):
            at = np.uint64(3) * x
            here[at] = short(a[x] * factor[0] - offset[0], here[at])
            here[at + np.uint64(1)] = short(b[x] * factor[1] - offset[1], here[at])
            here[at + np.uint64(2)] = short(c[x] * factor[2] - offset[2], here[at])


@compiled
def _separate(data: Any, images: Any, source: Any, factor: Any, first: int, last: int) -> None:
    rows, columns = data.shape[1:3]
    for index in range(first, last):
        image, row = images[index // rows], index % rows
        a, b, c = image[source[0], row], image[source[1], row], image[source[2], row]
        here = data[index // rows, row].reshape(3 * columns)
        for x in range(np.uint64(columns)):
            at = np.uint64(3) * x
            a[x] = wide(here[at]) * factor[0]
            b[x] = wide(here[at + np.uint64(1)]) * factor[1]
            c[x] = wide(here[at + np.uint64(2)]) * factor[2]


@compiled
def _from_blocks(blocks: Any, result: Any, side: int, pad: tuple[int, int], first: int, last: int) -> None:
    rows, columns, channels = result.shape[1:]
    zero = result.dtype.type(0)
    for index in range(first, last):
        n, row = index // rows, index % rows
        block_row, y = (row + pad[0]) // side, (row + pad[0]) % side
        for x in range(side):  # every side-th pixel, from the first that is the blocks' x-th
            column = (x - pad[1]) % side
            block, count = (column + pad[1]) // side, (columns - column + side - 1) // side
            whole = min(count, blocks.shape[2] - block) if block_row < blocks.shape[1] else 0
            there = row_start(result.shape, n, row) + column * channels
            here = row_start(blocks.shape, n, min(block_row, blocks.shape[1] - 1)) + block * blocks.shape[3]
            for c in range(channels):
                at, to = here + (c * side + y) * side + x, there + c
                for number in range(whole):
                    value = read(blocks, at + number * blocks.shape[3])
                    write(result, to + number * side * channels, value, 0)
                for number in range(max(0, whole), count):
                    write(result, to + number * side * channels, zero, 0)

"""Between pictures and the first layer: interleaving channels, and putting blocks of pixels back together."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from .bfloat16 import short, wide
from .compiled import cells, compiled, empty_map, over_rows


def interleave(
    images: Tensor, source: tuple[int, ...], factor: float, offset: tuple[float, ...], dtype: torch.dtype
) -> Tensor:
    """Return images * factor - offset as `dtype`, channels_last; channel c comes from channel source[c].

    `images` are (n, 3, h, w) float32, `offset` has a number for each of the channels made.
    """
    images = images.detach().contiguous()
    data = empty_map(images, len(source), images.shape[2], images.shape[3], dtype=dtype)
    over_rows(
        _interleave, len(images) * images.shape[2], data.numel(),
        images.numpy(), cells(data), source, np.float32(factor), tuple(map(np.float32, offset)),
    )  # fmt: skip
    return data


def separate(gradient: Tensor, source: tuple[int, ...], factor: float) -> Tensor:
    """Return the gradient at the images, (n, 3, h, w) float32, from the one at what `interleave` returned."""
    images = torch.empty((len(gradient), len(source), *gradient.shape[2:]))
    over_rows(
        _separate, len(images) * images.shape[2], images.numel(),
        cells(gradient), images.numpy(), source, np.float32(factor),
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
        n, row = index // rows, index % rows
        for c in range(data.shape[3]):
            line, minus = images[n, source[c], row], offset[c]
            for column in range(columns):
                value = line[column] * factor - minus
                data[n, row, column, c] = short(value, data[n, row, column, c])


@compiled
def _separate(data: Any, images: Any, source: Any, factor: Any, first: int, last: int) -> None:
    rows, columns = data.shape[1:3]
    for index in range(first, last):
        n, row = index // rows, index % rows
        for c in range(data.shape[3]):
            line = images[n, source[c], row]
            for column in range(columns):
                line[column] = wide(data[n, row, column, c]) * factor


@compiled
def _from_blocks(blocks: Any, result: Any, side: int, pad: tuple[int, int], first: int, last: int) -> None:
    rows, columns, channels = result.shape[1:]
    for index in range(first, last):
        n, row = index // rows, index % rows
        block_row, y = (row + pad[0]) // side, (row + pad[0]) % side
        block, x = pad[1] // side, pad[1] % side
        for column in range(columns):
            here = result[n, row, column]
            for c in range(channels):
                if block_row < blocks.shape[1] and block < blocks.shape[2]:
                    here[c] = blocks[n, block_row, block, (c * side + y) * side + x]
                else:
                    here[c] = 0
            x += 1
            if x == side:
                block, x = block + 1, 0

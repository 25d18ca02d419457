"""A picture and its mirror image around it, in one pass over the memory."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from .compiled import compiled, over_rows


def fill_mirrored(picture: Tensor, rows: Tensor, columns: Tensor, straight: slice, filled: Tensor) -> None:
    """Fill `filled` (n, c, H, W) with rows and columns of `picture` (n, c, h, w), both float32 in planes.

    `rows` (H,) and `columns` (W,) are whole numbers that say which; those of `straight`, if any, follow each
    other in the picture.
    """
    count, channels, height, width = filled.shape
    start = min(max(straight.start, 0), width)
    over_rows(
        _fill, count * channels * height, filled.numel(),
        picture.view(count * channels, *picture.shape[2:]).numpy(), rows.numpy(), columns.numpy(),
        start, min(max(straight.stop, start), width), filled.view(-1, width).numpy(),
    )  # fmt: skip


@compiled
def _fill(
    picture: Any, rows: Any, columns: Any, start: int, stop: int, filled: Any, first: int, last: int
) -> None:
    for index in range(first, last):
        line = picture[index // rows.shape[0], rows[index % rows.shape[0]]]
        here = filled[index]
        for x in range(start):
            here[x] = line[columns[x]]
        left = columns[start] - start if start < stop else 0
        for x in range(start, stop):  # a slice would have numba compile its error message
            here[x] = line[left + x]
        for x in range(stop, here.shape[0]):
            here[x] = line[columns[x]]

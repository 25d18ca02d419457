"""Products of many rows with a matrix that lies in panels, at the peak of the machine.

A panel is as many columns as a few rows' sums fit the registers of (kernels/vectors.py). Its rows lie one
after the other, so that it is read from front to back; the last panels of a matrix are narrower.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled
from .vectors import LANES, has_wide_registers, product

Floats = NDArray[np.float32]

WIDEST_PANEL = 4 * LANES if has_wide_registers() else LANES
ROWS = 24  # a multiple of every number of rows that is multiplied at once
_DEPTH = 128  # as much of a panel as stays in a core's first cache
_NARROW = 12 if has_wide_registers() else 6  # rows at once where a panel is a single vector


def in_panels(matrices: Floats) -> Floats:
    """Return (matrices, depth, columns) as panels one after the other, each of all matrices.

    Columns are filled up with zeros to whole vectors.
    """
    whole = np.pad(matrices, ((0, 0), (0, 0), (0, -matrices.shape[2] % LANES)))
    panels, at = [], 0
    while at < whole.shape[2]:
        width = panel_width(whole.shape[2] - at)
        panels.append(whole[:, :, at : at + width].ravel())
        at += width
    return np.concatenate(panels)


@compiled
def panel_width(left: int) -> int:
    """Return how many of the columns that are left, a multiple of 16, go into the next panel."""
    if left == 3 * LANES and left <= WIDEST_PANEL:
        return left
    width = WIDEST_PANEL
    while width > left:
        width //= 2
    return width


@compiled
def multiply_rows(
    a: Any, at_a: int, next_a: int, depth: int, b: Any, at_b: int,
    c: Any, at_c: int, next_c: int, rows: int, width: int, adds: bool,
) -> None:  # fmt: skip
    """Multiply rows with one panel of `width` columns; see `product`.

    As many rows as make a multiple of ROWS are read and written. A long row is added up in parts, so that
    what the panel has for a part stays in the first cache; the sums are the same.
    """
    for start in range(0, depth, _DEPTH):
        part = min(_DEPTH, depth - start)
        _multiply_part(
            a,
            at_a + start,
            next_a,
            part,
            b,
            at_b + start * width,
            c,
            at_c,
            next_c,
            rows,
            width,
            adds or start > 0,
        )


@compiled
def _multiply_part(
    a: Any, at_a: int, next_a: int, depth: int, b: Any, at_b: int,
    c: Any, at_c: int, next_c: int, rows: int, width: int, adds: bool,
) -> None:  # fmt: skip
    if width == 4 * LANES:
        for row in range(0, rows, 6):
            x, y = at_a + row * next_a, at_c + row * next_c
            product(a, x, next_a, depth, b, at_b, c, y, next_c, adds, 6, 4)
    elif width == 3 * LANES:
        for row in range(0, rows, 8):
            x, y = at_a + row * next_a, at_c + row * next_c
            product(a, x, next_a, depth, b, at_b, c, y, next_c, adds, 8, 3)
    elif width == 2 * LANES:
        for row in range(0, rows, 12):
            x, y = at_a + row * next_a, at_c + row * next_c
            product(a, x, next_a, depth, b, at_b, c, y, next_c, adds, 12, 2)
    else:
        for row in range(0, rows, _NARROW):
            x, y = at_a + row * next_a, at_c + row * next_c
            product(a, x, next_a, depth, b, at_b, c, y, next_c, adds, _NARROW, 1)

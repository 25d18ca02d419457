"""Rounding pictures to whole levels, in one pass over the memory (`dream.quantize` says what for)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiled import compiled


@compiled
def round_to_levels(picture: Any, white: Any, result: Any, first: int, last: int) -> None:
    """Cut rows of a (c, h, w) picture to 0..1 and round them to multiples of 1 / white."""
    for c in range(picture.shape[0]):
        for y in range(first, last):
            for x in range(picture.shape[2]):
                cut = min(max(picture[c, y, x], np.float32(0)), np.float32(1))
                result[c, y, x] = np.rint(cut * white) / white


@compiled
def interleave_levels(picture: Any, white: Any, unit: Any, result: Any) -> None:
    """Write a (3, h, w) picture, cut to 0..1, as (h, w, 3) whole numbers: `white` steps of `unit`."""
    for y in range(picture.shape[1]):
        for x in range(picture.shape[2]):
            for c in range(3):
                cut = min(max(picture[c, y, x], np.float32(0)), np.float32(1))
                result[y, x, c] = np.rint(cut * white) * unit

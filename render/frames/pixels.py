"""Arithmetic over whole pictures in one pass over the memory, shared out among threads.

Between two dreams the engine stands still, and a picture of 1920x1080 is 25 MB: in NumPy, every sign of a
formula reads and writes all of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...models.cpu.kernels.compiled import compiled, over_rows
from .frames import Map, Picture


def laid_over(source: Picture, residual: Picture, share: Map, strength: float) -> tuple[Picture, Picture]:
    """Return source + strength * share * residual, and the same with all of its strength, both cut to 0..1.

    Pictures are (3, h, w), `share` is (h, w).
    """
    part, whole = np.empty_like(source), np.empty_like(source)
    _over(_laid_over, source, residual, share, np.float32(strength), part, whole)
    return part, whole


def damped(dream: Picture, target: Picture, amount: Map) -> Picture:
    """Return dream + amount * (target - dream), for pictures (3, h, w) and a map (h, w)."""
    result = np.empty_like(dream)
    _over(_damped, dream, target, amount, result)
    return result


def _over(loop: Any, picture: Picture, *arguments: object) -> None:
    over_rows(loop, picture.shape[1], picture.size, picture, *arguments)


@compiled
def _laid_over(
    source: Any, residual: Any, share: Any, strength: Any, part: Any, whole: Any, first: int, last: int
) -> None:
    black, white = np.float32(0), np.float32(1)
    for c in range(source.shape[0]):
        for y in range(first, last):
            for x in range(source.shape[2]):
                added = residual[c, y, x] * share[y, x]
                part[c, y, x] = min(max(source[c, y, x] + added * strength, black), white)
                whole[c, y, x] = min(max(source[c, y, x] + added, black), white)


@compiled
def _damped(dream: Any, target: Any, amount: Any, result: Any, first: int, last: int) -> None:
    for c in range(dream.shape[0]):
        for y in range(first, last):
            for x in range(dream.shape[2]):
                result[c, y, x] = dream[c, y, x] + amount[y, x] * (target[c, y, x] - dream[c, y, x])

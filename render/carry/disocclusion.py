"""Disocclusion fill: steps that only what is new in a frame gets, before the whole of it is dreamt on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..frames.frames import Map

Box: TypeAlias = tuple[slice, slice]
"""Rows and columns of a picture."""

# A network wants to see some of what is around, and a dream room to unfold.
_MARGIN_PX, _SHORTEST_PX = 32, 192
# Sides are whole multiples of this, so that few sizes come up: every new one has to be prepared for.
_GRID_PX = 64
# What is thinner than this is dreamt with the whole frame alone, and a box is not drawn for its sake.
_THIN_PX = 5


@dataclass(frozen=True)
class DisocclusionFill:
    """Where a picture is new, and how much it is dreamt on there."""

    where: Map
    """How much of every step is made, 0..1."""
    iterations_share: float

    @cached_property
    def box(self) -> Box:
        """The part of the picture that has to be dreamt for it: all of it where that saves little."""
        import cv2

        height, width = self.where.shape
        whole = slice(0, height), slice(0, width)
        new = (self.where > 0.5).astype(np.uint8)
        solid = cv2.erode(new, np.ones((_THIN_PX, _THIN_PX), np.uint8)).astype(bool)
        if not solid.any():
            return whole
        box = (
            _span(np.flatnonzero(solid.any(axis=1)), height),
            _span(np.flatnonzero(solid.any(axis=0)), width),
        )
        return box if _area(box) < 0.75 * _area(whole) else whole

    @property
    def area(self) -> float:
        """Share of the picture that the box takes, 0..1."""
        return _area(self.box) / self.where.size


def _span(places: NDArray[np.intp], length: int) -> slice:
    """Return a stretch on the grid around all places, 0 to `length`, and not too short."""
    first, last = int(places[0]) - _MARGIN_PX, int(places[-1]) + 1 + _MARGIN_PX
    lacking = max(0, _SHORTEST_PX - (last - first))
    first, last = first - lacking // 2, last + lacking // 2
    last = min(length, -(-last // _GRID_PX) * _GRID_PX)
    first = min(first // _GRID_PX * _GRID_PX, last - _SHORTEST_PX)
    return slice(max(0, first), min(length, max(last, _SHORTEST_PX)))


def _area(box: Box) -> int:
    rows, columns = box
    return int((rows.stop - rows.start) * (columns.stop - columns.start))

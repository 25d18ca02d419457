"""A tiling: which views of the picture a step looks through, and with which gradient.

A step of a dream looks through one view or through several, one after another. After each look, the pixels
of the picture that are in view are moved, so the next look already sees them moved:

    dense    one view of the whole picture                 this engine's own
    grid     the same, seen in tiles of the network's      the old way with big pictures, but without
             size that overlap and blend                   its seams
    spiral   one tile after another in rings from the      spikelynch/deepdream
             centre, each with a step of its own
    random   tiles at random places, each with a step      auduno/deepdraw
             of its own
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..gradient.function import GradientFunction, Size
from ..transforms.pad import Pad
from ..transforms.view import View


@dataclass(frozen=True)
class TilingOptions:
    """What every tiling needs to know of the dream.

    `tile_px` is the (height, width) the network declares, `border_px` how far it sees beyond the edge.
    """

    tile_px: Size
    border_px: int
    pad: Pad
    seed: int


class Tiling(Protocol):
    """The views of a picture, and the gradient over them."""

    @property
    def gradient(self) -> GradientFunction:
        """What turns a view's pixels into their gradient."""

    def views(self, picture: Size, jitter_px: int, shift: Size, number: int) -> Iterator[View]:
        """Yield the views of one step over a picture of (height, width) pixels, in order.

        `shift` (y, x) in 0..jitter_px is the step's random shift, `number` counts the steps of an octave. The
        same arguments give the same views.
        """


class Dense:
    """One view around the picture, moved by the step's shift: the network slides over it.

    A network that slides sees the same after a shift by its stride, one cell further on. So the view has room
    for the shifts that differ, 0 to stride - 1, and a longer one counts by what is left of it. Only where an
    objective reads something of the whole image is every shift another one.

    When the view does not fit the memory, it is cut (`gradient.memory_tiles`); its gradient stays the same.
    """

    def __init__(self, gradient: GradientFunction, options: TilingOptions) -> None:
        self.gradient = gradient
        self._options = options

    def views(self, picture: Size, jitter_px: int, shift: Size, number: int) -> Iterator[View]:
        """Yield the picture with a border on every side, as wide as the network needs at least."""
        options, gradient = self._options, self.gradient
        period = gradient.period_px or jitter_px + 1
        room, offset = min(jitter_px, period - 1), (shift[0] % period, shift[1] % period)
        smallest, stride = gradient.smallest_view, gradient.stride
        yield View.around(picture, options.border_px, room, smallest, stride, offset, options.pad)


def draw(seed: int, picture: Size, number: int) -> np.random.Generator:
    """Return the random numbers of one step: others in every step and octave, the same for every picture."""
    return np.random.default_rng((seed, *picture, number))

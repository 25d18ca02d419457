"""The one thing every way to meet the picture must tell: which windows a step looks through.

A step of a dream looks through one window or through several, one after another. After each look, the pixels
of the picture that lie under that window are moved, so the next look already sees them moved:

    dense    one window over the whole frame               this engine's own
    grid     the same, seen in tiles of the network's      the old way with big pictures, but without
             size that overlap and blend                   its seams
    spiral   one tile after another in rings from the      spikelynch/deepdream
             centre, each with a step of its own
    random   tiles at random places, each with a step      auduno/deepdraw
             of its own
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from torch import Tensor

from ..border import Window
from ..config.dream import Pad
from ..objective import Maps, Objective, Term

Pair = tuple[int, int]


class Field(Protocol):
    """What gives the gradient of an objective over a window (`gradient.GradientField` is one)."""

    @property
    def parts(self) -> Sequence[Field]:
        """The fields of the single networks that it is made of, in the order of its terms; itself if one."""

    @property
    def bytes_per_pixel(self) -> float:
        """What a pass is reckoned to take per pixel the network sees."""

    @property
    def objective(self) -> Objective:
        """What is climbed."""

    @property
    def stride(self) -> int:
        """The network's stride in pixels: windows are multiples of it."""

    @property
    def max_pixels(self) -> int:
        """How many pixels may be in the network at once."""

    def passes(self, height: int, width: int, on_cpu: bool) -> list[int]:
        """Return how many pixels the network sees in each of the passes that a window takes."""

    def windows(self, height: int, width: int) -> list[Pair]:
        """Return the (height, width) of what each of the parts looks at of a window."""

    def prepare(self, picture: Tensor, maps: Maps) -> Maps:
        """Have the objective choose what depends on the picture of a dream; return the maps it reads."""

    def agree(self, terms: Sequence[Term]) -> None:
        """Have the objective, once prepared, agree with other networks' terms on what is dreamt where."""

    def __call__(self, window: Tensor, scales: tuple[float, ...], maps: Maps | None = None) -> Tensor:
        """Return the gradient over (n, 3, H, W) pixels, each of the n on its own, as float32."""


@dataclass(frozen=True)
class Surroundings:
    """What every tiling needs to know of the dream.

    `tile_px` is the (height, width) the network declares, `border_px` how far it sees beyond the edge.
    """

    tile_px: Pair
    border_px: int
    pad: Pad
    seed: int


class Tiling(Protocol):
    """One way to meet the picture."""

    @property
    def field(self) -> Field:
        """What turns a window's pixels into their gradient."""

    def windows(self, picture: Pair, jitter_px: int, shift: Pair, number: int) -> Iterator[Window]:
        """Yield the windows of one step over a picture of (height, width) pixels, in order.

        `shift` (y, x) in 0..jitter_px is the step's random shift, `number` counts the steps of an octave. The
        same arguments give the same windows.
        """


def draw(seed: int, picture: Pair, number: int) -> np.random.Generator:
    """Return the random numbers of one step: others in every step and octave, the same for every picture."""
    return np.random.default_rng((seed, *picture, number))

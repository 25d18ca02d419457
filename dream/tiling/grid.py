"""Tiles of the network's own size over the frame, shifted at every step, overlapping and blended.

Where the dense network slides (`tiling.Dense`), this is what other programs do: each tile is a picture of the
size the network was trained on, padding at its edges included, and all tiles of a step go through it in
batches. Neighbours overlap by a quarter; there, each counts by a weight that falls linearly towards its edge,
and the weights of all tiles over a pixel add up to 1. The whole grid lies elsewhere at every step, by up to
the distance of two tiles, so no edge stays where it was. The gradient is brought to size over the whole
frame, never per tile.

        |<----- tile ----->|
                      |<----- tile ----->|                weights   \\____/ \\____/
        |<--- step -->|    |                                        blend: 1-t  t
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from ..gradient.function import GradientFunction, Size
from ..gradient.joint import JointGradient
from ..objective import Maps, Objective, Term
from ..transforms.view import View
from .tiling import TilingOptions, draw

_OVERLAP = 0.25
# Multiples of these fill a square evenly: powers of the root of x^3 = x + 1 (M. Roberts' R2 sequence, 2018).
_EVEN = (0.7548776662466927, 0.5698402909980532)
# Larger batches are no faster on a CPU (docs/engine.md). A graphics card takes what its memory holds.
_CPU_BATCH = 4


class Grid:
    """One view around the picture, of whole tiles, moved by up to the distance of two tiles."""

    def __init__(self, gradient: GradientFunction, options: TilingOptions) -> None:
        self.gradient = in_tiles(gradient, options.tile_px)
        self._options = options

    def views(self, picture: Size, jitter_px: int, shift: Size, number: int) -> Iterator[View]:
        """Yield the one view. Its shift hides the tiles' edges, so it is drawn whatever the jitter is."""
        # The places of successive steps fill the range evenly, sooner than draws would.
        start = draw(self._options.seed, picture, 0).random(2)
        size, before = [], []
        for length, tile, first, stride in zip(picture, self._options.tile_px, start, _EVEN, strict=True):
            step = tile_step(tile)
            count = math.ceil(max(length + 2 * self._options.border_px + step - tile, 0) / step) + 1
            size.append((count - 1) * step + tile)
            spare = size[-1] - length - step
            before.append(spare // 2 + int((first + number * stride) % 1 * step))
        yield View(picture, (size[0], size[1]), (before[0], before[1]), self._options.pad)


def in_tiles(gradient: GradientFunction, tile_px: Size) -> GradientFunction:
    """Return a gradient over tiles, each network's by itself, joined over the whole picture."""
    if isinstance(gradient, JointGradient):
        return JointGradient([TiledGradient(part, tile_px) for part in gradient.parts], gradient.weights)
    return TiledGradient(gradient, tile_px)


class TiledGradient:
    """A network's gradient over tiles of one size, blended where they overlap."""

    def __init__(self, gradient: GradientFunction, tile_px: Size) -> None:
        self.stride = 1
        self.period_px = None
        self.smallest_view = tile_px
        self._gradient = gradient
        self._tile = tile_px
        self._weights = (blend_weights(tile_px[0]), blend_weights(tile_px[1]))

    @property
    def objective(self) -> Objective:
        """What is climbed."""
        return self._gradient.objective

    @property
    def parts(self) -> tuple[TiledGradient, ...]:
        """Itself: it is one network's."""
        return (self,)

    @property
    def bytes_per_pixel(self) -> float:
        """What a pass is reckoned to take per pixel the network sees."""
        return self._gradient.bytes_per_pixel

    @property
    def max_pixels(self) -> int:
        """How many pixels may be in the network at once."""
        return self._gradient.max_pixels

    def seen_sizes(self, height: int, width: int) -> list[Size]:
        """Return what it looks at of a view: all of it."""
        return [(height, width)]

    def prepare(self, picture: Tensor, maps: Maps) -> Maps:
        """Have the objective choose what depends on the picture of a dream; return the maps it reads."""
        return self._gradient.prepare(picture, maps)

    def agree(self, terms: Sequence[Term]) -> None:
        """Have the objective agree with other networks' terms on what is dreamt where."""
        self._gradient.agree(terms)

    def __call__(self, pixels: Tensor, scales: tuple[float, ...], maps: Maps | None = None) -> Tensor:
        """Return the gradient over a (1, 3, H, W) view that is whole tiles long and wide, as float32."""
        corners = self._corners(pixels.shape[-2], pixels.shape[-1])
        batch = self._batch(pixels.device.type == "cpu")
        rows, columns = (weight.to(pixels.device) for weight in self._weights)
        weights = rows[:, None] * columns
        gradient, total = torch.zeros_like(pixels), torch.zeros_like(pixels[:, :1])
        for start in range(0, len(corners), batch):
            some = corners[start : start + batch]
            parts = self._gradient(
                self._stacked(pixels, some),
                scales,
                {name: self._stacked(whole, some) for name, whole in (maps or {}).items()},
            )
            for place, part in zip(some, parts, strict=True):
                at = self._at(place)
                gradient[at] += part * weights
                total[at] += weights
        return gradient.div_(total)

    def passes(self, height: int, width: int, on_cpu: bool) -> list[int]:
        """Return how many pixels the network sees in each batch of tiles."""
        whole, batch = len(self._corners(height, width)), self._batch(on_cpu)
        area = self._tile[0] * self._tile[1]
        return [min(batch, whole - start) * area for start in range(0, whole, batch)]

    def _batch(self, on_cpu: bool) -> int:
        fitting = max(1, self.max_pixels // (self._tile[0] * self._tile[1]))
        return min(fitting, _CPU_BATCH) if on_cpu else fitting

    def _corners(self, height: int, width: int) -> list[Size]:
        return [
            (top, left)
            for top in range(0, height - self._tile[0] + 1, tile_step(self._tile[0]))
            for left in range(0, width - self._tile[1] + 1, tile_step(self._tile[1]))
        ]

    def _at(self, corner: Size) -> tuple[slice, slice, slice, slice]:
        (top, left), (height, width) = corner, self._tile
        return slice(None), slice(None), slice(top, top + height), slice(left, left + width)

    def _stacked(self, whole: Tensor, corners: list[Size]) -> Tensor:
        return torch.cat([whole[self._at(corner)] for corner in corners])


def tile_step(tile: int) -> int:
    """Return the distance between neighbouring tiles along an axis, in pixels."""
    return max(1, tile - round(tile * _OVERLAP))


def blend_weights(tile: int) -> Tensor:
    """Return a tile's weights along an axis, (tile,) float32 in 0..1, falling off where tiles overlap."""
    overlap = tile - tile_step(tile)
    ramp = (torch.arange(overlap, dtype=torch.float32) + 0.5) / max(overlap, 1)
    return torch.cat([ramp, torch.ones(tile - 2 * overlap), 1 - ramp])

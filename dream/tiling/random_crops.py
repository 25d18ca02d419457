"""Tiles at random places, one after another, each with a step of its own: auduno/deepdraw's way.

Deepdraw grew one picture of a class out of noise by climbing on random crops of the network's size, and drew
their places from a normal distribution about the middle with a deviation of 0.3 of the room there is, cut off
at the edges: the middle is worked on most, and there the thing appears.

Where we deviate: it took one crop per step, on pictures hardly larger than a crop. A step here takes as many
crops as have the picture's area, rounded, so that an iteration means as much on a large picture. A picture
smaller than a tile is surrounded by its border.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..gradient.function import GradientFunction, Size
from ..transforms.view import View
from .tiling import TilingOptions, draw

_DEVIATION = 0.3


class RandomCrops:
    """Crops of the network's size as views."""

    def __init__(self, gradient: GradientFunction, options: TilingOptions) -> None:
        self.gradient = gradient
        self._options = options

    def views(self, picture: Size, jitter_px: int, shift: Size, number: int) -> Iterator[View]:
        """Yield the crops of one step. Jitter adds nothing to places that are random, so it is not used."""
        tile = self._options.tile_px
        random = draw(self._options.seed, picture, number)
        for _ in range(crops_per_step(picture, tile)):
            before = [
                -_place(length - size, float(random.normal()))
                for length, size in zip(picture, tile, strict=True)
            ]
            yield View(picture, tile, (before[0], before[1]), self._options.pad)


def crops_per_step(picture: Size, tile: Size) -> int:
    """Return how many crops have about the area of the picture, at least 1."""
    return max(1, round(picture[0] * picture[1] / (tile[0] * tile[1])))


def _place(room: int, normal: float) -> int:
    """Return where a crop starts along an axis; a picture with no room for one lies in its middle."""
    if room <= 0:
        return room // 2
    return int(min(max(room / 2 + normal * _DEVIATION * room, 0), room))

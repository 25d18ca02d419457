"""Tiles in rings from the centre, one after another, each with a step of its own: spikelynch/deepdream's way.

That program met a large picture so: ring r is the outline of a square of r x r tiles about the
picture's centre, and tiles that lie wholly outside are left out. Each tile is looked at, moved and put back
before the next one is cut out of the picture, so neighbouring rings, which lie half a tile apart, work on
what the last one left.

        ring 1        ring 2        ring 3           1, 2, 3 … until no tile of a ring touches the picture:
                      +---+---+     +---+---+---+    25 tiles of 227 px for 640 x 480
        +---+         | 1 | 4 |     | 1 | 8 | 7 |
        | 1 |         +---+---+     +---+   +---+    Down the left side, along the bottom, up the right side,
        +---+         | 2 | 3 |     | 2 |   | 6 |    back along the top.
                      +---+---+     +---+---+---+
                                    | 3 | 4 | 5 |
                                    +---+---+---+

Every tile's pixels are rolled by up to the jitter on both axes before the network sees them, as there.
Where we deviate: what lies beyond the picture's edge is mirrored unless `pad` says mean, and a picture
smaller than a tile, which crashed that program, is surrounded like any other.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..gradient.function import GradientFunction, Size
from ..transforms.view import View
from .tiling import TilingOptions, draw


class Spiral:
    """The rings' tiles as views."""

    def __init__(self, gradient: GradientFunction, options: TilingOptions) -> None:
        self.gradient = gradient
        self._options = options

    def views(self, picture: Size, jitter_px: int, shift: Size, number: int) -> Iterator[View]:
        """Yield one view per tile; each is rolled by its own draw from -jitter_px..jitter_px."""
        random = draw(self._options.seed, picture, number)
        for top, left in spiral(picture, self._options.tile_px):
            y, x = (int(roll) for roll in random.integers(-jitter_px, jitter_px, 2, endpoint=True))
            yield View(picture, self._options.tile_px, (-top, -left), self._options.pad, (y, x))


def spiral(picture: Size, tile: Size) -> list[Size]:
    """Return the (top, left) corners of the tiles over a picture, in order; some are negative."""
    if picture == tile:
        return [(0, 0)]
    corners: list[Size] = []
    rings = 0
    while True:
        rings += 1
        top, left = ((length - rings * size) // 2 for length, size in zip(picture, tile, strict=True))
        places = [(top + row * tile[0], left + column * tile[1]) for row, column in _ring(rings)]
        touching = [(y, x) for y, x in places if -tile[0] < y < picture[0] and -tile[1] < x < picture[1]]
        if not touching:
            return corners
        corners += touching


def _ring(count: int) -> list[Size]:
    """Return the (row, column) of the outline of count x count tiles: down, right, up, and back left."""
    last = count - 1
    down = [(row, 0) for row in range(count)]
    right = [(last, column) for column in range(1, count)]
    up = [(row, last) for row in range(last - 1, -1, -1)]
    back = [(0, column) for column in range(last - 1, 0, -1)]
    return down + right + up + back

"""The whole frame in one window: the network slides over it, and no tile is to be seen.

When the window does not fit the memory, the field cuts it (`cut`), and the gradient stays the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..border import Window
from .tiling import Field, Pair, Surroundings


class Dense:
    """One window around the picture, moved by the step's shift."""

    def __init__(self, field: Field, around: Surroundings) -> None:
        self.field = field
        self._around = around

    def windows(self, picture: Pair, jitter_px: int, shift: Pair, number: int) -> Iterator[Window]:
        """Yield the picture with a border on every side, as wide as the network needs at least."""
        around = self._around
        yield Window.around(
            picture, around.border_px, jitter_px, around.tile_px, self.field.stride, shift, around.pad
        )

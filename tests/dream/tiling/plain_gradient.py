"""A gradient without a network, that of half the sum of squares, which is the picture itself."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from lucidreel.dream.objective import Maps, Objective, Term
from lucidreel.dream.tiling.tiling import TilingOptions


class PlainGradient:
    """Notes the batches it was asked for, and gives each pixel back, plus its maps where it has some."""

    def __init__(self, max_pixels: int = 10**6) -> None:
        self.objective = Objective((Term(1.0),))
        self.parts = (self,)
        self.bytes_per_pixel = 12.0
        self.stride = 1
        self.period_px: int | None = None
        self.smallest_view = (1, 1)
        self.max_pixels = max_pixels
        self.batches: list[int] = []

    def passes(self, height: int, width: int, on_cpu: bool) -> list[int]:
        return [height * width]

    def agree(self, terms: Sequence[Term]) -> None:
        pass

    def seen_sizes(self, height: int, width: int) -> list[tuple[int, int]]:
        return [(height, width)]

    def prepare(self, picture: Tensor, maps: Maps) -> Maps:
        return maps

    def __call__(self, pixels: Tensor, scales: tuple[float, ...], maps: Maps | None = None) -> Tensor:
        self.batches.append(pixels.shape[0])
        return pixels + sum((maps or {}).values())


def options(tile: int, border_px: int = 10, seed: int = 0) -> TilingOptions:
    """Return the options for square tiles."""
    return TilingOptions((tile, tile), border_px, "reflect", seed)

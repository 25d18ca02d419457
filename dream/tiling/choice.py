"""From the name of a tiling to the tiling."""

from __future__ import annotations

from ..config.dream import Tiles
from ..gradient.function import GradientFunction
from .grid import Grid
from .random_crops import RandomCrops
from .spiral import Spiral
from .tiling import Dense, Tiling, TilingOptions


def choose_tiling(name: Tiles, gradient: GradientFunction, options: TilingOptions) -> Tiling:
    """Return the tiling that `--tiles` names."""
    match name:
        case "dense":
            return Dense(gradient, options)
        case "grid":
            return Grid(gradient, options)
        case "spiral":
            return Spiral(gradient, options)
        case "random":
            return RandomCrops(gradient, options)

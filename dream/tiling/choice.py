"""From the name of a tiling to the tiling."""

from __future__ import annotations

from ..config.dream import Tiles
from ..gradient.function import GradientFunction
from .grid import Grid
from .random_crops import RandomCrops
from .spiral import Spiral
from .tiling import Dense, Surroundings, Tiling


def choose_tiling(name: Tiles, field: GradientFunction, around: Surroundings) -> Tiling:
    """Return the way to meet the picture that `--tiles` names."""
    match name:
        case "dense":
            return Dense(field, around)
        case "grid":
            return Grid(field, around)
        case "spiral":
            return Spiral(field, around)
        case "random":
            return RandomCrops(field, around)

"""What surfaces are painted with: blends, soft edges and a tone for every cell, on arrays of coordinates."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .colours import Colour

Plane = NDArray[np.float32]
Surface = NDArray[np.float32]


def blend(first: Surface | Colour, second: Surface | Colour, share: Plane) -> Surface:
    """From the first colour (or surface) to the second, by a share per pixel."""
    start, end = np.asarray(first, dtype=np.float32), np.asarray(second, dtype=np.float32)
    return np.asarray(start + (end - start) * share[..., None], dtype=np.float32)


def soft_step(value: Plane, edge: float, softness: float = 0.06) -> Plane:
    """0 below the edge, 1 above it, with a smooth ramp between."""
    t = np.clip((value - edge) / softness + 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def cell_tone(column: Plane, row: Plane, rng: Generator) -> Plane:
    """One random number in 0..1 for every cell of a grid."""
    table = rng.uniform(0, 1, (64, 64)).astype(np.float32)
    return table[row.astype(np.int64) % 64, column.astype(np.int64) % 64]

"""Fields of numbers over a square picture: fractal noise, ramps, and the colours they blend between."""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .colours import Colour
from .pen import Canvas

Field = NDArray[np.float32]


def fractal(
    rng: Generator, size_px: int, coarsest: int = 3, octaves: int = 4, roughness: float = 0.55
) -> Field:
    """Fractal noise in 0..1: random grids, each twice as fine as the last and weaker, cubically enlarged."""
    total = np.zeros((size_px, size_px), dtype=np.float32)
    for octave in range(octaves):
        cells = coarsest * 2**octave
        if cells >= size_px:
            break
        grid = rng.uniform(-1, 1, (cells, cells)).astype(np.float32)
        total += roughness**octave * cv2.resize(grid, (size_px, size_px), interpolation=cv2.INTER_CUBIC)
    low, high = float(total.min()), float(total.max())
    return np.asarray((total - low) / (high - low + 1e-6), dtype=np.float32)


def streaks(rng: Generator, size_px: int, rows: int, columns: int) -> Field:
    """Noise in 0..1 on a grid of ``rows`` by ``columns``: with fewer columns it lies in flat streaks."""
    grid = rng.uniform(0, 1, (rows, columns)).astype(np.float32)
    return np.clip(cv2.resize(grid, (size_px, size_px), interpolation=cv2.INTER_CUBIC), 0, 1)


def gradient(rng: Generator, size_px: int) -> Field:
    """A straight or round ramp in 0..1 at a random angle or about a random centre."""
    if rng.uniform() < 0.6:
        return ramp(size_px, rng.uniform(0, 2 * np.pi))
    along = np.linspace(-1, 1, size_px, dtype=np.float32)
    centre_x, centre_y = rng.uniform(-0.8, 0.8, 2)
    distance = np.hypot(along[None, :] - centre_x, along[:, None] - centre_y)
    return np.asarray(np.clip(distance / 1.6, 0, 1), dtype=np.float32)


def ramp(size_px: int, angle: float) -> Field:
    """A straight ramp in 0..1 that rises towards an angle in radians (0: to the right, a half pi: down)."""
    along = np.linspace(-1, 1, size_px, dtype=np.float32)
    slope = along[None, :] * np.float32(np.cos(angle)) + along[:, None] * np.float32(np.sin(angle))
    return np.asarray(np.clip(0.5 + 0.4 * slope, 0, 1), dtype=np.float32)


def between(field: Field, first: Colour, second: Colour) -> Field:
    """Colours (h, w, 3) from the first, where the field is 0, to the second, where it is 1."""
    start, end = np.asarray(first, dtype=np.float32), np.asarray(second, dtype=np.float32)
    return np.asarray(start + (end - start) * field[..., None], dtype=np.float32)


def to_canvas(picture: Field) -> Canvas:
    """Bytes of colours in 0..1, rounded and clipped."""
    return np.ascontiguousarray(np.clip(picture * 255.0 + 0.5, 0, 255).astype(np.uint8))

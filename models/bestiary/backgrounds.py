"""Backgrounds: fractal noise, gradients, blurred clutter; no class may be told by what is behind it.

A background has the size of the canvas and is nobody's class: the network also sees bare ones, with every
class equally (un)likely, and so learns that a class needs evidence.
"""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .colours import Colour, any_colour, vary
from .pen import Canvas

Field = NDArray[np.float32]


def background(rng: Generator, size_px: int) -> Canvas:
    """A square RGB uint8 picture of one of the kinds below, sometimes with clutter over it."""
    kind = rng.uniform()
    if kind < 0.15:
        picture = np.broadcast_to(np.asarray(any_colour(rng), dtype=np.float32), (size_px, size_px, 3))
    elif kind < 0.4:
        picture = _between(gradient(rng, size_px), any_colour(rng), any_colour(rng))
    else:
        picture = _noise_picture(rng, size_px)
    canvas = np.ascontiguousarray(np.clip(picture * 255.0, 0, 255).astype(np.uint8))
    if rng.uniform() < 0.55:
        _clutter(canvas, rng)
    return canvas


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


def gradient(rng: Generator, size_px: int) -> Field:
    """A straight or round ramp in 0..1 at a random angle or about a random centre."""
    along = np.linspace(-1, 1, size_px, dtype=np.float32)
    x, y = along[None, :], along[:, None]
    if rng.uniform() < 0.6:
        angle = rng.uniform(0, 2 * np.pi)
        return np.asarray(
            np.clip(0.5 + 0.4 * (x * np.cos(angle) + y * np.sin(angle)), 0, 1), dtype=np.float32
        )
    centre_x, centre_y = rng.uniform(-0.8, 0.8, 2)
    return np.asarray(np.clip(np.hypot(x - centre_x, y - centre_y) / 1.6, 0, 1), dtype=np.float32)


def _noise_picture(rng: Generator, size_px: int) -> Field:
    field = fractal(rng, size_px, int(rng.integers(2, 9)), int(rng.integers(2, 6)), rng.uniform(0.4, 0.75))
    first, second = any_colour(rng), any_colour(rng)
    if rng.uniform() < 0.4:  # most places are mostly one hue
        second = vary(rng, first, 0.25)
    picture = _between(field, first, second)
    if rng.uniform() < 0.5:
        patches = fractal(rng, size_px, int(rng.integers(2, 5)), 3)
        share = np.clip((patches - 0.5) * rng.uniform(2, 12) + 0.3, 0, 1)[..., None]
        picture = picture * (1 - share) + np.asarray(any_colour(rng), dtype=np.float32) * share
    return picture


def _clutter(canvas: Canvas, rng: Generator) -> None:
    """Loose discs, polygons and strokes, blurred or sharp, drawn in place."""
    size = canvas.shape[0]
    for _ in range(int(rng.integers(2, 14))):
        colour = tuple(255.0 * part for part in any_colour(rng))
        centre = rng.uniform(0, size, 2)
        reach = size * rng.uniform(0.04, 0.3)
        kind = rng.uniform()
        points = (centre + rng.normal(0, reach, (int(rng.integers(3, 6)), 2))).astype(np.int32)
        if kind < 0.35:
            axes = (int(reach) + 1, int(reach * rng.uniform(0.3, 1)) + 1)
            spot = (int(centre[0]), int(centre[1]))
            cv2.ellipse(canvas, spot, axes, rng.uniform(0, 180), 0, 360, colour, -1, cv2.LINE_AA)
        elif kind < 0.7:
            cv2.fillPoly(canvas, [points], colour, cv2.LINE_AA)
        else:
            cv2.polylines(canvas, [points], False, colour, int(rng.integers(1, 7)), cv2.LINE_AA)
    if rng.uniform() < 0.75:
        cv2.GaussianBlur(canvas, (0, 0), rng.uniform(1.0, 9.0), canvas)


def _between(field: Field, first: Colour, second: Colour) -> Field:
    start, end = np.asarray(first, dtype=np.float32), np.asarray(second, dtype=np.float32)
    return start + (end - start) * field[..., None]

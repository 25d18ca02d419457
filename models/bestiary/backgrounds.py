"""Backgrounds: flat, ramps, fractal noise, scenery and clutter; no class may be told by what is behind it.

A background has the picture's own size, not the canvas's: what is behind a creature is a little soft anyway.
It is nobody's class. The network also sees bare ones, with every class equally (un)likely, and so learns that
a class needs evidence.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from .colours import any_colour, vary
from .fields import Field, between, fractal, gradient, to_canvas
from .pen import Canvas
from .scenery import bokeh, edges, facade, foliage, horizon


def background(rng: Generator, size_px: int) -> Canvas:
    """A square RGB uint8 picture of one of the kinds of ``KINDS``, often with clutter or lights over it."""
    shares = np.array([share for share, _ in KINDS])
    chosen = int(np.searchsorted(np.cumsum(shares) / shares.sum(), rng.uniform()))
    canvas = to_canvas(KINDS[chosen][1](rng, size_px))
    over = rng.uniform()
    if over < 0.4:
        clutter(canvas, rng)
    elif over < 0.52:
        bokeh(canvas, rng)
    return canvas


def clutter(canvas: Canvas, rng: Generator) -> None:
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
            cv2.polylines(canvas, [points], False, colour, int(rng.integers(1, 4)), cv2.LINE_AA)
    if rng.uniform() < 0.7:
        cv2.GaussianBlur(canvas, (0, 0), size * rng.uniform(0.004, 0.05), canvas)


def _flat(rng: Generator, size_px: int) -> Field:
    return np.broadcast_to(np.asarray(any_colour(rng), dtype=np.float32), (size_px, size_px, 3))


def _ramp(rng: Generator, size_px: int) -> Field:
    return between(gradient(rng, size_px), any_colour(rng), any_colour(rng))


def _noise(rng: Generator, size_px: int) -> Field:
    field = fractal(rng, size_px, int(rng.integers(2, 9)), int(rng.integers(2, 6)), rng.uniform(0.4, 0.75))
    first, second = any_colour(rng), any_colour(rng)
    if rng.uniform() < 0.4:  # most places are mostly one hue
        second = vary(rng, first, 0.25)
    picture = between(field, first, second)
    if rng.uniform() < 0.5:
        patches = fractal(rng, size_px, int(rng.integers(2, 5)), 3)
        share = np.clip((patches - 0.5) * rng.uniform(2, 12) + 0.3, 0, 1)[..., None]
        picture = picture * (1 - share) + np.asarray(any_colour(rng), dtype=np.float32) * share
    return picture


KINDS: tuple[tuple[float, Callable[[Generator, int], Field]], ...] = (
    (0.08, _flat),
    (0.14, _ramp),
    (0.32, _noise),
    (0.16, horizon),
    (0.10, facade),
    (0.12, foliage),
    (0.08, edges),
)
"""Every kind with its share, relative to the others'."""

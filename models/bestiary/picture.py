"""One training picture: background, perhaps a piece of another class, the subject, light, a camera's faults.

A picture is a function of its seed alone. The subject is drawn on a canvas of twice the picture's size, which
is averaged down.
"""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .backgrounds import background
from .catalogue import Creature, catalogue
from .colours import any_colour
from .fields import fractal, gradient, ramp
from .light import Light, some_light
from .pen import Canvas
from .placing import distract, lay_pattern, patch, place_creatures, usual_reach

SUPERSAMPLING = 2
DISTRACTED = 0.3
"""Share of the pictures of a class that show a piece of another class as well."""

Picture = NDArray[np.uint8]


def draw_picture(class_index: int | None, seed: tuple[int, ...] | int, size_px: int = 128) -> Picture:
    """A (size, size, 3) RGB uint8 picture of a class, or of a bare background when the class is None.

    The same class, seed and size give the same picture; neighbouring seeds have nothing in common.
    """
    rng = np.random.default_rng(seed)
    light = some_light(rng)
    side = size_px * SUPERSAMPLING
    behind = cv2.resize(background(rng, size_px), (side, side), interpolation=cv2.INTER_LINEAR)
    canvas = np.asarray(behind, dtype=np.uint8)
    if class_index is not None:
        canvas = _with_subject(canvas, class_index, light, rng)
    return _photograph(canvas, light, rng, size_px)


def _with_subject(canvas: Canvas, class_index: int, light: Light, rng: Generator) -> Canvas:
    """The class over the canvas, and under it, now and then, a smaller piece of another."""
    entry = catalogue()[class_index]
    reach = usual_reach(rng)
    distracted = rng.uniform() < DISTRACTED
    if isinstance(entry, Creature):
        if distracted:
            canvas = _distracted(canvas, class_index, rng, reach)
        return place_creatures(canvas, entry, light, rng, reach)
    if rng.uniform() < 0.5:
        return lay_pattern(canvas, entry, rng, None)
    if distracted:
        canvas = _distracted(canvas, class_index, rng, 0.4)
    centre = rng.uniform(-0.35, 0.35, 2)
    share = patch(rng, canvas.shape[0], rng.uniform(0.6, 1.0), float(centre[0]), float(centre[1]))
    return lay_pattern(canvas, entry, rng, share)


def _distracted(canvas: Canvas, class_index: int, rng: Generator, room: float) -> Canvas:
    others = catalogue()
    other = (class_index + int(rng.integers(1, len(others)))) % len(others)
    return distract(canvas, others[other], rng, room)


def _photograph(canvas: Canvas, light: Light, rng: Generator, size_px: int) -> Picture:
    """Uneven light, a surface's grain, a colour cast, softness, then the picture's own size."""
    small = cv2.resize(canvas, (size_px, size_px), interpolation=cv2.INTER_AREA).astype(np.float32)
    fall = ramp(size_px, light.angle + np.pi) if rng.uniform() < 0.6 else gradient(rng, size_px)
    bright = 1.0 + rng.uniform(0, 0.7) * (fall - 0.55)
    if rng.uniform() < 0.5:
        grain = fractal(rng, size_px, int(rng.integers(3, 24)), 3)
        bright = bright * (1.0 + rng.uniform(0, 0.5) * (grain - 0.5))
    cast = 1.0 + rng.uniform(0, 0.16) * (np.asarray(any_colour(rng)) - 0.5)
    exposed = small * bright[..., None] * cast.astype(np.float32)
    if rng.uniform() < 0.3:
        exposed = cv2.GaussianBlur(exposed, (0, 0), rng.uniform(0.4, 1.1))
    return np.asarray(np.clip(exposed + 0.5, 0, 255), dtype=np.uint8)

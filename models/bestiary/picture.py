"""One training picture: a background, one class drawn over it, light, and a camera's faults.

A picture is a function of its seed alone. It is drawn on a canvas of twice its size and averaged down.
"""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .backgrounds import background, fractal, gradient
from .catalogue import Creature, Pattern, catalogue
from .colours import any_colour
from .pen import Canvas, Pen, Pose

SUPERSAMPLING = 2

Picture = NDArray[np.uint8]


def draw_picture(class_index: int | None, seed: tuple[int, ...] | int, size_px: int = 96) -> Picture:
    """A (size, size, 3) RGB uint8 picture of a class, or of a bare background when the class is None.

    The same class, seed and size give the same picture; neighbouring seeds have nothing in common.
    """
    rng = np.random.default_rng(seed)
    canvas = background(rng, size_px * SUPERSAMPLING)
    if class_index is not None:
        entry = catalogue()[class_index]
        if isinstance(entry, Creature):
            _place_creatures(canvas, entry, rng)
        else:
            canvas = _lay_pattern(canvas, entry, rng)
    return _photograph(canvas, rng, size_px)


def _place_creatures(canvas: Canvas, entry: Creature, rng: Generator) -> None:
    """Usually one, otherwise a few smaller ones kept apart."""
    size = canvas.shape[0]
    count = 1 if rng.uniform() < 0.6 else int(rng.integers(2, entry.crowd + 1)) if entry.crowd > 1 else 1
    reach = rng.uniform(0.24, 0.5) if count == 1 else rng.uniform(0.17, 0.34)
    taken: list[tuple[float, float]] = []
    for _ in range(count):
        for _attempt in range(12):
            free = max(0.1, 0.5 - reach * 0.75)
            x, y = 0.5 + rng.uniform(-free, free, 2)
            if all(np.hypot(x - other_x, y - other_y) > reach * 1.6 for other_x, other_y in taken):
                break
        else:
            continue
        taken.append((x, y))
        pose = Pose(
            x * size,
            y * size,
            reach * size * rng.uniform(0.85, 1.1),
            float(rng.uniform(-entry.tilt_deg, entry.tilt_deg)),
            float(rng.choice([-1.0, 1.0]) * rng.uniform(0.8, 1.1)),
            float(rng.uniform(0.8, 1.1)),
        )
        entry.draw(Pen(canvas, pose), rng)


def _lay_pattern(canvas: Canvas, entry: Pattern, rng: Generator) -> Canvas:
    """The pattern over all of the picture or over a part of it with a soft irregular outline."""
    size = canvas.shape[0]
    along = np.linspace(-0.5, 0.5, size, dtype=np.float32)
    x, y = np.meshgrid(along, along)
    angle = np.deg2rad(rng.uniform(-entry.tilt_deg, entry.tilt_deg))
    cells = rng.uniform(*entry.cells)
    bend = rng.uniform(0, 0.16)
    x = x + bend * (fractal(rng, size, 2, 1) - 0.5)
    y = y + bend * (fractal(rng, size, 2, 1) - 0.5)
    away = cells / (1 + rng.uniform(-0.35, 0.35) * x + rng.uniform(-0.35, 0.35) * y)
    turned_x, turned_y = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    shift = rng.uniform(0, 1, 2)
    plane_x = (turned_x * away + shift[0]).astype(np.float32)
    plane_y = (turned_y * away * rng.uniform(0.85, 1.15) + shift[1]).astype(np.float32)
    surface = np.clip(entry.paint(plane_x, plane_y, rng), 0, 1) * 255.0
    if rng.uniform() < 0.5:
        return np.asarray(surface, dtype=np.uint8)
    share = _patch(rng, size)[..., None]
    return np.asarray(canvas * (1 - share) + surface * share, dtype=np.uint8)


def _patch(rng: Generator, size: int) -> NDArray[np.float32]:
    """An irregular region of 0..1 that covers roughly a quarter to most of the picture."""
    along = np.linspace(-1, 1, size, dtype=np.float32)
    centre_x, centre_y = rng.uniform(-0.35, 0.35, 2)
    radius = np.hypot((along[None, :] - centre_x) * rng.uniform(0.75, 1.3), (along[:, None] - centre_y))
    ragged = radius + rng.uniform(0.1, 0.7) * (fractal(rng, size, 3, 3) - 0.5)
    return np.asarray(
        np.clip((rng.uniform(0.6, 1.0) - ragged) * rng.uniform(8, 40) + 0.5, 0, 1), dtype=np.float32
    )


def _photograph(canvas: Canvas, rng: Generator, size_px: int) -> Picture:
    """Uneven light, a surface's grain, a colour cast, softness, then the picture's own size."""
    small = cv2.resize(canvas, (size_px, size_px), interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    light = 1.0 + rng.uniform(0, 0.7) * (gradient(rng, size_px) - 0.55)
    if rng.uniform() < 0.6:
        light = light * (
            1.0 + rng.uniform(0, 0.5) * (fractal(rng, size_px, int(rng.integers(3, 24)), 3) - 0.5)
        )
    cast = 1.0 + rng.uniform(0, 0.16) * (np.asarray(any_colour(rng)) - 0.5)
    lit = small * light[..., None] * cast.astype(np.float32)
    if rng.uniform() < 0.3:
        lit = cv2.GaussianBlur(lit, (0, 0), rng.uniform(0.4, 1.1))
    return np.asarray(np.clip(lit * 255.0 + 0.5, 0, 255), dtype=np.uint8)

"""Where the subject of a picture goes: how large, how many, how tilted; and what else lies behind it.

The labelled class is always drawn last, over everything, and larger than any other class in the picture.
"""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .catalogue import Creature, Entry, Pattern
from .fields import fractal
from .light import Light, lit
from .pen import Canvas, Pen, Pose

_PAINTED = 0.75  # of the canvas's side: surfaces are blurred less by a camera than they cost to paint


def usual_reach(rng: Generator) -> float:
    """Half the extent of a lone creature, in shares of the picture: 0.1 (a fifth of it) to 0.7 (cropped)."""
    kind = rng.uniform()
    if kind < 0.12:
        return float(rng.uniform(0.1, 0.2))
    return float(rng.uniform(0.2, 0.48) if kind < 0.8 else rng.uniform(0.48, 0.7))


def place_creatures(canvas: Canvas, entry: Creature, light: Light, rng: Generator, reach: float) -> Canvas:
    """One of the given reach, or sometimes a few smaller ones kept apart; returns the new canvas."""
    count = 1 if rng.uniform() < 0.68 or entry.crowd < 2 else int(rng.integers(2, entry.crowd + 1))
    if count > 1:
        reach = min(reach, rng.uniform(0.14, 0.32))
    drawn = canvas.copy()
    taken: list[tuple[float, float]] = []
    for _ in range(count):
        for _attempt in range(12):
            free = max(0.1, 0.5 - reach * 0.75)
            x, y = (float(part) for part in 0.5 + rng.uniform(-free, free, 2))
            if all(np.hypot(x - other_x, y - other_y) > reach * 1.6 for other_x, other_y in taken):
                break
        else:
            continue
        taken.append((x, y))
        draw_creature(drawn, entry, rng, x, y, reach)
    return lit(canvas, drawn, light)


def draw_creature(canvas: Canvas, entry: Creature, rng: Generator, x: float, y: float, reach: float) -> None:
    """Draw one about (x, y), in shares of the canvas, somewhat stretched, tilted and perhaps mirrored."""
    size = canvas.shape[0]
    pose = Pose(
        x * size,
        y * size,
        reach * size * rng.uniform(0.85, 1.1),
        float(rng.uniform(-entry.tilt_deg, entry.tilt_deg)),
        float(rng.choice([-1.0, 1.0]) * rng.uniform(0.8, 1.1)),
        float(rng.uniform(0.8, 1.1)),
    )
    entry.draw(Pen(canvas, pose), rng)


def lay_pattern(canvas: Canvas, entry: Pattern, rng: Generator, share: NDArray[np.float32] | None) -> Canvas:
    """The pattern over all of the canvas, or where ``share`` (h, w) in 0..1 says; returns the new canvas."""
    surface = np.clip(painted(entry, rng, round(canvas.shape[0] * _PAINTED)), 0, 1) * 255.0
    large = cv2.resize(surface, canvas.shape[:2], interpolation=cv2.INTER_LINEAR)
    if share is None:
        return np.asarray(large, dtype=np.uint8)
    blend = share[..., None]
    return np.asarray(canvas * (1 - blend) + large * blend, dtype=np.uint8)


def painted(entry: Pattern, rng: Generator, size: int) -> NDArray[np.float32]:
    """The pattern's colours (size, size, 3) on a plane that is turned, scaled, bent and seen at an angle."""
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
    return np.asarray(entry.paint(plane_x, plane_y, rng), dtype=np.float32)


def patch(rng: Generator, size: int, radius: float, x: float = 0.0, y: float = 0.0) -> NDArray[np.float32]:
    """A ragged region of 0..1 of about a radius around (x, y), the canvas being -1..1, seldom quite sharp."""
    along = np.linspace(-1, 1, size, dtype=np.float32)
    distance = np.hypot((along[None, :] - x) * rng.uniform(0.75, 1.3), along[:, None] - y)
    ragged = distance + rng.uniform(0.1, 0.7) * radius * (fractal(rng, size, 3, 3) - 0.5)
    return np.asarray(np.clip((radius - ragged) * rng.uniform(8, 40) + 0.5, 0, 1), dtype=np.float32)


def distract(canvas: Canvas, other: Entry, rng: Generator, room: float) -> Canvas:
    """A small piece of another class for the background, often cut off by the picture's rim or blurred.

    ``room`` is the reach of the subject that will be drawn over it; the piece is at most half as large.
    """
    reach = room * rng.uniform(0.25, 0.5)
    angle = rng.uniform(0, 2 * np.pi)
    distance = rng.uniform(0.3, 0.55)  # near the rim, where the subject leaves some of it to be seen
    x, y = 0.5 + distance * np.cos(angle), 0.5 + distance * np.sin(angle)
    if isinstance(other, Pattern):
        share = patch(rng, canvas.shape[0], 2 * reach, 2 * x - 1, 2 * y - 1)
        result = lay_pattern(canvas, other, rng, share)
    else:
        result = canvas
        draw_creature(result, other, rng, float(x), float(y), reach)
    if rng.uniform() < 0.6:
        cv2.GaussianBlur(result, (0, 0), canvas.shape[0] * rng.uniform(0.004, 0.02), result)
    return result

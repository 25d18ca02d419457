"""Scenery: what photographs have behind their subject, drawn roughly and a little out of focus.

Horizons with sky, hills and ground, facades with windows, foliage, tables' edges, lights out of focus. They
are there to be looked past: none is detailed enough to be a class.
"""

import cv2
import numpy as np
from numpy.random import Generator

from .colours import any_colour, darker, hsv, lighter, vary
from .fields import Field, between, fractal, gradient, streaks
from .pen import Canvas


def horizon(rng: Generator, size_px: int) -> Field:
    """Sky with a pale lower rim and clouds, sometimes hills, over ground that gets finer with distance."""
    down = np.linspace(0, 1, size_px, dtype=np.float32)[:, None]
    line = rng.uniform(0.3, 0.8) + rng.uniform(-0.1, 0.1) * np.linspace(-1, 1, size_px, dtype=np.float32)
    zenith = hsv(rng.choice([210.0, 215.0, 30.0, 280.0]) + rng.uniform(-15, 15), rng.uniform(0.1, 0.8), 0.85)
    zenith = darker(zenith, rng.uniform(0, 0.6))
    sky = between(
        np.broadcast_to(down / max(line.max(), 0.1), (size_px, size_px)).clip(0, 1).astype(np.float32),
        zenith,
        lighter(vary(rng, zenith, 0.2), 0.6),
    )
    clouds = np.clip((fractal(rng, size_px, 3, 4) - rng.uniform(0.35, 0.8)) * 3, 0, 1)[..., None]
    sky = sky + (0.95 - sky) * clouds * rng.uniform(0, 0.9)
    soil = darker(any_colour(rng), rng.uniform(0, 0.4))
    texture = 0.5 * streaks(rng, size_px, size_px // 3, int(rng.integers(6, 40))) + 0.5 * fractal(
        rng, size_px
    )
    ground = between(texture.astype(np.float32), soil, lighter(vary(rng, soil, 0.15), 0.25))
    if rng.uniform() < 0.5:
        hills = line - rng.uniform(0.03, 0.25) * fractal(rng, size_px, int(rng.integers(2, 8)), 4)[0]
        sky = _under(sky, np.asarray(vary(rng, soil, 0.25), dtype=np.float32), down, hills)
    return _under(sky, ground, down, line)


def _under(upper: Field, lower: Field, down: Field, line: Field) -> Field:
    """The lower picture below a line (w,) in shares of the height, the upper one above it."""
    share = np.clip((down - line[None, :]) * len(down) + 0.5, 0, 1)[..., None].astype(np.float32)
    return np.asarray(upper + (lower - upper) * share, dtype=np.float32)


def facade(rng: Generator, size_px: int) -> Field:
    """A weathered wall with rows of windows, dark or lit, seen at an angle."""
    wall = any_colour(rng)
    picture = between(fractal(rng, size_px, 3, 4), wall, vary(rng, wall, 0.2))
    rows, columns = int(rng.integers(2, 7)), int(rng.integers(2, 7))
    wide, tall = rng.uniform(0.35, 0.8) / columns, rng.uniform(0.35, 0.8) / rows
    glass, lit = darker(any_colour(rng), 0.6), lighter(any_colour(rng), 0.5)
    share_lit = rng.uniform(0, 0.5)
    for row in range(rows):
        for column in range(columns):
            left, top = (column + 0.5) / columns - wide / 2, (row + 0.5) / rows - tall / 2
            corner = (round(left * size_px), round(top * size_px))
            other = (round((left + wide) * size_px), round((top + tall) * size_px))
            pane = vary(rng, lit if rng.uniform() < share_lit else glass, 0.06)
            cv2.rectangle(picture, corner, other, pane, -1)
    return _seen_askew(rng, picture)


def _seen_askew(rng: Generator, picture: Field) -> Field:
    size = picture.shape[0]
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=np.float32) * size
    moved = corners + rng.uniform(-0.35, 0.35, (4, 2)).astype(np.float32) * size
    warp = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    askew = cv2.warpPerspective(picture, warp, (size, size), borderMode=cv2.BORDER_REFLECT)
    if rng.uniform() < 0.5:
        askew = cv2.GaussianBlur(askew, (0, 0), size * rng.uniform(0.004, 0.02))
    return np.asarray(askew, dtype=np.float32)


def foliage(rng: Generator, size_px: int) -> Field:
    """Two or three layers of related blobs, each sharper than the one behind it, under a fine texture."""
    small = max(16, size_px // 2)
    hue = any_colour(rng)
    picture = between(gradient(rng, small), darker(hue, 0.6), hue)
    for layer in range(int(rng.integers(2, 4))):
        for _ in range(int(rng.integers(8, 22))):
            x, y = (int(part) for part in rng.uniform(0, small, 2))
            axes = (
                1 + int(small * rng.uniform(0.02, 0.16)),
                1 + int(small * rng.uniform(0.02, 0.1)),
            )
            tone = vary(
                rng, lighter(hue, 0.5) if rng.uniform() < 0.4 else darker(hue, rng.uniform(0, 0.7)), 0.1
            )
            cv2.ellipse(picture, (x, y), axes, rng.uniform(0, 180), 0, 360, tone, -1)
        cv2.GaussianBlur(picture, (0, 0), small * rng.uniform(0.015, 0.06) / (layer + 1), picture)
    large = cv2.resize(picture, (size_px, size_px), interpolation=cv2.INTER_LINEAR)
    grain = 1 + rng.uniform(0, 0.5) * (fractal(rng, size_px, int(rng.integers(8, 30)), 2) - 0.5)
    return np.asarray(large * grain[..., None], dtype=np.float32)


def edges(rng: Generator, size_px: int) -> Field:
    """A few planes that meet along straight edges, each with its own colour and grain: tables, walls."""
    colour = any_colour(rng)
    picture = between(fractal(rng, size_px, 4, 3), colour, vary(rng, colour, 0.2))
    along = np.linspace(-1, 1, size_px, dtype=np.float32)
    for _ in range(int(rng.integers(1, 4))):
        angle, offset = rng.uniform(0, 2 * np.pi), rng.uniform(-0.6, 0.6)
        across = along[None, :] * np.cos(angle) + along[:, None] * np.sin(angle) - offset
        side = np.clip(across * size_px / 2 * rng.choice([1.0, 0.1]) + 0.5, 0, 1)[..., None]
        plane = any_colour(rng)
        grained = between(streaks(rng, size_px, int(rng.integers(3, 60)), 3), plane, vary(rng, plane, 0.15))
        picture = picture + (grained - picture) * side
    return np.asarray(picture, dtype=np.float32)


def bokeh(canvas: Canvas, rng: Generator) -> None:
    """Lights far out of focus: soft bright discs of one size, added in place."""
    size = canvas.shape[0]
    radius = size * rng.uniform(0.02, 0.13)
    glow = np.zeros_like(canvas)
    hue = lighter(any_colour(rng), 0.3)
    for _ in range(int(rng.integers(4, 22))):
        x, y = (int(part) for part in rng.uniform(0, size, 2))
        disc = tuple(255.0 * part * rng.uniform(0.15, 0.7) for part in vary(rng, hue, 0.3))
        cv2.circle(glow, (x, y), max(1, round(radius * rng.uniform(0.7, 1.2))), disc, -1, cv2.LINE_AA)
    cv2.GaussianBlur(glow, (0, 0), max(0.5, radius * rng.uniform(0.05, 0.3)), glow)
    cv2.add(canvas, glow, canvas)

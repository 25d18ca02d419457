"""Surfaces: scales, zebra stripes, honeycomb, brick wall.

Each is a function of the plane's coordinates, measured in cells of the pattern, so that one cell is 1 wide.
"""

import numpy as np
from numpy.random import Generator

from .catalogue import Plane, Surface, pattern
from .colours import Colour, darker, hsv, lighter, mix, rich, vary


def _blend(first: Surface | Colour, second: Surface | Colour, share: Plane) -> Surface:
    start, end = np.asarray(first, dtype=np.float32), np.asarray(second, dtype=np.float32)
    return np.asarray(start + (end - start) * share[..., None], dtype=np.float32)


def _step(value: Plane, edge: float, softness: float = 0.06) -> Plane:
    """0 below the edge, 1 above it, with a smooth ramp between."""
    t = np.clip((value - edge) / softness + 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def _cell_tone(column: Plane, row: Plane, rng: Generator) -> Plane:
    """One random number in 0..1 for every cell of a grid."""
    table = rng.uniform(0, 1, (64, 64)).astype(np.float32)
    return table[row.astype(np.int64) % 64, column.astype(np.int64) % 64]


@pattern("scales, fish scales, reptile skin", cells=(3.5, 8.0))
def scales(x: Plane, y: Plane, rng: Generator) -> Surface:
    """Overlapping round scales in staggered rows, bright at the free edge, dark where they slip under."""
    base = rich(rng, (90, 220), (90, 220), (0, 60), (260, 330))
    tip, root = lighter(base, rng.uniform(0.2, 0.55)), darker(base, rng.uniform(0.5, 0.75))
    pitch = rng.uniform(0.42, 0.55)
    picture: Surface = np.broadcast_to(np.asarray(root, dtype=np.float32), (*x.shape, 3))
    row = np.floor(y / pitch)
    other = vary(rng, base, 0.25)
    for behind in (1, 0, -1):  # rows overlap like tiles: the upper row lies over the lower one
        here = row + behind
        across = x + 0.5 * (here % 2)
        column = np.floor(across)
        dx, dy = across - column - 0.5, y - here * pitch
        distance = np.hypot(dx, dy * 0.92)
        tone = _cell_tone(column, here, np.random.default_rng(7))
        skin = _blend(_blend(root, base, np.clip(distance * 1.7, 0, 1)), other, tone * 0.5)
        skin = _blend(skin, tip, np.clip((distance - 0.3) * 5, 0, 1) * 0.75)
        skin = _blend(skin, darker(root, 0.6), _step(distance, 0.5))
        inside = (1 - _step(distance, 0.55)) * (dy > -0.02)
        picture = _blend(picture, skin, inside)
    return picture


@pattern("zebra, zebra stripes, stripes", cells=(2.5, 6.0))
def zebra(x: Plane, y: Plane, rng: Generator) -> Surface:
    """Black and white stripes that bend, fork and swell."""
    sway = sum(
        rng.uniform(0.15, 0.5)
        * np.sin(x * rng.uniform(0.5, 1.1) + y * rng.uniform(-1.2, 1.2) + rng.uniform(0, 6.3))
        for _ in range(3)
    )
    fork = (
        np.arctan2(y - rng.uniform(-1, 1), x - rng.uniform(-1, 1)) / (2 * np.pi)
        if rng.uniform() < 0.6
        else 0.0
    )
    wave = np.sin(2 * np.pi * (x + 0.5 * sway + fork * rng.choice([-1, 1])))
    swell = 0.25 * np.sin(y * rng.uniform(0.6, 1.5) + rng.uniform(0, 6.3))
    pale = mix((0.97, 0.96, 0.93), hsv(rng.uniform(25, 50), 0.4, 0.95), rng.uniform(0, 0.5))
    return _blend(
        vary(rng, (0.07, 0.06, 0.06), 0.05), pale, _step((wave + swell).astype(np.float32), 0.0, 0.4)
    )


@pattern("honeycomb, hexagons", cells=(3.0, 7.0))
def honeycomb(x: Plane, y: Plane, rng: Generator) -> Surface:
    """Hexagonal wax cells, dark or full of honey, lit at one wall."""
    wax = hsv(rng.uniform(30, 52), rng.uniform(0.55, 0.95), rng.uniform(0.75, 1.0))
    honey = hsv(rng.uniform(24, 44), rng.uniform(0.8, 1.0), rng.uniform(0.45, 0.95))
    high = np.sqrt(3.0)
    first = (x - np.round(x), y - np.round(y / high) * high)
    shifted_x, shifted_y = x - 0.5, y - high / 2
    second = (shifted_x - np.round(shifted_x), shifted_y - np.round(shifted_y / high) * high)
    nearer = np.hypot(*first) < np.hypot(*second)
    dx, dy = np.where(nearer, first[0], second[0]), np.where(nearer, first[1], second[1])
    tone = _cell_tone(np.round((x - dx) * 2), np.round((y - dy) / high * 2), rng)
    wall = np.maximum(np.abs(dx), np.abs(dx) * 0.5 + np.abs(dy) * high / 2)  # 0.5 on a cell's edge
    depth = np.clip(wall * 2, 0, 1)
    light = np.clip(0.5 + (dx * rng.uniform(-1, 1) + dy * rng.uniform(-1, 1)) * 1.4, 0, 1)
    filling = _blend(darker(honey, 0.65), honey, (0.35 * tone + 0.65 * light).astype(np.float32))
    filling = _blend(filling, darker(honey, 0.8), (0.4 * depth * (1 - light)).astype(np.float32))
    edge = _step(wall.astype(np.float32), rng.uniform(0.36, 0.43), 0.07)
    return _blend(filling, _blend(wax, lighter(wax, 0.5), light.astype(np.float32)), edge)


@pattern("brick wall, bricks, brick", cells=(2.0, 5.0), tilt_deg=25)
def brick(x: Plane, y: Plane, rng: Generator) -> Surface:
    """Courses of bricks in running bond, each of its own tone, bevelled, with mortar between."""
    clay = hsv(rng.uniform(2, 28), rng.uniform(0.45, 0.85), rng.uniform(0.4, 0.8))
    other = vary(rng, darker(clay, rng.uniform(0.1, 0.4)), 0.08)
    mortar = vary(rng, lighter((0.5, 0.48, 0.45), rng.uniform(0, 0.7)), 0.05)
    tall = rng.uniform(0.36, 0.5)
    row = np.floor(y / tall)
    across = x + 0.5 * (row % 2)
    column = np.floor(across)
    dx, dy = across - column, y / tall - row
    to_edge = np.minimum(np.minimum(dx, 1 - dx), np.minimum(dy, 1 - dy) * tall)
    face = _blend(clay, other, _cell_tone(column, row, rng))
    gap = rng.uniform(0.035, 0.06)
    bevel = (np.clip(1.5 - to_edge / gap * 0.5, 0, 1) * ((dy > 0.5) | (dx > 0.93))).astype(np.float32)
    face = _blend(face, darker(other, 0.6), bevel * 0.7)
    return _blend(mortar, face, _step(to_edge.astype(np.float32), gap, 0.03))

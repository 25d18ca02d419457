"""Surfaces: scales, zebra stripes, honeycomb, brick wall, leopard spots.

Each is a function of the plane's coordinates, measured in cells of the pattern, so that one cell is 1 wide.
"""

import cv2
import numpy as np
from numpy.random import Generator

from ..catalogue import pattern
from ..colours import darker, hsv, lighter, mix, rich, vary
from ..surfaces import Plane, Surface, blend, cell_tone, soft_step


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
        tone = cell_tone(column, here, np.random.default_rng(7))
        skin = blend(blend(root, base, np.clip(distance * 1.7, 0, 1)), other, tone * 0.5)
        skin = blend(skin, tip, np.clip((distance - 0.3) * 5, 0, 1) * 0.75)
        skin = blend(skin, darker(root, 0.6), soft_step(distance, 0.5))
        inside = (1 - soft_step(distance, 0.55)) * (dy > -0.02)
        picture = blend(picture, skin, inside)
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
    return blend(
        vary(rng, (0.07, 0.06, 0.06), 0.05), pale, soft_step((wave + swell).astype(np.float32), 0.0, 0.4)
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
    tone = cell_tone(np.round((x - dx) * 2), np.round((y - dy) / high * 2), rng)
    wall = np.maximum(np.abs(dx), np.abs(dx) * 0.5 + np.abs(dy) * high / 2)  # 0.5 on a cell's edge
    depth = np.clip(wall * 2, 0, 1)
    light = np.clip(0.5 + (dx * rng.uniform(-1, 1) + dy * rng.uniform(-1, 1)) * 1.4, 0, 1)
    filling = blend(darker(honey, 0.65), honey, (0.35 * tone + 0.65 * light).astype(np.float32))
    filling = blend(filling, darker(honey, 0.8), (0.4 * depth * (1 - light)).astype(np.float32))
    edge = soft_step(wall.astype(np.float32), rng.uniform(0.36, 0.43), 0.07)
    return blend(filling, blend(wax, lighter(wax, 0.5), light.astype(np.float32)), edge)


@pattern("brick wall, bricks, brick", cells=(1.6, 3.6), tilt_deg=10)
def brick(x: Plane, y: Plane, rng: Generator) -> Surface:
    """Large red bricks in running bond, each of one even tone, between straight lines of pale mortar."""
    x, y = _straightened(x), _straightened(y)
    clay = hsv(rng.uniform(6, 18), rng.uniform(0.68, 0.85), rng.uniform(0.66, 0.84))
    burnt = vary(rng, darker(clay, rng.uniform(0.22, 0.38)), 0.03)
    mortar = vary(rng, (0.88, 0.85, 0.79), 0.05)
    tall = rng.uniform(0.4, 0.48)
    row = np.floor(y / tall)
    across = x + 0.5 * (row % 2)
    column = np.floor(across)
    dx, dy = across - column, y / tall - row
    to_edge = np.minimum(np.minimum(dx, 1 - dx), np.minimum(dy, 1 - dy) * tall).astype(np.float32)
    gap = rng.uniform(0.036, 0.05)
    grit = cell_tone(np.floor(x * 30), np.floor(y * 30), rng)
    to_bed = (np.minimum(dy, 1 - dy) * tall).astype(np.float32)
    rim = (1 - soft_step(to_bed, gap + 0.03, 0.04)) * np.where(dy < 0.5, 0.25, -0.3)
    face = blend(clay, burnt, cell_tone(column, row, rng))
    face = np.asarray(face * (1 + rim - 0.12 * grit**3)[..., None], dtype=np.float32)
    return blend(mortar, face, soft_step(to_edge, gap, 0.022))


def _straightened(plane: Plane) -> Plane:
    """Coordinates with most of their bends and foreshortening gone: masons lay their courses by a line."""
    height, width = plane.shape
    across, down = np.linspace(-1, 1, width)[None, :], np.linspace(-1, 1, height)[:, None]
    slopes = (np.mean(plane * part) / np.mean(part**2) for part in (across, down))
    flat = plane.mean() + sum(slope * part for slope, part in zip(slopes, (across, down), strict=True))
    return np.asarray(flat + 0.25 * (plane - flat), dtype=np.float32)


@pattern("leopard, leopard spots, jaguar", cells=(2.4, 5.2))
def leopard(x: Plane, y: Plane, rng: Generator) -> Surface:
    """Tawny fur, finely streaked, with broken dark rosettes about brown hearts and small spots between."""
    tawny = hsv(rng.uniform(28, 42), rng.uniform(0.5, 0.8), rng.uniform(0.8, 0.98))
    heart = hsv(rng.uniform(24, 34), rng.uniform(0.62, 0.8), rng.uniform(0.5, 0.68))
    ink = vary(rng, (0.09, 0.06, 0.04), 0.03)
    hair = _hair(x, y, rng)
    belly = 0.55 + 0.4 * np.sin(y * rng.uniform(0.4, 0.9) + rng.uniform(0, 6.3))
    fur = blend(darker(tawny, 0.25), lighter(tawny, 0.35), np.clip(belly + 0.4 - 0.8 * hair, 0, 1))
    hearts, marks = np.zeros_like(x), np.zeros_like(x)
    for shift in (0.0, 0.5):  # two grids of rosettes, the second between those of the first
        frayed = [np.asarray(line + 0.1 * hair + shift, dtype=np.float32) for line in (x, 1.05 * y)]
        inner, ring = _rosettes(frayed[0], frayed[1], rng)
        hearts, marks = np.maximum(hearts, inner), np.maximum(marks, ring)
    coat = blend(fur, heart, hearts * (0.85 - 0.4 * hair))
    return blend(coat, ink, marks * (1 - 0.25 * hair))


def _hair(x: Plane, y: Plane, rng: Generator) -> Plane:
    """Fine streaks in 0..1 along y, which lean and waver."""
    grid = rng.uniform(0, 1, (128, 128)).astype(np.float32)
    along = x * 26 + 1.6 * np.sin(y * 2.1 + x) + y * rng.uniform(-3, 3)
    columns, rows = np.mod(along, 126).astype(np.float32), np.mod(y * 5, 126).astype(np.float32)
    return np.asarray(cv2.remap(grid, columns, rows, cv2.INTER_LINEAR), dtype=np.float32)


def _rosettes(x: Plane, y: Plane, rng: Generator) -> tuple[Plane, Plane]:
    """Brown hearts and the dark blotches around them: one lopsided rosette in every square of a grid."""
    column, row = np.round(x), np.round(y)
    cell = (row.astype(np.int64) & 63) * 64 + (column.astype(np.int64) & 63)
    left, above, grown, turned, bent = rng.uniform(0, 1, (5, 4096)).astype(np.float32).take(cell, axis=1)
    dx, dy = x - column - 0.26 * (left - 0.5), y - row - 0.26 * (above - 0.5)
    angle = np.arctan2(dy, dx)
    lobes = 1 + 0.16 * np.sin(2 * angle + 6.3 * turned) + 0.1 * np.sin(3 * angle + 20 * bent)
    radius = np.asarray(np.hypot(dx, dy) / ((0.2 + 0.1 * grown) * lobes), dtype=np.float32)
    breaks = np.sin(3 * angle + 6.3 * bent) + 0.8 * np.sin(5 * angle + 17 * turned)
    width = np.minimum(0.36 + 0.25 * breaks, 0.36)  # below 0 where the ring is broken
    ring = 1 - soft_step(np.asarray(np.abs(radius - 0.95) - width, dtype=np.float32), 0.0, 0.16)
    return 1 - soft_step(radius, 0.95, 0.2), ring

"""Ornaments: mandala, lace, mosaic."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..catalogue import creature, pattern
from ..colours import Colour, darker, hsv, lighter, rich, vary
from ..pen import Pen
from ..shapes import Points, ellipse, turned
from ..surfaces import Plane, Surface, blend, soft_step


@dataclass(frozen=True)
class _Paints:
    """The colours of a mandala: an outline, two grounds, and what stands out on either of them."""

    ink: Colour
    deep: Colour
    bright: Colour
    pale: Colour
    accent: Colour
    gold: Colour


@creature("mandala, rosette", tilt_deg=180, crowd=2)
def mandala(pen: Pen, rng: Generator) -> None:
    """A mandala: outlined rings of scallops, pointed petals and beads in contrasting colours."""
    fold = int(rng.choice([6, 8, 8, 10, 12, 16]))
    paints = _paints(rng)
    radii = np.linspace(1.1, 0.22, int(rng.integers(5, 7)))
    kinds = rng.permutation(4)
    for ring, (outer, inner) in enumerate(pairwise(radii)):
        many = min(fold, 8) if ring > 2 else fold
        _ring(pen, (many, 0.5 * (ring % 2)), (inner, outer), int(kinds[ring % 4]), paints, ring)
    _heart(pen, min(fold, 8), radii[-1], paints)


def _paints(rng: Generator) -> _Paints:
    hue = rng.uniform(0, 360)
    other = hue + rng.uniform(90, 200)
    deep = hsv(hue, rng.uniform(0.75, 1.0), rng.uniform(0.3, 0.55))
    bright = hsv(other, rng.uniform(0.7, 0.95), rng.uniform(0.75, 1.0))
    pale = lighter(hsv(rng.choice([hue, other, 45.0]), 0.6, 1.0), rng.uniform(0.55, 0.85))
    accent = hsv(other + rng.uniform(60, 120), rng.uniform(0.75, 1.0), rng.uniform(0.75, 1.0))
    gold = hsv(rng.uniform(38, 52), rng.uniform(0.7, 0.95), rng.uniform(0.9, 1.0))
    return _Paints(darker(deep, rng.uniform(0.6, 0.85)), deep, bright, pale, accent, gold)


def _wreath(count: int, inner: float, outer: float, shape: int, shift: float) -> Points:
    """The outline of a ring of equal parts, growing from inner to outer: scallops, points or ogee petals."""
    share = np.linspace(0, 1, 13)[:-1]
    across = np.abs(2 * share - 1)  # 0 in a part's middle, 1 between two parts
    bulge = np.sqrt(np.maximum(1 - np.maximum((across - 0.35) / 0.65, 0) ** 2, 0))
    ogee = np.where(across < 0.35, 1 - across * 1.15, 0.6 * bulge)
    height = (np.sqrt(1 - across**2), 1 - across, ogee)[shape]
    radius = np.tile(inner + (outer - inner) * height, count)
    angles = (np.arange(count)[:, None] + share + shift).ravel() * 2 * np.pi / count
    return np.asarray(radius[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1))


def _ring(
    pen: Pen, turn: tuple[int, float], span: tuple[float, float], kind: int, paints: _Paints, ring: int
) -> None:
    """One ring, over what lies outside it: a band, points behind, nested parts that grow outwards, beads."""
    (count, shift), (inner, outer) = turn, span
    wide, ink = outer - inner, paints.ink
    ground, middle, core = paints.deep, paints.bright, paints.pale
    if ring % 2 == 1:
        ground, middle, core = paints.pale, paints.deep, paints.accent
    if kind == 0:
        middle, core = core, middle
    if ring > 0:
        pen.fill(ellipse(0, 0, outer, outer), ink)
        pen.fill(ellipse(0, 0, outer - 0.02, outer - 0.02), ground)
    shape = (2, 0, 2, 1)[kind]
    if kind != 1 or ring == 0:  # a second row of points that shows between the first
        pen.fill(_wreath(count, inner, outer - 0.01, 1, shift + 0.5), ink)
        pen.fill(_wreath(count, inner - 0.03, outer - 0.06, 1, shift + 0.5), paints.accent)
    else:
        _beads(pen, (count, shift + 0.5), outer - wide * 0.2, wide * 0.15, paints.gold, ink)
    pen.fill(_wreath(count, inner * 0.9, outer, shape, shift), ink)
    pen.fill(_wreath(count, inner * 0.85, outer - 0.03, shape, shift), middle)
    pen.fill(_wreath(count, inner * 0.75, outer - wide * 0.4, shape, shift), core)
    reach = inner + wide * 0.28
    _beads(pen, (count, shift), reach, min(0.18 * wide, 1.4 * reach / count), paints.gold, ink)


def _beads(
    pen: Pen, turn: tuple[int, float], radius: float, size: float, colour: Colour, ink: Colour
) -> None:
    count, shift = turn
    for index in range(count):
        spot = turned([(radius, 0)] * 2, (index + shift + 0.5) * 360 / count)
        pen.line(spot, ink, 2 * size + 0.03)
        pen.line(spot, colour, 2 * size)


def _heart(pen: Pen, fold: int, radius: float, paints: _Paints) -> None:
    pen.dot((0, 0), radius, paints.ink)
    pen.dot((0, 0), radius - 0.02, paints.bright)
    pen.fill(_wreath(fold, radius * 0.4, radius * 0.92, 2, 0.0), paints.ink)
    pen.fill(_wreath(fold, radius * 0.3, radius * 0.78, 2, 0.0), paints.pale)
    pen.dot((0, 0), radius * 0.4, paints.ink)
    pen.dot((0, 0), radius * 0.3, paints.gold)


@pattern("lace, doily, crochet", cells=(1.8, 4.0))
def lace(x: Plane, y: Plane, rng: Generator) -> Surface:
    """White or cream openwork over a coloured ground: a net, crocheted flowers, often scalloped edges."""
    ground = rich(rng) if rng.uniform() < 0.6 else darker(rich(rng), rng.uniform(0.4, 0.8))
    petals, mesh = int(rng.choice([5, 6, 8])), rng.uniform(3.6, 5.0)
    height = rng.uniform(1.35, 1.5) if rng.uniform() < 0.5 else 0.0
    down: Plane = np.mod(y, np.float32(height)) if height else y
    net = _thread(np.minimum(np.abs(_off((x + down) * mesh)), np.abs(_off((x - down) * mesh))), 0.11)
    inside, flower = _crocheted(_off(x), down - 0.6 if height else _off(y), rng.uniform(0.4, 0.47), petals)
    low, size = (down - 0.92, 0.16) if height else (y - 0.5, 0.22)
    inside_small, small = _crocheted(_off(x - 0.5), _off(low), size, 5)
    cover = np.maximum(net * (1 - np.maximum(inside, inside_small)), np.maximum(flower, small * (1 - inside)))
    if height:
        cover = _edged(cover, x, down, height)
    return _laid_over(cover, ground, rng)


def _off(value: Plane) -> Plane:
    """How far each number lies from the nearest whole one."""
    return np.asarray(value - np.round(value), dtype=np.float32)


def _thread(distance: Plane, half: float) -> Plane:
    """1 on a thread's middle, 0 beyond ``half`` of its width."""
    return np.asarray(1 - soft_step(distance, half, half * 0.8), dtype=np.float32)


def _crocheted(dx: Plane, dy: Plane, radius: float, petals: int) -> tuple[Plane, Plane]:
    """Where a round motif lies, and its stitches: a scalloped hem on spokes, pierced petals, a heart."""
    r = np.asarray(np.hypot(dx, dy) / radius, dtype=np.float32)
    wave: Plane = np.abs(
        np.cos(np.arctan2(dy, dx) * np.float32(petals / 2))
    )  # 1 along a petal, 0 between two
    hem = 0.84 + 0.12 * wave
    petal = 1 - soft_step(r - 0.28 - 0.46 * wave, 0.0, 0.05)
    petal *= soft_step(r, 0.27, 0.05) * soft_step(np.hypot(r - 0.55, 0.7 * (1 - wave)), 0.075, 0.04)
    spokes = _thread(wave * r, 0.07) * ((r > 0.25) & (r < hem))
    heart = np.maximum(_thread(np.abs(r - 0.19), 0.05), _thread(r, 0.06))
    stitches = np.maximum(np.maximum(_thread(np.abs(r - hem), 0.065), petal), np.maximum(spokes, heart))
    return (r < hem).astype(np.float32), np.asarray(stitches, dtype=np.float32)


def _edged(cover: Plane, x: Plane, down: Plane, height: float) -> Plane:
    """The cover cut into tiers: a band with eyelets on top, scallops hemmed with a cord at the bottom."""
    part = _off(x * 3)
    edge = (height - 0.24 + 0.19 * np.sqrt(1 - 4 * part**2)).astype(np.float32)
    to_edge = edge - down
    cover = np.maximum(cover, _thread(np.abs(to_edge - 0.12), 0.018))
    fan = _thread(np.abs(_off(part * 4)), 0.18) * (to_edge < 0.12)
    cover = np.maximum(np.where(to_edge < 0.12, 0, cover), fan)
    cover = np.maximum(cover, _thread(np.abs(to_edge - 0.03), 0.035)) * soft_step(to_edge, -0.01, 0.02)
    eyelet = np.hypot(_off(x * 7), (down - 0.075) * 7)
    return np.maximum(cover, (down < 0.15) * soft_step(eyelet, 0.26, 0.08)).astype(np.float32)


def _laid_over(cover: Plane, ground: Colour, rng: Generator) -> Surface:
    """Threads of that cover over the ground, with the shadow that they throw on it."""
    step = max(1, cover.shape[0] // 90)
    shadow = np.roll(cover, (step, step), (0, 1))
    thread = vary(rng, (0.96, 0.94, 0.88), 0.03)
    weave = rng.uniform(0, 1, cover.shape).astype(np.float32)
    cloth = blend(ground, darker(ground, 0.3), weave * 0.5)
    return blend(blend(cloth, darker(ground, 0.75), shadow * 0.8), thread, cover * (0.88 + 0.12 * weave))


@dataclass(frozen=True)
class _Stones:
    """The stone at every pixel: offset from its middle, depth inside its edge, number, middle's place."""

    dx: Plane
    dy: Plane
    depth: Plane
    number: NDArray[np.int64]
    x: Plane
    y: Plane


@pattern("mosaic, tessellation, tiles", cells=(7.0, 14.0))
def mosaic(x: Plane, y: Plane, rng: Generator) -> Surface:
    """Small irregular stones of many colours set in grout, in flowing bands of a colour each."""
    stones = _courses(x, y, rng) if rng.uniform() < 0.4 else _shards(x, y, rng)
    tone, chance = (rng.uniform(0, 1, 4096).astype(np.float32).take(stones.number) for _ in range(2))
    paints = _paint_box(rng)
    lean, start, light = rng.uniform(0, 2 * np.pi, 3)
    along, down = stones.x * 0.28, stones.y * 0.28
    flow = np.sin(along * np.cos(lean) + down * np.sin(lean) + 1.3 * np.sin(down * 0.9 + along * 0.5 + start))
    index = ((flow * 0.65 + 0.65) * len(paints) + 0.9 * chance + 2 * (chance > 0.88)).astype(np.int64) % len(
        paints
    )
    face = paints[index] * (0.72 + 0.42 * tone)[..., None]
    bright = np.clip(0.5 - (stones.dx * np.cos(light) + stones.dy * np.sin(light)), 0, 1)
    face = blend(face * 0.75, np.minimum(face * 1.2 + 0.05, 1), bright.astype(np.float32))
    grout = vary(rng, (0.16, 0.14, 0.13) if rng.uniform() < 0.5 else (0.82, 0.79, 0.72), 0.05)
    return blend(grout, face, soft_step(stones.depth, rng.uniform(0.05, 0.08), 0.06))


def _paint_box(rng: Generator) -> NDArray[np.float32]:
    """Six colours in any order: four far apart in hue, one of gold or clay, and a white."""
    start = rng.uniform(0, 360)
    paints = [
        hsv(start + step * rng.uniform(65, 95), rng.uniform(0.55, 0.95), rng.uniform(0.4, 0.95))
        for step in range(4)
    ]
    paints.append(hsv(rng.uniform(15, 48), rng.uniform(0.7, 0.9), rng.uniform(0.75, 0.95)))
    paints.append(vary(rng, (0.92, 0.9, 0.84), 0.04))
    return np.array(paints, dtype=np.float32)[rng.permutation(len(paints))]


def _shards(x: Plane, y: Plane, rng: Generator) -> _Stones:
    """Stones of all that is nearest to each of many scattered points, one in every square of the plane."""
    table = rng.uniform(0.5 - 0.33, 0.5 + 0.33, (2, 4096)).astype(np.float32)
    columns, rows = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    fx, fy = x - np.floor(x), y - np.floor(y)
    nearest = second = np.full(x.shape, 9, np.float32)
    near_x, near_y, number = fx, fy, columns
    for right in (-1, 0, 1):
        for below in (-1, 0, 1):
            cell = ((rows + below) & 63) * 64 + ((columns + right) & 63)
            dx, dy = fx - right - table[0].take(cell), fy - below - table[1].take(cell)
            distance = 0.5 * np.hypot(dx, dy) + 0.5 * np.maximum(np.abs(dx), np.abs(dy))  # rather square
            second = np.minimum(second, np.maximum(nearest, distance))
            closer = distance < nearest
            nearest = np.minimum(nearest, distance)
            near_x, near_y = np.where(closer, dx, near_x), np.where(closer, dy, near_y)
            number = np.where(closer, cell, number)
    return _Stones(near_x, near_y, np.asarray((second - nearest) / 2), number, x - near_x, y - near_y)


def _courses(x: Plane, y: Plane, rng: Generator) -> _Stones:
    """Squarish stones of unequal length in wavy rows."""
    down = y + np.float32(rng.uniform(0.5, 1.1)) * np.sin(x * rng.uniform(0.3, 0.6) + rng.uniform(0, 6.3))
    row = np.floor(down)
    slip = rng.uniform(0, 6.3, 64).astype(np.float32).take(row.astype(np.int64) & 63)
    along = x + slip + np.float32(0.3) * np.sin(x * 2.2 + slip)
    column = np.floor(along)
    dx, dy = along - column - 0.5, down - row - 0.5
    depth = 0.5 - np.maximum(np.abs(dx), np.abs(dy))
    number = (row.astype(np.int64) & 63) * 64 + (column.astype(np.int64) & 63)
    return _Stones(dx, dy, depth, number, column - slip, row)

"""Of water, fire, stone, ice and sky: waves, flames, crystals, snowflake, galaxy."""

import cv2
import numpy as np
from numpy.random import Generator

from ..catalogue import creature, pattern
from ..colours import WHITE, Colour, darker, hsv, lighter, mix, vary
from ..fields import fractal
from ..pen import Pen, Pose
from ..shapes import Points, ellipse, moved, ribbon, spline, turned
from ..surfaces import Plane, Surface, cell_tone

_DISC = ellipse(0, 0, 1, 1)[:-1:4]
_ROW = 0.56  # from one row of breakers to the next, in cells

# A breaker rolling to the right: its back up to the tip of the lip, and the hollow from its foot to there.
_BACK = [(-0.4, 0.06), (-0.05, -0.08), (0.2, -0.34), (0.38, -0.66), (0.58, -0.83), (0.8, -0.8), (0.96, -0.6),
         (0.98, -0.42)]  # fmt: skip
_HOLLOW = [(1.3, 0.02), (0.98, -0.06), (0.76, -0.16), (0.66, -0.32), (0.68, -0.48), (0.78, -0.58),
           (0.9, -0.54), (0.98, -0.42)]  # fmt: skip

Fills = list[tuple[Points, Colour]]


@pattern("waves, sea waves, breaker", cells=(1.4, 3.4), tilt_deg=15)
def waves(x: Plane, y: Plane, rng: Generator) -> Surface:
    """Rows of breakers that curl over into claws of foam, striped in blues, as in a Japanese print."""
    unit = round(float(np.clip(x.shape[1] / (abs(x[0, -1] - x[0, 0]) + 1e-6), 48, 120)))
    tile = np.zeros((round(2 * _ROW * unit), unit, 3), dtype=np.uint8)
    deep = hsv(rng.uniform(190, 226), rng.uniform(0.65, 0.95), rng.uniform(0.32, 0.6))
    pale = hsv(rng.uniform(165, 208), rng.uniform(0.2, 0.5), rng.uniform(0.75, 0.95))
    foam = mix(WHITE, hsv(rng.uniform(40, 60), 0.2, 0.98), rng.uniform())
    kinds = [_breaker(rng, vary(rng, deep, 0.04), pale, foam) for _ in range(2)]
    for row in range(-1, 3):
        for column in (-1, 0, 1)[: 2 if row % 2 else 3]:
            pen = Pen(tile, Pose((column + 0.5 * (row % 2)) * unit, (row + 1) * tile.shape[0] / 2, unit))
            for outline, colour in kinds[row % 2]:
                pen.fill(outline, colour)
    side = float(rng.choice([-1.0, 1.0]))
    across = np.mod(side * x, 1.0) * tile.shape[1]
    down = np.mod(y / (2 * _ROW), 1.0) * tile.shape[0]
    print_ = cv2.remap(tile, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(print_ / np.float32(255), dtype=np.float32)


def _breaker(rng: Generator, deep: Colour, pale: Colour, foam: Colour) -> Fills:
    """What a breaker is made of, from back to front."""
    shift = rng.uniform(-0.03, 0.03, (8, 2))
    back, hollow = spline(_BACK + shift, False), spline(_HOLLOW + shift, False)

    def course(share: float) -> Points:
        return back + (hollow - back) * share

    body = np.concatenate([[(-0.4, 0.75)], back, hollow[::-1], [(1.3, 0.75)]])
    fills: Fills = [(body + np.array([0.0, -0.02]), darker(deep, 0.55)), (body, deep)]
    for start, end, share in ((0.04, 0.17, 0.75), (0.28, 0.4, 0.5), (0.52, 0.62, 0.9), (0.74, 0.8, 0.4)):
        fills.append((np.concatenate([course(start), course(end)[::-1]]), mix(deep, pale, share)))
    fills.append((np.concatenate([course(0.86), hollow[::-1]]), darker(deep, 0.35)))
    top = slice(19, 43)
    lace = course(0.22)[top] + 0.035 * np.array([(-1) ** (k // 2) for k in range(24)])[:, None]
    crest = np.concatenate([back[top] + np.array([0.0, -0.03]), lace[::-1]])
    fills += [(crest + np.array([0.015, 0.03]), mix(deep, pale, 0.35)), (crest, foam)]
    for place in range(28, 43, 4):
        fills += _claw(rng, course(0.15)[place], place * 8.5 - 225, foam, mix(deep, pale, 0.3))
    for _ in range(5):
        spot = np.array([rng.uniform(0.7, 1.2), rng.uniform(-0.95, -0.25)])
        fills.append((spot + _DISC * rng.uniform(0.014, 0.028), foam))
    return fills


def _claw(rng: Generator, root: Points, heading_deg: float, foam: Colour, edge: Colour) -> Fills:
    """One hooked finger of foam."""
    reach = rng.uniform(0.17, 0.27)
    hook = np.array([(0.0, -0.05), (0.5, -0.05), (1.0, 0.08), (0.6, 0.06), (0.4, 0.1), (0.0, 0.08)])
    finger = turned(hook * (reach, 0.9), heading_deg) + root
    return [(finger + np.array([0.012, 0.016]), edge), (finger, foam)]


@creature("flames, fire", tilt_deg=18, crowd=3)
def flames(pen: Pen, rng: Generator) -> None:
    """A fire: tongues that lick upwards, white and yellow inside, orange, red at the tips, dark behind."""
    hue, count = rng.uniform(-6, 10), int(rng.integers(6, 10))
    roots = np.linspace(-0.55, 0.55, count) + rng.uniform(-0.05, 0.05, count)
    heights = (1.9 - 1.5 * np.abs(roots)) * rng.uniform(0.65, 1.05, count)
    swings, phases = rng.uniform(0.06, 0.2, count), rng.uniform(0, 6.3, count)
    widths, lean = rng.uniform(0.2, 0.36, count), rng.uniform(-0.25, 0.25)
    heat = [hsv(hue, 0.9, 0.17), hsv(hue, 0.95, 0.65), hsv(hue + 8, 0.95, 0.92), hsv(hue + 22, 0.95, 1),
            hsv(hue + 36, 0.9, 1), hsv(hue + 46, 0.6, 1), hsv(50, 0.12, 1)]  # fmt: skip
    share = np.linspace(0, 1, 16)
    for level, colour in enumerate(heat):
        size = 1.1 - 0.145 * level
        profile = np.minimum(0.4 + 4 * share, 1) * (1 - share) ** 0.75 * (
            1 + 0.6 * np.sin(3.1 * share)
        ) * size / 2 + (0.03 if level == 0 else 0)
        pen.fill(ellipse(0, 0.72, 0.74 * size, 0.36 * size), colour)
        for root, height, swing, phase, width in zip(roots, heights, swings, phases, widths, strict=True):
            x = (
                root * (0.5 + 0.5 * size)
                + (swing * np.sin(phase + 4.5 * share * size) + lean * share) * share
            )
            half, y = width * profile, 0.78 - height * size * share
            pen.fill(np.stack([np.append(x - half, (x + half)[::-1]), np.append(y, y[::-1])], axis=1), colour)
    for _ in range(int(rng.integers(4, 10))):
        spark = moved(_DISC * (0.025, 0.05), rng.uniform(-0.6, 0.6), rng.uniform(-1.1, -0.3))
        pen.fill(spark, hsv(hue + rng.uniform(10, 45), 0.8, 1.0))


@creature("crystals, quartz, gemstones", tilt_deg=40, crowd=3)
def crystals(pen: Pen, rng: Generator) -> None:
    """A cluster of six-sided pointed prisms on a bit of rock, every facet of its own brightness."""
    hue, depth = ((275, 0.6), (345, 0.4), (195, 0.22), (150, 0.75), (42, 0.65), (215, 0.7))[rng.integers(6)]
    gem = hsv(hue + rng.uniform(-10, 10), depth * rng.uniform(0.8, 1.15), rng.uniform(0.75, 0.95))
    rock = hsv(rng.uniform(0, 360), rng.uniform(0.05, 0.2), rng.uniform(0.25, 0.45))
    count = int(rng.integers(6, 10))
    leans = np.linspace(-62, 62, count) + rng.uniform(-6, 6, count)
    lengths = (1.85 - 0.013 * np.abs(leans)) * rng.uniform(0.6, 1.0, count)
    lengths[count // 2] = rng.uniform(1.7, 1.95)
    for place in np.argsort(-lengths):
        root = np.array([leans[place] / 62 * 0.42, 0.82])
        _prism(pen, rng, root, leans[place], lengths[place], vary(rng, gem, 0.03))
    bumps = np.stack([np.linspace(-0.8, 0.8, 13), 0.72 + rng.uniform(-0.07, 0.07, 13)], axis=1)
    bumps[:, 1] += 0.22 * bumps[:, 0] ** 2
    stone = np.concatenate([bumps, [(0.6, 1.05), (0.1, 1.12), (-0.55, 1.06)]])
    pen.line(np.concatenate([stone, stone[:1]]), darker(rock, 0.7), 0.05)
    pen.shade(stone, darker(rock, 0.45), lighter(rock, 0.25), (-0.2, -0.4), 4)
    for x in np.linspace(-0.5, 0.5, 4):
        _prism(pen, rng, np.array([x, 0.98]), x * 70 + rng.uniform(-15, 15), rng.uniform(0.3, 0.5), gem)


def _prism(pen: Pen, rng: Generator, root: Points, lean_deg: float, length: float, gem: Colour) -> None:
    """One prism: three visible sides, clouded at the foot, and the three facets of its point."""
    half = (0.07 + 0.085 * length) * rng.uniform(0.75, 1.1)
    ridges = np.array([-1.0, rng.uniform(-0.6, -0.2), rng.uniform(0.2, 0.6), 1.0]) * half
    shoulder = -length + half * np.array([1.5, 1.15, 1.25, 1.6]) * rng.uniform(0.8, 1.1, 4)
    upright = [np.stack([ridges * 0.85, np.zeros(4)], axis=1), np.stack([ridges, shoulder], axis=1),
               np.array([(rng.uniform(-0.3, 0.3) * half, -length)])]  # fmt: skip
    foot, top, tip = (turned(part, lean_deg) + root for part in upright)
    pen.line(np.concatenate([foot, top[:0:-1], tip, top[:1], foot[:1]]), darker(gem, 0.65), 0.05)
    sides = (lighter(gem, 0.3), lighter(gem, 0.05), darker(gem, 0.38))
    for side, tone in enumerate(sides):
        here = slice(side, side + 2)
        for step, clouded in (
            (0.0, darker(tone, 0.4)),
            (0.28, darker(tone, 0.12)),
            (0.6, lighter(tone, 0.1)),
        ):
            cut = foot[here] + (top[here] - foot[here]) * step
            pen.fill(np.concatenate([cut, top[here][::-1]]), clouded)
        facet = lighter(sides[(side + 1) % 3], (0.35, 0.65, 0.1)[side])
        pen.fill(np.concatenate([top[here], tip]), facet)
    pen.line(np.stack([foot[1] * 0.6 + top[1] * 0.4, top[1], tip[0]]), lighter(gem, 0.8), 0.02)
    glint = [foot[:2].mean(axis=0) * share + top[:2].mean(axis=0) * (1 - share) for share in (0.08, 0.45)]
    pen.line(np.stack(glint), WHITE, 0.03)


@creature("snowflake, ice crystal", tilt_deg=180, crowd=4)
def snowflake(pen: Pen, rng: Generator) -> None:
    """A six-armed star of ice with feathered side branches, white and ice blue, over a dark blue glow."""
    night = hsv(rng.uniform(200, 240), rng.uniform(0.65, 0.95), rng.uniform(0.2, 0.5))
    ice = hsv(rng.uniform(185, 215), rng.uniform(0.15, 0.5), 1.0)
    blue = mix(ice, hsv(208, 0.85, 0.75), 0.7)
    halo = 0.2
    if rng.uniform() < 0.35:
        pen.shade(ellipse(0, 0, 1.12, 1.12), darker(night, 0.3), lighter(night, 0.15), (0, 0), 6)
        halo = 0.1
    twigs, thick = _twigs(rng), rng.uniform(0.8, 1.1)
    arms = np.deg2rad(60.0 * np.arange(6))
    turns = np.stack([np.cos(arms), np.sin(arms), -np.sin(arms), np.cos(arms)], axis=1).reshape(6, 1, 2, 2)
    for swell, colour in ((halo, night), (0.045, blue), (0.0, ice), (-0.045, WHITE)):
        blades = [
            ribbon(
                [path[0], path[1] + (path[1] - path[0]) * swell * 0.5 / length],
                max(width * thick + swell, 0.02),
            )
            for path, width, length in twigs
        ]
        for blade in (np.asarray(blades) @ turns).reshape(-1, 4, 2):
            pen.fill(blade, colour)
    core = rng.uniform(0.16, 0.3)
    for size, colour in ((1.2, blue), (1.0, ice), (0.75, mix(ice, blue, 0.6)), (0.55, WHITE)):
        pen.fill(np.stack([np.cos(arms), np.sin(arms)], axis=1) * core * size, colour)


def _twigs(rng: Generator) -> list[tuple[Points, float, float]]:
    """Straight paths, widths and lengths: one arm's stem and side branches, towards +x."""
    twigs = [(np.array([(0.0, 0.0), (1.0, 0.0)]), 0.09, 1.0)]
    count, swell = int(rng.integers(2, 5)), rng.uniform(0.25, 0.75)
    for place in np.linspace(rng.uniform(0.3, 0.45), 0.84, count):
        reach = (0.16 + 0.32 * np.exp(-(((place - swell) / 0.25) ** 2))) * rng.uniform(0.8, 1.1)
        reach = min(reach, 0.8 * place, 1.18 - place)
        for side in (-1.0, 1.0):
            end = (place + 0.5 * reach, side * 0.87 * reach)
            twigs.append((np.array([(place, 0.0), end]), 0.07, reach))
    return twigs


@pattern("galaxy, spiral galaxy, nebula", cells=(1.0, 1.8))
def galaxy(x: Plane, y: Plane, rng: Generator) -> Surface:
    """One large tilted whirl: a glowing golden core, two bold blue arms, black space with a few stars."""
    # A whole galaxy lies near the middle of the picture, wherever the plane was shifted to.
    x, y = (part - part.mean() + 0.5 + np.float32(rng.uniform(-0.14, 0.14)) for part in (x, y))
    coarse = _whirls(x[::2, ::2], y[::2, ::2], rng)
    glow = np.asarray(cv2.resize(coarse, x.shape[::-1]), dtype=np.float32)
    glow += _stars(rng, x * 9.0, y * 9.0, 0.9)[..., None]
    return np.asarray(np.clip(glow, 0, 1), dtype=np.float32)


def _whirls(x: Plane, y: Plane, rng: Generator) -> Surface:
    """The galaxies, one in every cell, each turned and tilted its own way."""
    column, row = np.floor(x), np.floor(y)
    turn, tilt = (cell_tone(column, row, rng) for _ in range(2))
    dx, dy = x - column - 0.5, y - row - 0.5
    cos, sin = np.cos(turn * 6.3), np.sin(turn * 6.3)
    across, along = dx * cos + dy * sin, (dy * cos - dx * sin) / (0.55 + 0.3 * tilt)
    radius = np.asarray(np.hypot(across, along) / 0.48, dtype=np.float32)
    grain = _clouds(rng, x, y, 1.5)
    wind = rng.uniform(4.6, 5.8) * rng.choice([-1, 1])
    phase = 2 * np.arctan2(along, across) + wind * np.log(radius + 0.06) + 0.9 * (grain - 0.5)
    fade = np.clip((1.0 - radius) * 2.4, 0, 1)
    arms = np.clip(0.5 + 0.75 * np.cos(phase), 0, 1) ** 1.5 * fade * (0.65 + 0.7 * grain)
    core = np.exp(-((radius * 4.6) ** 2)) + 0.55 * np.exp(-radius * 6.0)
    hue = rng.uniform(222, 258)
    lights = (
        (0.1 * fade, hsv(hue + 10, 0.8, 1.0)),
        (arms, hsv(hue, rng.uniform(0.64, 0.76), 1.0)),
        (arms**3 * np.exp(-1.4 * radius) * 0.3, WHITE),
        (core * 1.4, hsv(rng.uniform(36, 50), 0.55, 1.0)),
    )
    glow = np.full((*x.shape, 3), (0.012, 0.012, 0.04), dtype=np.float32)
    for strength, colour in lights:
        glow += strength[..., None].astype(np.float32) * np.asarray(colour, dtype=np.float32)
    return glow


def _clouds(rng: Generator, x: Plane, y: Plane, scale: float) -> Plane:
    """Fractal noise over the plane, mirrored at its seams."""
    table = fractal(rng, 128, 4, 4)
    across, down = (np.abs(np.mod(part * scale, 2) - 1) * 127 for part in (x, y))
    return np.asarray(cv2.remap(table, across, down, cv2.INTER_LINEAR), dtype=np.float32)


def _stars(rng: Generator, x: Plane, y: Plane, least: float) -> Plane:
    """Soft points of light in one cell of many."""
    column, row = np.floor(x), np.floor(y)
    bright = np.clip((cell_tone(column, row, rng) - least) / (1 - least), 0, 1)
    shift = 0.3 + 0.4 * cell_tone(column, row, rng)
    square = (x - column - shift) ** 2 + (y - row - 1 + shift) ** 2
    return np.asarray(bright * np.exp(-square * 45) * 1.3, dtype=np.float32)

"""Of trees and birds: a single leaf, a whole tree, a feather."""

import numpy as np
from numpy.random import Generator

from ..catalogue import creature
from ..colours import Colour, darker, hsv, lighter, mix, vary
from ..pen import Pen
from ..shapes import Points, ellipse, moved, ribbon

_DAB = ellipse(0, 0, 0.055, 0.034)[:-1:6]

# The right half of a maple leaf, from the stalk round to the tip, and its veins as starts and ends.
_MAPLE = [
    (0.0, 0.42), (0.14, 0.5), (0.36, 0.48), (0.7, 0.66), (0.6, 0.4), (0.84, 0.32), (0.74, 0.18),
    (1.0, 0.06), (0.88, -0.08), (1.16, -0.4), (0.88, -0.34), (0.76, -0.52), (0.56, -0.3), (0.24, -0.02),
    (0.33, -0.44), (0.58, -0.64), (0.34, -0.68), (0.3, -0.88), (0.12, -0.88), (0.0, -1.18),
]  # fmt: skip
_MAPLE_VEINS = [(0.0, 0.4, 0.6, 0.58), (0.0, 0.4, 1.04, -0.31), (0.4, 0.13, 0.86, 0.07),
                (0.0, -0.22, 0.48, -0.59)]  # fmt: skip


@creature("leaf, maple leaf", tilt_deg=60, crowd=2)
def leaf(pen: Pen, rng: Generator) -> None:
    """A large maple leaf on its stalk: five pointed lobes, strong pale veins; red, orange or green."""
    half = _maple_half(rng)
    left = half * (-rng.uniform(0.92, 1.05), 1) + rng.uniform(-0.015, 0.015, half.shape)
    left[[0, -1]] = half[[0, -1]]
    bend = rng.uniform(-0.16, 0.16)
    rim, core, vein = _leaf_colours(rng)
    outline = _bowed(np.concatenate([half, left[-2::-1]]), bend)
    y = np.linspace(half[0, 1] - 0.05, 1.12, 8)
    stalk = _bowed(np.stack([rng.uniform(-0.5, 0.5) * (y - y[0]) ** 2, y], axis=1), bend)
    pen.fill(ribbon(stalk, np.linspace(0.15, 0.19, 8)), darker(rim, 0.75))
    pen.fill(ribbon(stalk, np.linspace(0.08, 0.11, 8)), mix(vein, rim, 0.4))
    pen.line(outline, darker(rim, 0.75), 0.1)
    pen.shade(outline, rim, core, (0, 0.4), 5)
    spine = np.stack([np.zeros(12), np.linspace(half[0, 1], half[-1, 1], 12)], axis=1)
    pen.fill(_bowed(np.concatenate([half, spine[::-1]]), bend), darker(rim, 0.55), 0.22)
    stretch = np.abs(half).max(axis=0) / np.abs(np.array(_MAPLE)).max(axis=0)
    for start_x, start_y, end_x, end_y in _MAPLE_VEINS:
        path = np.array([(start_x, start_y), (end_x, end_y)]) * stretch
        blade = ribbon(path, np.array([0.095, 0.025]) * (1.0 if start_y == 0.4 else 0.7))
        for side in (-1.0, 1.0):
            course = _bowed(blade * (side, 1), bend)
            pen.fill(moved(course, 0.018, 0.028), darker(rim, 0.5))
            pen.fill(course, vein)
    pen.fill(ribbon(_bowed(spine, bend), np.linspace(0.11, 0.02, 12)), vein)


def _leaf_colours(rng: Generator) -> tuple[Colour, Colour, Colour]:
    """Rim, core and veins of a leaf in autumn's red or orange, or still green."""
    season = rng.choice(3, p=[0.45, 0.3, 0.25])
    hue = float((rng.uniform(-4, 8), rng.uniform(18, 30), rng.uniform(92, 122))[season])
    tone = hsv(hue, rng.uniform(0.85, 0.97), (0.74, 0.88, 0.5)[season] + rng.uniform(-0.06, 0.06))
    core = hsv(hue + (14, 14, -14)[season], 0.9, (0.92, 0.99, 0.7)[season])
    return tone, core, (hsv(44, 0.5, 1.0), hsv(50, 0.45, 1.0), hsv(75, 0.35, 0.95))[season]


def _bowed(points: Points, bend: float) -> Points:
    """The points with the leaf's axis bowed to one side."""
    return points + np.stack([bend * (points[:, 1] ** 2 - 0.3), np.zeros(len(points))], axis=1)


def _maple_half(rng: Generator) -> Points:
    """Pointed lobes, more or less deeply cut."""
    knots = np.array(_MAPLE)
    knots[1:-1] += rng.uniform(-0.025, 0.025, (18, 2))
    knots[13] *= rng.uniform(0.8, 1.5)
    return np.asarray(knots * (rng.uniform(0.88, 1.0), rng.uniform(0.94, 1.04)))


@creature("tree", tilt_deg=14, crowd=3)
def tree(pen: Pen, rng: Generator) -> None:
    """A broad-leaved tree from the side: rooted trunk, forking limbs, a crown of lit leaf clusters."""
    bark = hsv(rng.uniform(12, 36), rng.uniform(0.08, 0.6), rng.uniform(0.25, 0.6))
    dark, bright = _foliage(rng)
    puffs = [_puff(rng) for _ in range(6)]
    size = np.array([rng.uniform(0.66, 0.92), rng.uniform(0.52, 0.68)])
    centre = np.array([0.0, -1.05 + size[1] * 1.12])
    grass = hsv(rng.uniform(70, 120), rng.uniform(0.4, 0.7), rng.uniform(0.25, 0.5))
    ground = ellipse(0, 1.02, rng.uniform(0.5, 0.8), 0.1)
    ground[16:, 1] -= 0.07 * (np.arange(17) % 2)
    pen.fill(ground, darker(grass, 0.2))
    pen.fill(ellipse(0.1, 1.03, 0.42, 0.05), darker(grass, 0.6))
    pen.fill(centre + puffs[0] * size * 0.85, darker(dark, 0.2))
    for level in range(4):
        if level == 1:
            _trunk(pen, rng, centre, size, bark)
        crown = centre + _places(rng, size, level) - np.array([0.06, 0.07]) * level
        _clusters(pen, rng, crown, puffs, mix(dark, bright, level / 3), level)


def _foliage(rng: Generator) -> tuple[Colour, Colour]:
    """The leaves' colour in shade and in light: mostly green, or autumn's, or spring's blossom."""
    season = rng.choice(3, p=[0.62, 0.26, 0.12])
    if season == 0:
        hue, deep = rng.uniform(68, 130), rng.uniform(0.55, 0.9)
        return hsv(hue + 18, deep, 0.25), hsv(hue, deep * 0.85, rng.uniform(0.6, 0.88))
    if season == 1:
        hue = rng.uniform(6, 50)
        return hsv(hue - 14, 0.95, 0.45), hsv(hue, rng.uniform(0.75, 0.92), 0.98)
    return hsv(rng.uniform(320, 345), 0.5, 0.6), hsv(rng.uniform(335, 350), rng.uniform(0.1, 0.3), 1.0)


def _trunk(pen: Pen, rng: Generator, centre: Points, size: Points, bark: Colour) -> None:
    """Trunk with flared roots, and limbs that reach out into the crown."""
    share = np.linspace(0, 1, 12)
    sway = rng.uniform(-0.09, 0.09) * np.sin(share * 4)
    path = np.stack([sway, 1.04 + (centre[1] - size[1] * 0.3 - 1.04) * share], axis=1)
    widths = rng.uniform(0.2, 0.3) * (1 - 0.7 * share) * (1 + 1.3 * np.exp(-share * 14))
    limbs = [ribbon(path, widths)]
    for start, turn in zip((4, 5, 6, 7), rng.permutation([-58.0, 54.0, -30.0, 34.0]), strict=True):
        out = np.deg2rad(turn + rng.uniform(-8, 8))
        heading = np.array([np.sin(out) * size[0], -np.cos(out) * size[1]]) * rng.uniform(0.6, 0.8)
        bough = path[start] + heading * np.linspace(0, 1, 6)[:, None] ** (1.0, 1.3)
        limbs.append(ribbon(bough, widths[start] * np.linspace(0.6, 0.12, 6)))
    for limb in limbs:
        pen.line(limb, darker(bark, 0.65), 0.045)
    for limb in limbs:
        pen.fill(limb, bark)
    for shift, wide, tone in ((0.28, 0.4, darker(bark, 0.35)), (-0.28, 0.14, lighter(bark, 0.25))):
        flank = path[:9] + np.stack([widths[:9] * shift, np.zeros(9)], axis=1)
        pen.fill(ribbon(flank, widths[:9] * wide), tone)


def _places(rng: Generator, size: Points, level: int) -> Points:
    """Where the clusters of a layer of the crown sit: 0 lies behind the limbs, 3 is the lit top."""
    count, reach = ((10, 0.85), (8, 0.85), (6, 0.62), (5, 0.5))[level]
    turn = (rng.permutation(count) + rng.uniform(-0.3, 0.3, count)) * 2 * np.pi / count
    far = reach * rng.uniform(0.85, 1.0, count)
    if level > 1:
        far[::2] *= rng.uniform(0.1, 0.6)
    return np.stack([np.cos(turn) * far * size[0], np.sin(turn) * far * size[1]], axis=1)


def _clusters(pen: Pen, rng: Generator, crown: Points, puffs: list[Points], tone: Colour, level: int) -> None:
    """Clusters of leaves, each with its shadow and, but for the layer behind, a few leaves in the light."""
    for place in crown:
        puff = puffs[rng.integers(6)] * (0.28, 0.25, 0.22, 0.17)[level] * rng.uniform(0.8, 1.2)
        pen.fill(place + puff * 1.04 + np.array([0.015, 0.03]), darker(tone, 0.35))
        pen.fill(place + puff, vary(rng, tone, 0.04))
        for spot in puff[rng.integers(22, 36, 3 if level else 0)] * 0.62:
            pen.fill(place + spot + _DAB, lighter(tone, rng.uniform(0.1, 0.3)))


def _puff(rng: Generator) -> Points:
    """The bumpy outline of a cluster of leaves of radius 1, clockwise from the right."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    edge = 0.85 + 0.22 * np.abs(np.sin(turn * int(rng.integers(5, 8)) / 2 + rng.uniform(0, 6.3)))
    return np.stack([edge * np.cos(turn), edge * 0.85 * np.sin(turn)], axis=1)


@creature("feather, plume, quill", tilt_deg=60, crowd=2)
def feather(pen: Pen, rng: Generator) -> None:
    """A quill: bowed pale shaft from end to end, a smooth vane to both sides, down at its base, dark tip."""
    share = np.linspace(0, 1, 61)
    bow = rng.uniform(0.25, 0.5) * (1.6 * (share - 0.45) ** 2 - 0.2)
    shaft = np.stack([bow, 1.14 - 2.24 * share], axis=1)
    vane, tip = _plumage(rng)
    _down(pen, rng, shaft, mix(vane, (0.97, 0.97, 0.98), 0.75))
    full = rng.uniform(0.72, 0.88)
    for side, width in ((-1.0, 0.42 * full), (1.0, 0.58 * full)):
        _vane(pen, rng, shaft, (side * width, rng.uniform(0.66, 0.76)), vane, tip)
    pen.fill(ribbon(shaft, 0.17 * (1.15 - share)), darker(tip, 0.5))
    pen.fill(ribbon(shaft, 0.11 * (1.1 - share)), (0.98, 0.96, 0.9))


def _plumage(rng: Generator) -> tuple[Colour, Colour]:
    """Colours of the vane and of its tip: white tipped with blue, grey with slate, blue with ink."""
    kind = int(rng.choice(3, p=[0.4, 0.25, 0.35]))
    hue = rng.uniform(208, 226)
    vane = (hsv(hue, 0.04, 0.95), hsv(hue, 0.12, 0.74), hsv(hue, rng.uniform(0.55, 0.75), 0.85))[kind]
    tip = (hsv(hue, 0.75, rng.uniform(0.45, 0.65)), hsv(hue, 0.35, 0.27), hsv(hue + 8, 0.75, 0.26))[kind]
    return vary(rng, vane, 0.03), vary(rng, tip, 0.03)


def _vane(
    pen: Pen, rng: Generator, shaft: Points, reach: tuple[float, float], vane: Colour, tip: Colour
) -> None:
    """One side of a feather: its reach is the width (below 0: the left) and where the tip's colour begins."""
    width, border = reach
    share = np.linspace(0, 1, len(shaft))
    part = np.clip((share - 0.2) / 0.2, 0, 1) ** 0.6 * (1 - share**2.6) ** 0.6
    if rng.uniform() < 0.5:
        part *= 1 - 0.5 * np.clip(1 - np.abs(share - rng.uniform(0.4, 0.6)) / 0.03, 0, 1)
    edge = shaft + np.stack([width * part, -0.26 * part * (1 - share)], axis=1)
    first, change = 12, int(border * 60)
    tone = darker(vane, 0.14) if width > 0 else vane
    pen.line(edge[first:], darker(tip, 0.55), 0.075)
    pen.fill(np.concatenate([shaft[first:], edge[:first:-1]]), tone)
    pen.fill(np.concatenate([shaft[change - 6 :], edge[:change:-1]]), darker(tip, 0.15 if width > 0 else 0.0))
    for barb in range(first + 6, 58, 5):
        path = np.array([shaft[barb - 4], shaft[barb - 1] * 0.45 + edge[barb] * 0.55, edge[barb]])
        pen.line(path, darker(tone, 0.24) if barb < change else lighter(tip, 0.2), 0.022)


def _down(pen: Pen, rng: Generator, shaft: Points, pale: Colour) -> None:
    """Loose soft tufts about the root of the vanes."""
    for index in range(14):
        root, side = shaft[10 + index // 2], (-1.0 if index % 2 else 1.0)
        out, up = rng.uniform(0.24, 0.36), rng.uniform(-0.12, 0.1)
        path = root + np.array([(0.0, 0.0), (0.5 * out, 0.3 * up + 0.05), (out, up)]) * (side, 1)
        pen.fill(ribbon(path, (0.11, 0.09, 0.03)), darker(pale, 0.3 if index < 4 else rng.uniform(0, 0.2)))

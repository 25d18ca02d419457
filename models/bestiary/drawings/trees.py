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
    (0.0, 0.42), (0.14, 0.52), (0.4, 0.5), (0.68, 0.62), (0.58, 0.4), (0.84, 0.34), (0.72, 0.2),
    (1.0, 0.08), (0.86, -0.06), (1.12, -0.34), (0.86, -0.3), (0.74, -0.47), (0.56, -0.3), (0.26, -0.04),
    (0.33, -0.42), (0.56, -0.62), (0.33, -0.66), (0.3, -0.86), (0.1, -0.88), (0.0, -1.15),
]  # fmt: skip
_MAPLE_VEINS = [
    (0.0, 0.4, 0.58, 0.55), (0.0, 0.4, 1.02, -0.28), (0.3, 0.2, 0.9, 0.08), (0.24, 0.24, 0.7, 0.32),
    (0.5, 0.06, 0.68, -0.36), (0.0, -0.02, 0.26, -0.32), (0.0, -0.26, 0.48, -0.57), (0.0, -0.56, 0.22, -0.79),
]  # fmt: skip


@creature("leaf, maple leaf", tilt_deg=180, crowd=4)
def leaf(pen: Pen, rng: Generator) -> None:
    """A large leaf with stalk, midrib and veins: maple, oak or plain oval, from green to autumn's red."""
    kind = int(rng.choice(3, p=[0.45, 0.25, 0.3]))
    half = (_maple_half, _oak_half, _oval_half)[kind](rng)
    left = half * (-rng.uniform(0.9, 1.05), 1) + rng.uniform(-0.015, 0.015, half.shape)
    left[[0, -1]] = half[[0, -1]]
    bend = rng.uniform(-0.22, 0.22)
    rim, core, vein = _leaf_colours(rng)
    outline = _bowed(np.concatenate([half, left[-2::-1]]), bend)
    y = np.linspace(half[0, 1] - 0.05, half[0, 1] + rng.uniform(0.5, 0.65), 8)
    stalk = _bowed(np.stack([rng.uniform(-0.5, 0.5) * (y - y[0]) ** 2, y], axis=1), bend)
    pen.fill(ribbon(stalk, np.linspace(0.11, 0.13, 8)), darker(rim, 0.65))
    pen.fill(ribbon(stalk, np.linspace(0.06, 0.08, 8)), mix(vein, rim, 0.5))
    pen.line(outline, darker(rim, 0.65), 0.075)
    pen.shade(outline, rim, core, (0, 0.4 if kind == 0 else 0.1), 7)
    spine = np.stack([np.zeros(12), np.linspace(half[0, 1], half[-1, 1], 12)], axis=1)
    pen.fill(_bowed(np.concatenate([half, spine[::-1]]), bend), darker(rim, 0.55), 0.22)
    for blade in _veins(half, kind):
        for side in (-1.0, 1.0):
            course = _bowed(blade * (side, 1), bend)
            pen.fill(moved(course, 0.014, 0.022), darker(rim, 0.4))
            pen.fill(course, vein)
    pen.fill(ribbon(_bowed(spine, bend), np.linspace(0.08, 0.01, 12)), vein)


def _leaf_colours(rng: Generator) -> tuple[Colour, Colour, Colour]:
    """Rim, core and veins of a leaf in summer, on the turn, in autumn or already brown."""
    season = rng.choice(4, p=[0.42, 0.18, 0.32, 0.08])
    hue = rng.uniform(-8, 40)
    if season == 0:
        green = hsv(hue * 1.3 + 88, rng.uniform(0.6, 0.95), rng.uniform(0.4, 0.75))
        return darker(green, 0.2), lighter(green, 0.2), lighter(green, rng.uniform(0.5, 0.75))
    if season == 1:
        return hsv(hue + 6, 0.9, 0.82), hsv(rng.uniform(62, 95), 0.8, 0.8), hsv(58, 0.4, 0.98)
    if season == 2:
        vein = hsv(hue + 25, 0.5, 1.0) if rng.uniform() < 0.6 else hsv(hue, 1.0, 0.42)
        return hsv(hue, 0.95, rng.uniform(0.6, 0.9)), hsv(hue + rng.uniform(5, 22), 0.95, 1.0), vein
    brown = hsv(rng.uniform(18, 34), 0.62, rng.uniform(0.45, 0.7))
    return brown, lighter(brown, 0.25), darker(brown, 0.4)


def _bowed(points: Points, bend: float) -> Points:
    """The points with the leaf's axis bowed to one side."""
    return points + np.stack([bend * (points[:, 1] ** 2 - 0.3), np.zeros(len(points))], axis=1)


def _maple_half(rng: Generator) -> Points:
    """Pointed lobes, more or less deeply cut."""
    knots = np.array(_MAPLE)
    knots[1:-1] += rng.uniform(-0.025, 0.025, (18, 2))
    knots[13] *= rng.uniform(0.8, 1.5)
    return np.asarray(knots * (rng.uniform(0.85, 1.0), rng.uniform(0.92, 1.05)))


def _oak_half(rng: Generator) -> Points:
    """Round lobes that widen from the stalk to beyond the middle."""
    share = np.linspace(0, 1, 60)
    wave = 0.5 - 0.5 * np.cos(2 * np.pi * (int(rng.integers(3, 5)) + 0.5) * share)
    width = (0.25 + 0.75 * share) * np.sqrt(np.clip(1 - share**5, 0, 1))
    width *= (1 - rng.uniform(0.45, 0.6) * (1 - wave**0.7)) * rng.uniform(0.78, 0.92)
    width[[0, -1]] = 0.0
    return np.stack([width, 0.6 - 1.6 * share - 0.22 * width], axis=1)


def _oval_half(rng: Generator) -> Points:
    """One smooth or saw-toothed blade, drawn out to a point."""
    share = np.linspace(0, 1, 64)
    width = np.sin(np.pi * share ** rng.uniform(0.62, 0.85)) ** rng.uniform(0.75, 1) * (1 - 0.35 * share**4)
    width[1:-1] *= 1 + rng.choice([0, 0.12]) * (((np.arange(62) % 4) / 3) - 0.5)
    return np.stack([width * rng.uniform(0.55, 0.75), 0.6 - 1.75 * share], axis=1)


def _veins(half: Points, kind: int) -> list[Points]:
    """The right half's veins: a maple's fan out from the stalk, others bow in pairs from the midrib."""
    if kind == 0:
        stretch = np.abs(half).max(axis=0) / np.abs(np.array(_MAPLE)).max(axis=0)
        paths = [(np.array([ends[:2], ends[2:]]) * stretch, ends[1] == 0.4) for ends in _MAPLE_VEINS]
        return [ribbon(path, np.array([0.055, 0.016]) * (1 if main else 0.6)) for path, main in paths]
    share, blades = np.linspace(0, 1, 6), []
    for y in np.linspace(0.4, -0.68, 6 if kind == 1 else 8):
        rise = 0.16 + 0.12 * (0.9 + y)
        reach = 0.86 * float(np.interp(rise - y, -half[:, 1], half[:, 0]))
        path = np.stack([reach * share, y - rise * share**1.4], axis=1)
        blades.append(ribbon(path, np.linspace(0.045, 0.012, 6)))
    return blades


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


@creature("feather, plume, quill", tilt_deg=180, crowd=3)
def feather(pen: Pen, rng: Generator) -> None:
    """A bird's flight feather: bowed shaft, two vanes of barbs with splits, down at the base, bars."""
    share = np.linspace(0, 1, 36)
    shaft = np.stack([rng.uniform(0.15, 0.4) * (1.6 * (share - 0.45) ** 2 - 0.2), 1.12 - 2.2 * share], axis=1)
    tones = _plumage(rng, share)
    _down(pen, rng, shaft, lighter(mix(tones[0], (0.75, 0.73, 0.7), 0.6), 0.5))
    for side, width in ((-1.0, rng.uniform(0.24, 0.36)), (1.0, rng.uniform(0.36, 0.48))):
        _vane(pen, rng, shaft, side * width, tones)
    pen.fill(ribbon(shaft, 0.1 * (1.1 - share)), darker(tones[12], 0.7))
    pen.fill(ribbon(shaft, 0.06 * (1.1 - share)), (0.93, 0.9, 0.82))


def _plumage(rng: Generator, share: Points) -> list[Colour]:
    """Colours along a feather: plain, barred or tipped, a jay's, or a parrot's red, yellow and blue."""
    kind = int(rng.choice(5, p=[0.2, 0.15, 0.25, 0.2, 0.2]))
    if kind == 4:
        stops = [hsv(rng.uniform(*hues), 0.93, 0.93) for hues in ((-8, 8), (38, 54), (195, 225))]
        stops = stops[:: int(rng.choice([-1, 1]))]
        bounds = np.array([rng.uniform(0.32, 0.45), rng.uniform(0.58, 0.75)])
        return [stops[place] for place in np.searchsorted(bounds, share)]
    base = vary(rng, ((0.94, 0.93, 0.9), (0.6, 0.62, 0.67), (0.8, 0.64, 0.47), (0.2, 0.45, 0.9))[kind], 0.06)
    bar = darker(base, (0.2, 0.6, 0.72, 0.88)[kind])
    tip = lighter(base, 0.9) if kind == 3 else (bar if rng.uniform() < 0.5 else base)
    broad = 0.42 if kind == 3 or (kind > 0 and rng.uniform() < 0.75) else 0.0
    dark = (share > 0.25) & ((share * rng.uniform(4.5, 8.5) + rng.uniform()) % 1.0 < broad)
    return [tip if share[k] > 0.86 else bar if dark[k] else base for k in range(len(share))]


def _vane(pen: Pen, rng: Generator, shaft: Points, width: float, tones: list[Colour]) -> None:
    """One side of a feather (width below 0: the left), barb by barb to the tip, torn apart in places."""
    share = np.linspace(0, 1, len(shaft))
    part = np.clip((share - 0.14) / 0.22, 0, 1) ** 0.6 * (1 - share**2.2) ** 0.7
    splits = rng.integers(9, 31, int(rng.integers(1, 4)))
    middles = np.arange(5, len(shaft) - 1)
    apart = middles[:, None] + 0.5 - splits  # barbs on both sides of a split draw away from it
    lag = 0.24 + np.sum(np.sign(apart) * 0.06 * np.exp(-np.abs(apart) / 3), axis=1)
    roots = np.stack([shaft[middles], shaft[middles + 1]], axis=1)
    parts = np.stack([part[middles], part[middles + 1]], axis=1)
    away = np.stack([width * parts, -lag[:, None] * parts], axis=2)
    tips, halfway = roots + away, roots + away * (0.55, 0.42)
    for torn in np.split(tips, np.unique(splits) - 5):
        pen.line(torn.reshape(-1, 2), darker(tones[18], 0.75), 0.05)
    for index, middle in enumerate(middles):
        tone = darker(tones[middle], 0.1 * (index % 2) + rng.uniform(0, 0.06) + (0.1 if width > 0 else 0.0))
        pen.fill(np.concatenate([roots[index], halfway[index, ::-1]]), tone)
        pen.fill(np.concatenate([halfway[index], tips[index, ::-1]]), darker(tone, 0.16))


def _down(pen: Pen, rng: Generator, shaft: Points, pale: Colour) -> None:
    """Loose soft barbs about the root of the vanes."""
    pen.fill(ellipse(shaft[6, 0], shaft[6, 1], 0.17, 0.2), darker(pale, 0.2))
    for index in range(26):
        root, side = shaft[4 + index % 6], (-1.0 if index % 2 else 1.0)
        out, up = rng.uniform(0.16, 0.32), rng.uniform(-0.2, 0.16)
        path = root + np.array([(0.0, 0.0), (0.5 * out, 0.3 * up + 0.05), (out, up)]) * (side, 1)
        pen.line(path, darker(pale, rng.uniform(0, 0.3)), 0.025)

"""Buildings: pagoda, arches."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from ..catalogue import creature, pattern
from ..colours import Colour, darker, hsv, lighter, mix, rich, vary
from ..pen import Pen
from ..shapes import Points, ellipse, mirrored, spline
from ..surfaces import Plane, Surface, blend, cell_tone, soft_step


@dataclass(frozen=True)
class _Temple:
    """What every storey of one pagoda shares: its paints, and how far its eaves turn up."""

    roof: Colour
    wall: Colour
    panel: Colour
    gold: Colour
    upturn: float
    lanterns: bool


@creature("pagoda, temple", tilt_deg=12, crowd=3)
def pagoda(pen: Pen, rng: Generator) -> None:
    """A pagoda from the front: stacked, shrinking, upturned roofs over pillars, steps, a gold finial."""
    temple = _temple(rng)
    count = int(rng.integers(3, 6))
    shares = rng.uniform(0.82, 0.92) ** np.arange(count)
    heights = shares * 1.62 / shares.sum()
    wide = rng.uniform(0.92, 1.08)
    reaches = np.linspace(wide, wide * rng.uniform(0.42, 0.6), count)
    _platform(pen, rng, wide * 0.8)
    ground = 0.9
    for index in range(count):
        above = 0.05 if index == count - 1 else reaches[index + 1] * 0.66
        _storey(pen, temple, (ground, heights[index]), (reaches[index], above), door=index == 0)
        ground -= heights[index]
    _finial(pen, temple, ground, rng.uniform(0.26, 0.36))


def _temple(rng: Generator) -> _Temple:
    red = hsv(rng.uniform(-4, 16), rng.uniform(0.75, 0.95), rng.uniform(0.65, 0.9))
    cream = vary(rng, (0.95, 0.88, 0.72), 0.05)
    jade = hsv(rng.uniform(140, 185), rng.uniform(0.55, 0.9), rng.uniform(0.35, 0.6))
    slate = hsv(rng.uniform(195, 235), rng.uniform(0.25, 0.6), rng.uniform(0.28, 0.5))
    amber = hsv(rng.uniform(34, 46), rng.uniform(0.75, 0.95), rng.uniform(0.8, 0.98))
    roof, wall = (jade, slate, amber)[rng.choice(3, p=[0.45, 0.25, 0.3])], red
    if rng.uniform() < 0.3:
        roof, wall = (red, slate, jade)[rng.integers(3)], cream
    panel = cream if wall == red else hsv(rng.uniform(5, 25), 0.7, rng.uniform(0.35, 0.6))
    gold = hsv(rng.uniform(42, 50), rng.uniform(0.7, 0.9), rng.uniform(0.9, 1.0))
    return _Temple(roof, wall, panel, gold, rng.uniform(0.09, 0.17), rng.uniform() < 0.7)


def _platform(pen: Pen, rng: Generator, half: float) -> None:
    stone = vary(rng, (0.72, 0.69, 0.64), 0.07)
    for step, y in enumerate((0.88, 0.95, 1.02)):
        reach = half + 0.06 * step
        pen.fill(_box(-reach - 0.01, y - 0.01, reach + 0.01, y + 0.08), darker(stone, 0.6))
        pen.fill(_box(-reach, y, reach, y + 0.025), lighter(stone, 0.4))
        pen.fill(_box(-reach, y + 0.025, reach, y + 0.07), darker(stone, 0.12 * step))
        pen.fill(_box(-0.19, y + 0.01, 0.19, y + 0.07), darker(stone, 0.45))
        pen.fill(_box(-0.19, y + 0.01, 0.19, y + 0.045), lighter(stone, 0.6))


def _storey(
    pen: Pen, temple: _Temple, rise: tuple[float, float], reaches: tuple[float, float], door: bool
) -> None:
    """A wall from the ground by a height, and its roof, ending about as wide as the next storey."""
    (ground, height), (reach, above) = rise, reaches
    half, eaves = reach * 0.62, ground - height * 0.48
    _wall(pen, temple, half, (eaves - 0.02, ground), door)
    if not door:
        rail = half * 1.1
        pen.line([(-rail, ground - height * 0.12), (rail, ground - height * 0.12)], temple.wall, 0.02)
        pen.line([(-rail, ground), (rail, ground)], darker(temple.wall, 0.5), 0.03)
    pen.fill(_box(-half * 1.12, eaves - 0.02, half * 1.12, eaves + 0.045), darker(temple.wall, 0.72))
    for x in np.linspace(-half, half, 6):
        pen.line([(x, eaves), (x * 1.04, eaves + 0.03)], temple.gold, 0.022)
    lift = temple.upturn * (0.5 + 0.5 * reach)
    _roof(pen, temple, (reach, eaves, lift), (above, ground - height - 0.02))
    if temple.lanterns:
        for side in (-1.0, 1.0):
            _lantern(pen, temple, side * reach * 0.93, eaves - lift * 0.55, 0.04 + 0.03 * reach)


def _wall(pen: Pen, temple: _Temple, half: float, span: tuple[float, float], door: bool) -> None:
    """Pillars with panels between them: dark or lit windows, or on the ground floor a double door."""
    top, foot = span
    bays = 5 if half > 0.38 else 3
    edges = np.linspace(-half, half, bays + 1)
    lintel, sill, wide = top + 0.3 * (foot - top), foot - 0.2 * (foot - top), half / bays
    pen.fill(_box(-half, top, half, foot), darker(temple.panel, 0.18))
    pen.fill(_box(-half, top, half, lintel), darker(temple.panel, 0.55))
    for bay, middle in enumerate(edges[:-1] + wide):
        opening = darker(temple.wall, 0.8) if bay % 2 == 0 else mix(temple.gold, (0.9, 0.4, 0.1), 0.3)
        pen.fill(_box(middle - wide * 0.54, lintel, middle + wide * 0.54, sill), opening)
        pen.line([(middle, lintel), (middle, sill)], temple.wall, 0.015)
    if door:
        pen.fill(_box(-wide, top, wide, foot), darker(temple.wall, 0.85))
        for side in (-1.0, 1.0):
            pen.fill(_box(side * 0.008, top + 0.05, side * (wide - 0.02), foot), temple.roof)
            pen.dot((side * 0.03, (top + foot) / 2 + 0.04), 0.018, temple.gold)
    for x in edges:
        pen.line([(x, top), (x, foot)], darker(temple.wall, 0.4), 0.056)
        pen.line([(x - 0.008, top), (x - 0.008, foot)], lighter(temple.wall, 0.12), 0.03)


def _roof(pen: Pen, temple: _Temple, eave: tuple[float, float, float], ridge: tuple[float, float]) -> None:
    """A tiled roof that swings out to upturned corners; ``eave``: half width, height and lift of a corner."""
    (reach, low, lift), (above, top) = eave, ridge
    tip, out = low - lift, reach - above
    slope = spline(
        [(above, top), (above + out * 0.3, top + (tip - top) * 0.62),
         (above + out * 0.72, top + (tip - top) * 1.06), (reach * 1.03, tip - 0.03)], False, 4
    )  # fmt: skip
    under = spline([(reach, tip), (reach * 0.72, low - 0.005), (0, low + 0.02)], False, 4)
    half = np.concatenate([slope, under])
    outline = np.concatenate([half, mirrored(half)[::-1]])
    pen.fill(outline * (1.02, 1) + (0, 0.028), darker(temple.roof, 0.75))
    pen.shade(outline, darker(temple.roof, 0.25), lighter(temple.roof, 0.18), (-0.25, -0.1), 4)
    course = slope[:-2:2]
    sag = (lift + 0.02) * np.linspace(0, 0.9, len(course)) ** 2
    for share in np.linspace(-0.8, 0.8, 11):
        rib = np.stack([course[:, 0] * share, course[:, 1] + sag * (1 - share**2)], axis=1)
        pen.line(rib, darker(temple.roof, 0.45), 0.016)
    for place in (np.asarray, mirrored):
        pen.line(place(slope), darker(temple.gold, 0.15), 0.035)
        pen.line(place(under), temple.gold, 0.026)
        pen.dot(place(slope)[-1], 0.035, temple.gold)


def _lantern(pen: Pen, temple: _Temple, x: float, y: float, size: float) -> None:
    pen.line([(x, y), (x, y + size * 3.3)], darker(temple.gold, 0.25), 0.02)
    pen.fill(ellipse(x, y + size * 1.7, size * 0.78, size * 0.95), (0.5, 0.09, 0.05))
    pen.fill(ellipse(x - size * 0.1, y + size * 1.6, size * 0.5, size * 0.72), (0.96, 0.28, 0.2))


def _finial(pen: Pen, temple: _Temple, foot: float, tall: float) -> None:
    dark = darker(temple.gold, 0.45)
    pen.fill(_box(-0.07, foot - 0.03, 0.07, foot + 0.03), dark)
    pen.fill([(-0.035, foot), (0, foot - tall), (0.035, foot)], dark)
    for share, size in ((0.18, 0.085), (0.38, 0.065), (0.55, 0.05), (0.72, 0.035)):
        pen.shade(
            ellipse(0, foot - tall * share, size, size * 0.55), dark, lighter(temple.gold, 0.3), steps=2
        )


def _box(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


@dataclass(frozen=True)
class _Bay:
    """The measures of an arch, a bay being 1 wide: heights are from the storey's top down."""

    storey: float
    half: float
    spring: float  # where the arch stands on its columns
    point: float  # how far each arc's centre lies beyond the middle: 0 is a round arch
    ring: float


@pattern("arches, arcade, aqueduct", cells=(1.8, 4.5), tilt_deg=10)
def arches(x: Plane, y: Plane, rng: Generator) -> Surface:
    """Storeys of round or pointed arches on columns, rings of wedge stones about sky or deep shadow."""
    bay = _bay(rng)
    storey, column = np.floor(y / bay.storey), np.floor(x)
    down, dx = y - storey * bay.storey, x - column - 0.5
    outside = _beyond_arch(dx, down, bay)
    below = (down > bay.spring).astype(np.float32)
    tone = _over(_masonry_tone(x, down, rng), _column_tone(dx, down, bay), below)
    turn = (np.arctan2(down - bay.spring, dx) / np.pi * int(rng.choice([9, 11, 13]))).astype(np.float32)
    odd = (np.floor(turn) % 2).astype(np.float32)
    wedge = (0.88 - 0.16 * odd) * (0.15 + 0.85 * soft_step(np.abs(turn - np.round(turn)), 0.06, 0.08))
    tone = _over(tone, np.float32(0.05), (1 - below) * (1 - soft_step(outside, bay.ring + 0.03, 0.02)))
    ring = (1 - below) * (1 - soft_step(outside, bay.ring, 0.02))
    depth = rng.uniform(0.06, 0.14) * rng.choice([-1.0, 1.0])
    reveal = 0.3 + 0.2 * np.clip(dx / bay.half * np.sign(depth), -1, 1)
    mouth = soft_step(outside, 0.0, 0.03)
    tone = _over(reveal, _over(tone, wedge, ring), mouth)
    stone = _stone(rng)
    picture = blend(darker(stone, 0.85), lighter(stone, 0.25), np.clip(tone, 0, 1))
    if rng.uniform() < 0.4:
        picture = blend(picture, rich(rng, (-4, 22), (-4, 22), (190, 230)), 0.8 * odd * ring * mouth * wedge)
    back = _beyond_arch(dx - depth, down - abs(depth) * 0.5, bay)
    view = _view(down / bay.storey, cell_tone(column, storey, rng), rng)
    return blend(view, picture, soft_step(back, -0.02, 0.03))


def _bay(rng: Generator) -> _Bay:
    half, ring = rng.uniform(0.29, 0.37), rng.uniform(0.09, 0.13)
    point = rng.uniform(0.15, 0.4) if rng.uniform() < 0.4 else 0.0
    spring = 0.16 + ring + rng.uniform(0.03, 0.1) + float(np.sqrt(half**2 + 2 * half * point))
    return _Bay(spring + rng.uniform(0.45, 1.0), half, spring, point, ring)


def _stone(rng: Generator) -> Colour:
    """Sandstone, marble, brick or grey stone."""
    low, high, saturation, value = (
        (24, 40, 0.55, 0.98), (20, 50, 0.12, 0.98), (6, 24, 0.65, 0.88), (180, 260, 0.18, 0.8)
    )[rng.choice(4, p=[0.4, 0.2, 0.25, 0.15])]  # fmt: skip
    return hsv(rng.uniform(low, high), saturation * rng.uniform(0.7, 1.2), value * rng.uniform(0.85, 1.0))


def _over(tone: Plane, value: Plane | np.float32, share: Plane) -> Plane:
    return tone + (value - tone) * share


def _beyond_arch(dx: Plane, down: Plane, bay: _Bay) -> Plane:
    """Distance outwards from the arch's edge: below 0 in the opening."""
    reach = np.hypot(np.abs(dx) + bay.point, np.minimum(down - bay.spring, 0))
    return np.asarray(reach - bay.point - bay.half, dtype=np.float32)


def _masonry_tone(x: Plane, down: Plane, rng: Generator) -> Plane:
    """Brightness of the wall above the arches: courses of blocks, a lit cornice and its shadow on top."""
    course = np.floor(down * 7)
    along = x * 4 + 0.5 * (course % 2)
    tone = 0.52 + 0.26 * cell_tone(np.floor(along), course, rng)
    to_joint = np.minimum(np.abs(along - np.round(along)) * 0.25, np.abs(down * 7 - np.round(down * 7)) / 7)
    tone -= 0.25 * (1 - soft_step(to_joint, 0.01, 0.02))
    tone = _over(tone, np.float32(0.12), 1 - soft_step(down, 0.17, 0.08))
    tone = np.where((np.abs(x * 6 - np.round(x * 6)) < 0.27) & (down < 0.13), np.float32(0.75), tone)
    tone = _over(tone, np.float32(0.97), 1 - soft_step(down, 0.08, 0.025))
    return _over(tone, np.float32(0.3), 1 - soft_step(down, 0.022, 0.02))


def _column_tone(dx: Plane, down: Plane, bay: _Bay) -> Plane:
    """Brightness of the round columns between the openings, each lit from the left, with capital and base."""
    across = np.where(dx > 0, dx - 0.5, dx + 0.5) / np.float32(0.5 - bay.half)  # -1..1 over one column
    shaft = np.asarray(1.0 - 0.85 * np.abs(across + 0.25), dtype=np.float32)
    ends = np.minimum(down - bay.spring, bay.storey - down)
    tone = _over(np.asarray(0.78 - 0.2 * across), shaft, soft_step(ends, 0.09, 0.02))
    return np.where(np.abs(ends - 0.1) < 0.018, np.float32(0.1), tone)


def _view(down: Plane, tone: Plane, rng: Generator) -> Surface:
    """What shows in the openings: a sky, or a darkness that is deepest at the top."""
    if rng.uniform() < 0.5:
        zenith = hsv(rng.uniform(195, 225), rng.uniform(0.5, 0.85), rng.uniform(0.55, 0.9))
        horizon = mix(lighter(zenith, 0.75), rich(rng, (20, 45)), rng.uniform(0, 0.5))
        return blend(zenith, horizon, np.clip(down * 1.3 - 0.25, 0, 1))
    night = hsv(rng.uniform(0, 360), rng.uniform(0.2, 0.6), 0.07)
    floor = hsv(rng.uniform(15, 45), rng.uniform(0.4, 0.8), rng.uniform(0.25, 0.6))
    return blend(night, floor, np.clip((down - 0.45) * 1.4 * (0.6 + 0.6 * tone), 0, 1))

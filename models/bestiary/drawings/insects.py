"""Crawlers: beetle, spider, cobweb."""

import numpy as np
from numpy.random import Generator

from ..catalogue import creature
from ..colours import BLACK, WHITE, Colour, darker, hsv, lighter, mix, rich, vary
from ..pen import Pen
from ..shapes import Points, ellipse, grown, moved, ribbon, spline, symmetric, turned

_DISC = ellipse(0, 0, 1, 1)[::3]


@creature("beetle, scarab, stag beetle", tilt_deg=60, crowd=2)
def beetle(pen: Pen, rng: Generator) -> None:
    """A stag beetle from above: glossy oval with one seam, neck shield, great jaws, six black legs."""
    low, high = (135, 160) if rng.uniform() < 0.65 else (200, 220)
    metal = hsv(rng.uniform(low, high), rng.uniform(0.8, 1.0), rng.uniform(0.42, 0.6))
    ink = vary(rng, (0.05, 0.05, 0.06), 0.02)
    gloss = lighter(metal, 0.75)
    _beetle_legs(pen, rng, ink)
    _beetle_jaws(pen, rng, ink)
    _beetle_head(pen, metal, ink)
    _wing_cases(pen, rng, metal, gloss, ink)
    shield = spline([(0, -0.24), (-0.46, -0.2), (-0.58, -0.4), (-0.44, -0.6), (0, -0.64), (0.44, -0.6),
                     (0.58, -0.4), (0.46, -0.2)])  # fmt: skip
    pen.fill((shield - (0, -0.42)) * 1.12 + (0, -0.42), ink)
    pen.shade(shield, darker(metal, 0.4), lighter(metal, 0.16), (-0.2, -0.35), 4)
    pen.fill(ellipse(-0.24, -0.48, 0.16, 0.055, -12), gloss)


def _beetle_legs(pen: Pen, rng: Generator, ink: Colour) -> None:
    legs = np.array(
        [[(0.4, -0.3), (0.8, -0.42), (0.9, -0.76), (1.06, -0.86)],
         [(0.45, 0.1), (0.92, 0.02), (1.06, 0.34), (1.24, 0.42)],
         [(0.42, 0.4), (0.84, 0.56), (0.88, 0.92), (1.04, 1.06)]]
    )  # fmt: skip
    for side in (-1.0, 1.0):
        for leg in legs:
            knees = leg * (side, 1) + rng.uniform(-0.04, 0.04, (4, 2))
            _jointed(pen, knees, (0.19, 0.15, 0.1), ink, lighter(ink, 0.14))


def _wing_cases(pen: Pen, rng: Generator, metal: Colour, gloss: Colour, ink: Colour) -> None:
    """One smooth dome, parted by a straight seam."""
    long, wide = rng.uniform(0.98, 1.06), rng.uniform(0.6, 0.67)
    dome = symmetric(
        [(0, -0.24), (0.5, -0.24), (0.92, -0.08), (1.0, 0.3), (0.8, 0.72), (0.4, 0.96), (0, long)]
    )
    dome = dome * (wide, 1)
    pen.fill(grown(dome, 1.1), ink)
    pen.shade(dome, darker(metal, 0.4), lighter(metal, 0.16), (-0.2, -0.35), 6)
    pen.line([(0, -0.24), (0, long)], ink, 0.06)
    pen.fill(ellipse(-0.36, 0.14, 0.08, 0.26, 8), gloss)


def _beetle_jaws(pen: Pen, rng: Generator, ink: Colour) -> None:
    """Two antlers curved towards each other, with a tooth each."""
    open_by, tip = rng.uniform(0.52, 0.62), rng.uniform(0.1, 0.2)
    horn = mix(ink, hsv(14, 0.8, 0.5), 0.35)
    for side in (-1.0, 1.0):
        arc = spline([(0.16, -0.78), (open_by, -0.92), (open_by, -1.14), (tip, -1.34)], closed=False)
        widths = np.linspace(0.24, 0.05, len(arc))
        tooth = np.array([arc[8], arc[12], arc[10] * (0.42, 1.0)])
        for grow, tone in ((0.06, darker(ink, 0.5)), (0.0, horn)):
            pen.fill(ribbon(arc * (side, 1), widths + grow), tone)
            pen.fill(tooth * (side, 1), tone)
        pen.line(arc[2:11] * (side, 1) + (-0.03, -0.02), lighter(horn, 0.4), 0.035)


def _beetle_head(pen: Pen, metal: Colour, ink: Colour) -> None:
    head = ellipse(0, -0.74, 0.36, 0.2)
    pen.fill(grown(head, 1.16), ink)
    pen.shade(head, darker(metal, 0.55), metal, (-0.2, -0.3), 3)
    for side in (-1.0, 1.0):
        pen.fill(np.array([side * 0.31, -0.76]) + _DISC * 0.09, BLACK)
        pen.fill(np.array([side * 0.31 - 0.025, -0.79]) + _DISC * 0.035, WHITE)


def _jointed(
    pen: Pen,
    knees: Points,
    widths: tuple[float, ...],
    edge: Colour,
    flesh: Colour,
    joint: Colour | None = None,
) -> None:
    """A leg of straight members, each thinner than the last, with a lit upper side and rounded knees."""
    for member, width in enumerate(widths):
        pen.line(knees[member : member + 2], edge, width)
    for member, width in enumerate(widths):
        pen.line(knees[member : member + 2], flesh, width * 0.55)
        if joint is not None and member:
            pen.fill(knees[member] + _DISC * width * 0.5, joint)


@creature("spider, tarantula", tilt_deg=180, crowd=3)
def spider(pen: Pen, rng: Generator) -> None:
    """A spider from above: round abdomen, smaller fore body with eyes and fangs, eight jointed hairy legs."""
    fur = hsv(rng.uniform(8, 42), rng.uniform(0.2, 0.75), rng.uniform(0.14, 0.45))
    if rng.uniform() < 0.25:
        fur = hsv(rng.uniform(200, 280), rng.uniform(0.1, 0.6), rng.uniform(0.12, 0.35))
    joint = mix(fur, rich(rng, (12, 46)), rng.uniform(0.35, 0.85))
    edge = darker(fur, 0.65)
    stout = rng.uniform(0.85, 1.25)
    for side in (-1.0, 1.0):
        for root, turns in (
            (-0.36, (-38, -62, -84)), (-0.24, (-24, -20, -2)), (-0.12, (12, 24, 42)), (0.0, (38, 62, 84))
        ):  # fmt: skip
            _spider_leg(pen, rng, np.array([side * 0.16, root]), np.asarray(turns), stout, (edge, fur, joint))
        palp = np.array([(0.1, -0.42), (0.2, -0.62), (0.13, -0.8)]) * (side, 1)
        _jointed(pen, palp, (0.11, 0.09), edge, lighter(fur, 0.1), joint)
    _spider_body(pen, rng, fur, edge, joint)


def _spider_leg(
    pen: Pen,
    rng: Generator,
    root: Points,
    turns: Points,
    stout: float,
    colours: tuple[Colour, Colour, Colour],
) -> None:
    """A hairy leg from ``root``, its members turned so; colours of edge, fur, joints."""
    edge, fur, joint = colours
    side = np.sign(root[0])
    knees = [root]
    for turn, reach in zip(np.deg2rad(turns + rng.uniform(-9, 9, 3)), (0.44, 0.36, 0.3), strict=True):
        knees.append(knees[-1] + reach * np.array([side * np.cos(turn), np.sin(turn)]))
    leg = np.stack(knees)
    along = np.diff(leg, axis=0)[:, None]
    across = np.stack([-along[..., 1], along[..., 0]], axis=-1) / np.linalg.norm(
        along, axis=-1, keepdims=True
    )
    share = np.arange(0.05, 1.0, 0.1)[:, None] * np.ones(2)
    sides = (
        np.where(np.arange(10) % 2, -1.0, 1.0)[:, None] * np.array([0.12, 0.1, 0.08])[:, None, None] * stout
    )
    comb = leg[:-1, None] + along * share + across * sides
    pen.line(comb.reshape(-1, 2), mix(edge, fur, 0.4), 0.022)
    _jointed(pen, leg, (0.16 * stout, 0.125 * stout, 0.085 * stout), edge, lighter(fur, 0.12), joint)


def _spider_body(pen: Pen, rng: Generator, fur: Colour, edge: Colour, joint: Colour) -> None:
    """The abdomen with its bristles and pattern, the fore body with a grooved shield, eyes, fangs."""
    size = rng.uniform(0.36, 0.46)
    centre = np.array([0.0, 0.12 + size])
    for turn in range(0, 360, 14):
        bristle = turned([(size * 0.85, 0), (size * rng.uniform(1.1, 1.25), 0)], turn + rng.uniform(-4, 4))
        pen.line(bristle * (0.95, 1.15) + centre, mix(edge, fur, rng.uniform(0, 0.8)), 0.025)
    pen.shade(
        moved(ellipse(0, 0, size * 0.93, size * 1.14), 0, centre[1]),
        edge,
        lighter(fur, 0.15),
        (-0.15, -0.25),
        7,
    )
    mark = mix(joint, WHITE, rng.uniform(0, 0.3))
    for row in range(int(rng.integers(2, 5))):
        y, half = centre[1] - size * 0.55 + row * 0.17, size * (0.6 - 0.1 * row)
        pen.line([(-half, y + 0.09), (0, y), (half, y + 0.09)], mark, 0.05)
    shield = spline(
        [(0, 0.16), (-0.24, 0.04), (-0.3, -0.2), (-0.17, -0.44), (0.17, -0.44), (0.3, -0.2), (0.24, 0.04)]
    )
    pen.fill((shield - (0, -0.15)) * 1.1 + (0, -0.15), edge)
    pen.shade(shield, darker(fur, 0.25), lighter(mix(fur, joint, 0.35), 0.2), (-0.1, -0.2), 6)
    for turn in range(0, 360, 45):
        pen.line(turned([(0.05, 0), (0.2, 0)], turn + 22) + np.array([0, -0.12]), darker(fur, 0.4), 0.025)
    for side in (-1.0, 1.0):
        pen.fill(ellipse(side * 0.09, -0.5, 0.085, 0.13), edge)
        pen.line([(side * 0.09, -0.58), (side * 0.04, -0.7)], BLACK, 0.05)
        for x, y, radius in ((0.06, -0.38, 0.045), (0.15, -0.34, 0.035)):
            pen.fill(np.array([side * x, y]) + _DISC * radius, BLACK)
            pen.fill(np.array([side * x - 0.012, y - 0.012]) + _DISC * radius * 0.4, WHITE)


@creature("cobweb, spider web, orb web", tilt_deg=180, crowd=2)
def cobweb(pen: Pen, rng: Generator) -> None:
    """An orb web against the dark: radial threads to a ragged frame, sagging cross threads, dew."""
    dusk = hsv(rng.uniform(0, 360), rng.uniform(0.15, 0.7), rng.uniform(0.12, 0.34))
    silk = vary(rng, lighter(hsv(rng.uniform(180, 260), 0.12, 0.95), 0.3), 0.04)
    spokes, rings = int(rng.integers(10, 15)), int(rng.integers(5, 8))
    turns = np.linspace(0, 2 * np.pi, spokes, endpoint=False) + rng.uniform(-0.7, 0.7, spokes) / spokes
    rays = np.stack([np.cos(turns), np.sin(turns)], axis=1) * rng.uniform(0.95, 1.15, (spokes, 1))
    hub, sag, dew = rng.uniform(-0.12, 0.12, 2), rng.uniform(0.1, 0.2), rng.uniform() < 0.6
    pen.shade(hub + _hung(rays * 1.08, sag), darker(dusk, 0.45), lighter(dusk, 0.1), (0, 0), 6)
    for ray in rays:
        pen.line([hub, hub + ray * 1.16], mix(dusk, silk, 0.85), 0.026)
    for level in [*np.linspace(0.2, 0.92, rings), 1.06]:
        thread = hub + _hung(rays * level * rng.uniform(0.97, 1.03, (spokes, 1)), sag)
        pen.line(np.concatenate([thread, thread[:1]]), mix(dusk, silk, rng.uniform(0.7, 1.0)), 0.024)
        for drop in thread[rng.uniform(size=len(thread)) < 0.13] if dew and level > 0.35 else ():
            pen.fill(drop + _DISC * rng.uniform(0.022, 0.04), lighter(silk, 0.7))
    pen.fill(hub + _DISC * 0.05, silk)


def _hung(knots: Points, sag: float) -> Points:
    """A closed thread through the knots about the origin, drooping inwards between neighbours."""
    following = np.roll(knots, -1, axis=0)
    shares = np.linspace(0, 1, 5, endpoint=False)[:, None, None]
    parts = (knots + (following - knots) * shares) * (1 - sag * 4 * shares * (1 - shares))
    return np.swapaxes(parts, 0, 1).reshape(-1, 2)

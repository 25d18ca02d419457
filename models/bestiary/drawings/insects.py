"""Crawlers: beetle, spider, cobweb."""

import numpy as np
from numpy.random import Generator

from ..catalogue import creature
from ..colours import BLACK, WHITE, Colour, darker, hsv, lighter, mix, rich, vary
from ..pen import Pen
from ..shapes import Points, ellipse, moved, ribbon, spline, turned

_DISC = ellipse(0, 0, 1, 1)[::3]


@creature("beetle, scarab, stag beetle", tilt_deg=180, crowd=3)
def beetle(pen: Pen, rng: Generator) -> None:
    """A beetle from above: metallic ridged wing cases, neck shield, great toothed jaws, six jointed legs."""
    low, high = [(85, 165), (85, 165), (190, 245), (26, 44), (26, 44), (270, 300)][rng.integers(6)]
    hue = rng.uniform(low, high)
    metal = hsv(hue, rng.uniform(0.6, 0.95), rng.uniform(0.5, 0.9))
    sheen = hsv(hue + rng.uniform(-60, 60), 0.85, 0.6)
    ink = darker(metal, 0.82)
    _beetle_legs(pen, rng, metal, ink)
    _beetle_jaws(pen, rng, metal, ink)
    _wing_cases(pen, rng, metal, sheen, ink)
    pen.fill(spline([(-0.11, -0.27), (0, -0.29), (0.11, -0.27), (0, -0.1)]), ink)
    pen.fill(ellipse(-0.36, 0.06, 0.045, 0.24, 6), lighter(sheen, 0.8))
    shield = spline([(0, -0.28), (-0.5, -0.26), (-0.56, -0.46), (-0.4, -0.66), (0, -0.68), (0.4, -0.66),
                     (0.56, -0.46), (0.5, -0.26)])  # fmt: skip
    pen.fill((shield - (0, -0.47)) * 1.07 + (0, -0.47), ink)
    pen.shade(shield, darker(sheen, 0.5), lighter(metal, 0.2), (-0.2, -0.35), 6)
    pen.fill(ellipse(-0.2, -0.56, 0.14, 0.04, -12), lighter(sheen, 0.8))


def _beetle_legs(pen: Pen, rng: Generator, metal: Colour, ink: Colour) -> None:
    legs = np.array(
        [[(0.4, -0.2), (0.72, -0.42), (0.86, -0.75), (0.98, -0.88)],
         [(0.45, 0.1), (0.85, 0.05), (0.98, 0.34), (1.12, 0.44)],
         [(0.42, 0.4), (0.76, 0.58), (0.82, 0.9), (0.94, 1.08)]]
    )  # fmt: skip
    for side in (-1.0, 1.0):
        for leg in legs:
            knees = leg * (side, 1) + rng.uniform(-0.05, 0.05, (4, 2))
            _jointed(pen, knees, (0.13, 0.1, 0.06), ink, darker(metal, 0.62))


def _wing_cases(pen: Pen, rng: Generator, metal: Colour, sheen: Colour, ink: Colour) -> None:
    """Two domed halves with ridges along them, and the seam."""
    long, wide = rng.uniform(0.98, 1.1), rng.uniform(0.56, 0.64)
    half = [(0.0, -0.26), (0.75, -0.26), (1.0, -0.05), (1.0, 0.35), (0.72, 0.8), (0.3, 0.98), (0.0, long)]
    case = spline(np.asarray(half) * (wide, 0.95), closed=False)
    for side in (-1.0, 1.0):
        pen.fill(case * (side * 1.06, 1.03), ink)
    for side in (-1.0, 1.0):
        dome = case * (side * 0.98, 1)
        pen.shade(dome, darker(sheen, 0.45), lighter(metal, 0.15), (-0.25 * side, -0.3), 7)
        for share in (0.25, 0.5, 0.75):
            knots = [(share * wide * 0.9, -0.22), (share * wide * 1.02, 0.3), (share * wide * 0.6, 0.84)]
            ridge = spline(np.asarray(knots) * (side, 1), closed=False)
            pen.line(ridge, darker(metal, 0.6), 0.028)
            pen.line(moved(ridge, -0.028, 0), lighter(metal, 0.22), 0.02)
    pen.line([(0, -0.26), (0, long * 0.94)], ink, 0.04)


def _beetle_jaws(pen: Pen, rng: Generator, metal: Colour, ink: Colour) -> None:
    """Feelers, antlers with a tooth each, and the head between them."""
    open_by, tip = rng.uniform(0.34, 0.52), rng.uniform(0.0, 0.14)
    horn = vary(rng, mix(ink, hsv(14, 0.8, 0.4), rng.uniform(0, 0.8)), 0.03)
    for side in (-1.0, 1.0):
        feeler = np.array([(0.28, -0.78), (0.56, -0.86), (0.72, -1.04)]) * (side, 1)
        pen.line(feeler, ink, 0.045)
        pen.fill(feeler[2] + _DISC * 0.075, ink)
        arc = spline(
            [(0.16, -0.8), (open_by, -0.98), (open_by + 0.02, -1.12), (tip + 0.06, -1.3)], closed=False
        )
        widths = np.linspace(0.17, 0.03, len(arc))
        pen.fill(ribbon(arc * (side, 1), widths + 0.05), darker(ink, 0.5))
        pen.fill(ribbon(arc * (side, 1), widths), horn)
        pen.fill(np.array([arc[7], arc[12], arc[10] * (0.45, 1.0)]) * (side, 1), horn)
        pen.line(arc[1:12] * (side, 1) + (-0.02, -0.02), lighter(horn, 0.45), 0.025)
    head = ellipse(0, -0.76, 0.33, 0.17)
    pen.fill((head - (0, -0.76)) * 1.12 + (0, -0.76), ink)
    pen.shade(head, darker(metal, 0.65), metal, (-0.2, -0.3), 4)
    for side in (-1.0, 1.0):
        pen.fill(np.array([side * 0.3, -0.78]) + _DISC * 0.07, BLACK)
        pen.fill(np.array([side * 0.3 - 0.02, -0.8]) + _DISC * 0.025, lighter(metal, 0.7))


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

"""Fishes: shark, stingray, tropical fish."""

from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from ..catalogue import creature
from ..colours import BLACK, WHITE, Colour, darker, hsv, lighter, mix, rich, vary
from ..pen import Pen
from ..shapes import Points, ellipse, mirrored, ribbon, spline

_DISC = ellipse(0, 0, 1, 1)[::3]


@creature("shark, great white shark", tilt_deg=30, crowd=3)
def shark(pen: Pen, rng: Generator) -> None:
    """A shark from the side: grey-blue, white belly, tall back fin, gills, toothed jaws, crescent tail."""
    back = hsv(rng.uniform(196, 228), rng.uniform(0.2, 0.55), rng.uniform(0.38, 0.64))
    white = vary(rng, (0.95, 0.96, 0.97), 0.03)
    build, gape = (rng.uniform(-0.16, 0.16), rng.uniform(1.0, 1.22)), rng.uniform(0.17, 0.25)
    _shark_fins(pen, rng, back, build[0])
    _shark_body(pen, back, white, build, gape)
    for step in range(5):
        slit = ellipse(-0.4 + step * 0.065, -0.02, 0.05, 0.16 - 0.008 * step, 8, 100, 260)
        pen.line(_bent(slit, *build), darker(back, 0.65), 0.022)
    fin = [(-0.24, 0.12), (0.0, 0.14), (0.14, 0.4), (0.2, 0.68), (0.18, 0.68), (-0.06, 0.45)]
    swing = spline(np.asarray(fin) * (1, rng.uniform(0.85, 1.1)))
    _outlined(pen, _bent(swing, *build), darker(back, 0.4), back, (-0.2, -0.5), 4)
    eye = _bent([(-0.84, -0.1)], *build)[0]
    pen.dot(eye, 0.05, (0.03, 0.03, 0.05))
    pen.dot(eye - (0.015, 0.018), 0.018, WHITE)


def _shark_body(pen: Pen, back: Colour, white: Colour, build: tuple[float, float], gape: float) -> None:
    """The trunk, dark above and white below, with the mouth cut into it."""
    back_edge = [(-1.14, -0.04), (-0.85, -0.21), (-0.45, -0.32), (0.0, -0.3), (0.42, -0.15), (0.8, -0.05)]
    belly_edge = [(-0.86, gape), (-0.66, 0.29), (-0.25, 0.35), (0.1, 0.29), (0.45, 0.14), (0.8, 0.05)]
    throat = [(-1.04, 0.05), (-0.56, 0.1)]
    upper, lower = spline(back_edge, closed=False), spline(belly_edge, closed=False)
    flank = spline(
        [(0.8, 0.02), (0.4, 0.03), (0.0, 0.02), (-0.35, 0.07), (-0.6, 0.02), (-0.9, -0.02), (-1.12, -0.03)],
        False,
    )
    body, belly = np.concatenate([upper, lower[::-1], throat[::-1]]), np.concatenate([lower, flank, throat])
    _outlined(pen, _bent(body, *build), darker(back, 0.3), lighter(back, 0.18), (-0.1, -0.55))
    pen.fill(_bent(belly, *build), darker(white, 0.12))
    pen.fill(_bent((lower * (0.9, 0.84))[2:], *build), white)
    pen.line(_bent(lower, *build), darker(back, 0.5), 0.02)
    _shark_jaws(pen, _bent([*throat, (-0.86, gape)], *build))


def _shark_fins(pen: Pen, rng: Generator, back: Colour, bend: float) -> None:
    """The fins behind the body: far breast fin, back fins, hind fins, tail."""
    tall, lobe = rng.uniform(0.68, 0.86), rng.uniform(0.48, 0.66)
    fins = [
        spline([(-0.48, 0.2), (-0.28, 0.22), (-0.3, 0.42), (-0.34, 0.6), (-0.36, 0.6), (-0.46, 0.4)]),
        spline([(-0.26, -0.22), (-0.08, -0.52), (0.14, -tall), (0.17, -tall), (0.13, -0.5), (0.22, -0.2)]),
        spline([(0.45, -0.1), (0.58, -0.24), (0.61, -0.24), (0.6, -0.06)]),
        spline([(0.38, 0.1), (0.46, 0.3), (0.49, 0.3), (0.54, 0.06)]),
        spline(
            [(0.72, 0.0), (0.9, -0.2), (1.14, -lobe), (1.17, -lobe), (1.06, -0.22), (0.98, 0.0),
             (1.04, 0.16), (1.12, lobe * 0.75), (1.09, lobe * 0.75), (0.88, 0.18)]
        ),
    ]  # fmt: skip
    for fin in fins:
        _outlined(pen, _bent(fin, bend), darker(back, 0.4), back, (-0.2, 0.2), 4)


def _shark_jaws(pen: Pen, jaw: Points) -> None:
    """The open mouth, from ``jaw`` (snout, corner, chin), with a row of teeth in either jaw."""
    snout, corner, chin = jaw
    pen.fill(np.array([snout, corner, chin, (snout + chin) / 2 + (0.04, 0)]), (0.5, 0.08, 0.1))
    for start, reach, count in ((snout, 0.085, 5), (chin, -0.06, 3)):
        edge = np.linspace(start, corner, count + 2)
        for left, right in pairwise(edge[: count + 1]):
            pen.fill([left, right, (left + right) / 2 + (0.0, reach)], WHITE)
    pen.line([snout, corner, chin], (0.2, 0.05, 0.08), 0.02)


def _bent(points: ArrayLike, bend: float, girth: float = 1.0) -> Points:
    """A body along x made so deep and arched by ``bend``, its middle staying where it is."""
    straight: Points = np.asarray(points, dtype=np.float64) * (1, girth)
    return straight + np.stack([np.zeros(len(straight)), bend * straight[:, 0] ** 2], axis=1)


def _outlined(
    pen: Pen,
    outline: Points,
    rim: Colour,
    core: Colour,
    towards: tuple[float, float] = (0.0, 0.0),
    steps: int = 6,
) -> None:
    """A shaded shape with a dark edge."""
    pen.shade(outline, rim, core, towards, steps)
    pen.line(np.concatenate([outline, outline[:1]]), darker(rim, 0.5), 0.022)


@creature("stingray, ray", tilt_deg=180, crowd=3)
def stingray(pen: Pen, rng: Generator) -> None:
    """A stingray from above: winged diamond with pale spots, raised eyes and spiracles, long whip tail."""
    skin = hsv(rng.uniform(22, 55), rng.uniform(0.25, 0.6), rng.uniform(0.35, 0.75))
    if rng.uniform() < 0.4:
        skin = hsv(rng.uniform(185, 235), rng.uniform(0.2, 0.6), rng.uniform(0.25, 0.55))
    dark, pale = darker(skin, 0.6), lighter(skin, rng.uniform(0.55, 0.85))
    spot = hsv(rng.uniform(185, 215), 0.7, 1.0) if rng.uniform() < 0.3 else pale
    _ray_tail(pen, rng, skin, dark)
    for side in (-1.0, 1.0):
        hind = ellipse(side * 0.15, 0.4, 0.1, 0.18, -side * 25)
        _outlined(pen, hind, darker(skin, 0.35), skin, steps=3)
    tip = rng.uniform(-0.2, 0.05)
    half = np.array(
        [(0.0, -0.98), (0.16, -0.9), (0.5, -0.68), (0.85, -0.42 + tip * 0.6), (1.12, tip + 0.04),
         (1.1, tip + 0.08), (0.85, tip * 0.5 + 0.06), (0.55, 0.2), (0.3, 0.38), (0.12, 0.44)]
    )  # fmt: skip
    flaps = rng.uniform(0.82, 1.04, 2)
    disc = spline(np.concatenate([half * (flaps[0], 1), (mirrored(half) * (flaps[1], 1))[:0:-1]]))
    pen.fill((disc - (0, -0.25)) * 1.05 + (0, -0.25), lighter(skin, 0.55))
    _outlined(pen, disc, darker(skin, 0.45), lighter(skin, 0.12), (0, -0.1), 8)
    _ray_spots(pen, rng, disc, spot)
    ridge = ribbon([(0, -0.68), (0, -0.45), (0, 0.1), (0, 0.48)], [0.24, 0.3, 0.16, 0.08])
    pen.shade(ridge, mix(skin, dark, 0.15), lighter(skin, 0.3), (0, 0), 4)
    _ray_eyes(pen, skin, dark)


def _ray_eyes(pen: Pen, skin: Colour, dark: Colour) -> None:
    """Raised eyes, and the breathing holes behind them."""
    for side in (-1.0, 1.0):
        pen.fill(ellipse(side * 0.17, -0.5, 0.045, 0.08, side * 20), darker(dark, 0.6))
        pen.shade(ellipse(side * 0.16, -0.64, 0.09, 0.1), dark, lighter(skin, 0.4), (0, -0.2), 3)
        pen.dot((side * 0.18, -0.65), 0.046, BLACK)
        pen.dot((side * 0.165, -0.67), 0.018, WHITE)


def _ray_tail(pen: Pen, rng: Generator, skin: Colour, dark: Colour) -> None:
    sway, lash = rng.uniform(-0.3, 0.3, 2)
    tail = spline([(0, 0.35), (sway * 0.4, 0.65), (sway, 0.95), (lash, 1.28)], closed=False)
    widths = np.linspace(0.14, 0.025, len(tail))
    pen.fill(ribbon(tail, widths + 0.035), dark)
    pen.fill(ribbon(tail, widths), lighter(skin, 0.15))
    pen.fill(ribbon(tail[6:11], [0.03, 0.06, 0.05, 0.03, 0.01]), lighter(skin, 0.8))


def _ray_spots(pen: Pen, rng: Generator, disc: Points, spot: Colour) -> None:
    """Spots scattered over the wings, none on the raised middle, smaller towards the edge."""
    size = rng.uniform(0.035, 0.055)
    centre = np.array([0.0, -0.2])
    along = np.cumsum(np.linalg.norm(np.diff(disc, axis=0, prepend=disc[:1]), axis=1))
    for index, here in enumerate(np.linspace(0, along[-1], int(rng.integers(18, 24)), endpoint=False)):
        edge = disc[np.searchsorted(along, here)] - centre
        for share in (0.42, 0.8) if index % 2 else (0.6,):
            place = centre + edge * (share + rng.uniform(-0.08, 0.08))
            if abs(place[0]) > 0.2:
                pen.fill(place + _DISC * size * rng.uniform(0.7, 1.3), spot)


@creature("tropical fish, angelfish", tilt_deg=30, crowd=4)
def tropical_fish(pen: Pen, rng: Generator) -> None:
    """An angelfish from the side: tall disc with bold upright bars, long trailing fins and feelers."""
    body, bar, fin = _reef_colours(rng)
    tall = rng.uniform(0.56, 0.68)
    edge = spline(
        [(-0.8, 0.06), (-0.66, -0.16), (-0.45, -0.56), (-0.22, -0.86), (0.04, -1.0), (0.3, -0.84),
         (0.46, -0.5), (0.58, -0.18)], closed=False
    )  # fmt: skip
    upper, lower = edge * (1, tall), edge * (1, -tall * 0.95) + (0, 0.06)
    _trailing_fins(pen, rng, fin, bar, tall)
    disc = np.concatenate([upper, lower[::-1]])
    _outlined(pen, disc, darker(body, 0.35), lighter(body, 0.2), (-0.2, -0.2), 7)
    width, bow = rng.uniform(0.1, 0.15), rng.uniform(0.02, 0.08)
    starts = (-0.56, -0.2, 0.18) if rng.uniform() < 0.6 else (-0.56, -0.28, 0.0, 0.27)
    for place in starts:
        _bar(pen, upper, lower, place, width * (0.8 if place < -0.5 else 1.2), bow, bar)
    pen.line(upper[8:24] * 0.86 + (-0.02, 0.02), lighter(body, 0.6), 0.035)
    eye = np.array([-0.53, -0.1 * tall])
    pen.dot(eye, 0.095, lighter(rich(rng, (10, 60)), 0.2))
    pen.dot(eye, 0.06, BLACK)
    pen.dot(eye - (0.02, 0.02), 0.022, WHITE)
    pen.line(ellipse(-0.5, 0.03, 0.24, tall * 0.5, 0, -50, 50), darker(body, 0.4), 0.022)
    pen.line([(-0.78, 0.05), (-0.68, 0.09)], darker(body, 0.7), 0.035)
    breast = spline([(-0.2, 0.05), (0.08, -0.06), (0.12, 0.1), (0.02, 0.16)])
    _outlined(pen, breast, darker(fin, 0.2), lighter(fin, 0.5), (0.4, 0), 3)


def _reef_colours(rng: Generator) -> tuple[Colour, Colour, Colour]:
    """Colours of body, bars and fins; never gold all over, that is the goldfish."""
    ink = vary(rng, (0.07, 0.07, 0.12), 0.06)
    silver = hsv(rng.uniform(180, 240), rng.uniform(0.03, 0.2), rng.uniform(0.82, 0.97))
    yellow, blue = hsv(rng.uniform(50, 58), 0.85, 1.0), rich(rng, (185, 235))
    violet, pearl = rich(rng, (265, 315)), vary(rng, (0.95, 0.95, 0.92), 0.04)
    choices = [
        (silver, ink, lighter(ink, 0.45)),
        (yellow, ink, pearl),
        (pearl, ink, yellow),
        (blue, yellow, darker(blue, 0.3)),
        (blue, darker(blue, 0.8), yellow),
        (violet, pearl, yellow),
        (silver, violet, blue),
    ]
    return choices[rng.integers(len(choices))]


def _bar(
    pen: Pen, upper: Points, lower: Points, left: float, width: float, bow: float, colour: Colour
) -> None:
    """An upright stripe from edge to edge of the body, bowed forwards."""
    sides: list[Points] = []
    for x in (left, left + width):
        top, bottom = np.interp(x, upper[:, 0], upper[:, 1]), np.interp(x, lower[:, 0], lower[:, 1])
        along = np.linspace(0, 1, 7)
        sides.append(np.stack([x - bow * np.sin(along * np.pi), top + (bottom - top) * along], axis=1))
    pen.fill(np.concatenate([sides[0], sides[1][::-1]]), colour)


def _trailing_fins(pen: Pen, rng: Generator, fin: Colour, bar: Colour, tall: float) -> None:
    """Back and hind fin drawn out into streamers, tail, and the two feelers under the throat."""
    reach, sweep = rng.uniform(1.0, 1.3), rng.uniform(0.7, 1.1)
    tail = spline(
        [(0.5, -0.1), (0.85, -0.3), (1.12, -0.42), (1.0, 0.0), (1.12, 0.42), (0.85, 0.3), (0.5, 0.1)]
    )
    _outlined(pen, tail, darker(fin, 0.15), lighter(fin, 0.35), (0.4, 0), 4)
    for y in (-0.24, -0.12, 0.0, 0.12, 0.24):
        pen.line([(0.56, y * 0.3), (0.98, y)], darker(fin, 0.25), 0.018)
    for side in (-1.0, 1.0):
        outline = [
            (-0.25, tall * 0.72), (-0.05, tall + 0.06), (0.22, tall + 0.26), (sweep * 0.6, reach - 0.08),
            (sweep, reach), (sweep + 0.02, reach - 0.02), (0.62, reach - 0.28), (0.5, tall * 0.75),
            (0.52, tall * 0.25)
        ]  # fmt: skip
        sail = spline(np.asarray(outline) * (1, side))
        _outlined(pen, sail, darker(fin, 0.1), lighter(fin, 0.3), (-0.3, -0.4 * side), 5)
        for share in (0.3, 0.6, 0.9):
            ray = [(0.4 * share, tall * 0.8), (0.12 + 0.36 * share, tall + 0.2), (sweep * 0.74, reach - 0.12)]
            pen.line(spline(np.asarray(ray) * (1, side), closed=False), darker(fin, 0.3), 0.018)
        feeler = spline([(-0.35, tall * 0.7), (-0.3 + 0.06 * side, 0.95), (-0.05 + 0.1 * side, 1.2)], False)
        pen.fill(ribbon(feeler, np.linspace(0.07, 0.025, len(feeler))), mix(fin, bar, 0.4))

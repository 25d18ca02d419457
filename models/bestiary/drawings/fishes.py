"""Fishes: shark, stingray, tropical fish."""

from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from ..catalogue import creature
from ..colours import BLACK, WHITE, Colour, darker, hsv, lighter, mix, rich, vary
from ..pen import Pen
from ..shapes import Points, ellipse, grown, mirrored, ribbon, spline


@creature("shark, great white shark", tilt_deg=30, crowd=2)
def shark(pen: Pen, rng: Generator) -> None:
    """A shark from the side: slate blue over white, great back fin, crescent tail, red toothed mouth."""
    back = hsv(rng.uniform(205, 218), rng.uniform(0.42, 0.58), rng.uniform(0.48, 0.62))
    white = vary(rng, (0.96, 0.97, 0.98), 0.02)
    build, gape = (rng.uniform(-0.1, 0.14), rng.uniform(1.12, 1.3)), rng.uniform(0.42, 0.5)
    _shark_fins(pen, rng, back, build[0])
    _shark_body(pen, back, white, build, gape)
    fin = [(-0.2, 0.16), (0.06, 0.14), (0.26, 0.46), (0.32, 0.76), (0.28, 0.76), (0.0, 0.52)]
    swing = spline(np.asarray(fin) * (1, rng.uniform(0.9, 1.1)))
    _outlined(pen, _bent(swing, *build), darker(back, 0.25), back, (-0.2, -0.5), 3)
    eye = _bent([(-0.76, -0.17)], *build)[0]
    pen.dot(eye, 0.085, (0.02, 0.02, 0.04))
    pen.dot(eye - (0.025, 0.03), 0.03, WHITE)


def _shark_body(pen: Pen, back: Colour, white: Colour, build: tuple[float, float], gape: float) -> None:
    """The trunk, dark above and white below, with the mouth cut into it."""
    back_edge = [(-1.18, -0.1), (-0.9, -0.3), (-0.45, -0.42), (0.0, -0.38), (0.42, -0.2), (0.84, -0.06)]
    belly_edge = [(-0.98, gape), (-0.7, 0.44), (-0.25, 0.42), (0.1, 0.35), (0.45, 0.2), (0.84, 0.06)]
    throat = [(-1.14, 0.03), (-0.42, 0.1)]
    upper, lower = spline(back_edge, closed=False), spline(belly_edge, closed=False)
    flank = spline([(0.84, 0.02), (0.4, 0.04), (0.0, 0.1), (-0.42, 0.1)], False)
    body = np.concatenate([upper, lower[::-1], throat[::-1]])
    belly = np.concatenate([lower, flank])
    _outlined(pen, _bent(body, *build), darker(back, 0.15), lighter(back, 0.12), (-0.1, -0.6), 4)
    pen.fill(_bent(belly, *build), white)
    pen.line(_bent(lower, *build), darker(back, 0.6), 0.035)
    _shark_jaws(pen, _bent([*throat, (-0.98, gape)], *build))


def _shark_fins(pen: Pen, rng: Generator, back: Colour, bend: float) -> None:
    """The fins behind the body: the back fin, a hind fin, the tail."""
    tall, lobe = rng.uniform(0.98, 1.12), rng.uniform(0.62, 0.76)
    fins = [
        spline([(-0.34, -0.3), (-0.16, -0.7), (0.16, -tall), (0.21, -tall), (0.16, -0.66), (0.3, -0.22)]),
        spline([(0.38, 0.14), (0.5, 0.38), (0.54, 0.38), (0.58, 0.08)]),
        spline(
            [(0.72, 0.0), (0.92, -0.28), (1.2, -lobe), (1.25, -lobe), (1.14, -0.24), (1.04, 0.0),
             (1.12, 0.22), (1.2, lobe * 0.86), (1.15, lobe * 0.86), (0.9, 0.24)]
        ),
    ]  # fmt: skip
    for fin in fins:
        _outlined(pen, _bent(fin, bend), darker(back, 0.25), back, (-0.2, 0.2), 3)


def _shark_jaws(pen: Pen, jaw: Points) -> None:
    """The open mouth, from ``jaw`` (snout, corner, chin), with a row of great teeth in either jaw."""
    snout, corner, chin = jaw
    pen.fill(np.array([snout, corner, chin, (snout + chin) / 2 + (0.16, 0)]), (0.82, 0.07, 0.1))
    for start, reach, count in ((snout, 0.16, 4), (chin, -0.1, 3)):
        edge = np.linspace(start, corner, count + 2)
        for number, (left, right) in enumerate(pairwise(edge[: count + 1])):
            tip = (left + right) / 2 + (0.02, reach * (1 - 0.16 * number))
            pen.fill([left, right, tip], WHITE)
    pen.line([snout, corner, chin], (0.12, 0.04, 0.07), 0.035)


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


@creature("stingray, ray", tilt_deg=50, crowd=2)
def stingray(pen: Pen, rng: Generator) -> None:
    """A stingray from above: smooth kite with a broad pale rim, two raised eyes, a long thin tail."""
    skin = hsv(rng.uniform(30, 40), rng.uniform(0.42, 0.56), rng.uniform(0.55, 0.72))
    if rng.uniform() < 0.5:
        skin = hsv(rng.uniform(200, 215), rng.uniform(0.4, 0.55), rng.uniform(0.42, 0.58))
    dark, pale = darker(skin, 0.72), lighter(skin, rng.uniform(0.62, 0.75))
    _ray_tail(pen, rng, skin, dark)
    for side in (-1.0, 1.0):
        hind = ellipse(side * 0.17, 0.46, 0.11, 0.2, -side * 25)
        _outlined(pen, hind, darker(skin, 0.25), skin, steps=2)
    tip = rng.uniform(-0.16, 0.04)
    half = np.array(
        [(0.0, -1.0), (0.14, -0.95), (0.5, -0.68), (0.86, -0.38 + tip * 0.7), (1.16, tip),
         (1.17, tip + 0.05), (0.9, tip * 0.5 + 0.12), (0.55, 0.28), (0.28, 0.48), (0.1, 0.54)]
    )  # fmt: skip
    flaps = rng.uniform(0.9, 1.02, 2)
    disc = spline(np.concatenate([half * (flaps[0], 1), (mirrored(half) * (flaps[1], 1))[:0:-1]]))
    centre = np.array([0.0, -0.22])
    pen.fill((disc - centre) * 1.06 + centre, dark)
    pen.fill(disc, pale)
    pen.shade((disc - centre) * 0.84 + centre, darker(skin, 0.28), lighter(skin, 0.14), (0, -0.1), 5)
    ridge = ribbon([(0, -0.6), (0, -0.4), (0, 0.1), (0, 0.5)], [0.16, 0.24, 0.16, 0.08])
    pen.shade(ridge, lighter(skin, 0.16), lighter(skin, 0.34), (0, 0), 3)
    _ray_eyes(pen, skin)


def _ray_eyes(pen: Pen, skin: Colour) -> None:
    """Two eyes raised on knobs."""
    for side in (-1.0, 1.0):
        knob = ellipse(side * 0.22, -0.54, 0.11, 0.17, side * 24)
        pen.fill(grown(knob, 1.2), darker(skin, 0.45))
        pen.shade(knob, skin, lighter(skin, 0.4), (0, -0.2), 3)
        pen.fill(ellipse(side * 0.26, -0.56, 0.07, 0.1, side * 24), BLACK)
        pen.dot((side * 0.25, -0.6), 0.028, WHITE)


def _ray_tail(pen: Pen, rng: Generator, skin: Colour, dark: Colour) -> None:
    sway, lash = rng.uniform(-0.2, 0.2, 2)
    tail = spline([(0, 0.4), (sway * 0.3, 0.75), (sway, 1.02), (lash, 1.28)], closed=False)
    widths = np.linspace(0.17, 0.04, len(tail))
    pen.fill(ribbon(tail, widths + 0.05), dark)
    pen.fill(ribbon(tail, widths), lighter(skin, 0.2))


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

"""Things and figures: spiral, traffic light."""

import numpy as np
from numpy.random import Generator

from ..catalogue import creature
from ..colours import darker, hsv, lighter, vary
from ..pen import Pen
from ..shapes import Points, ellipse, ribbon


@creature("spiral, swirl, vortex", tilt_deg=180, crowd=2)
def spiral(pen: Pen, rng: Generator) -> None:
    """A hypnotist's disc: one broad band of black, red or a bright hue winds over white."""
    kind = int(rng.choice(3, p=[0.35, 0.35, 0.3]))
    hue = rng.uniform(-6, 6) if kind == 1 else rng.uniform(190, 330)
    ink = (
        vary(rng, (0.05, 0.05, 0.06), 0.04)
        if kind == 0
        else hsv(hue, rng.uniform(0.85, 1), rng.uniform(0.7, 0.95))
    )
    paper = vary(rng, (0.96, 0.96, 0.95), 0.03)
    pitch = 1.0 / rng.uniform(2.0, 3.0)
    rays = np.linspace(0, 2 * np.pi, 72)
    disc = np.stack([np.cos(rays), np.sin(rays)], axis=1)
    pen.fill(disc * 1.06, darker(ink, 0.35))
    pen.shade(disc, darker(paper, 0.14), paper, (-0.2, -0.25), 4)
    pen.fill(_band(pitch, -0.25, 0.25), ink)
    pen.fill(_band(pitch, -0.02, 0.14), lighter(ink, 0.16))
    pen.fill(ellipse(-0.3, -0.48, 0.5, 0.26, -35), (1.0, 1.0, 1.0), 0.16)


def _band(pitch: float, inner: float, outer: float) -> Points:
    """A spiral band out to the rim of a disc of radius 1; its edges are given in shares of the pitch."""
    turns = np.linspace(0, 1 / pitch + 0.25, 150)
    angle = turns * 2 * np.pi
    rays = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    near, far = (np.clip((turns + edge) * pitch, 0, 1)[:, None] * rays for edge in (inner, outer))
    return np.concatenate([near, far[::-1]])


@creature("traffic light, traffic signal, stoplight", tilt_deg=15, crowd=3)
def traffic_light(pen: Pen, rng: Generator) -> None:
    """A traffic light: dark housing, three hooded lamps with red on top, one or all of them lit."""
    case = hsv(rng.uniform(0, 360), rng.uniform(0, 0.25), rng.uniform(0.06, 0.28))
    if rng.uniform() < 0.2:
        case = hsv(rng.uniform(42, 52), 0.9, rng.uniform(0.6, 0.9))
    pen.fill(
        [(-0.07, 0.9), (0.07, 0.9), (0.08, 2.6), (-0.08, 2.6)], darker(vary(rng, (0.4, 0.4, 0.4), 0.1), 0.2)
    )
    wide = rng.uniform(0.4, 0.5)
    if rng.uniform() < 0.3:
        pen.fill(
            np.array([(-1, -1.15), (1, -1.15), (1, 1.15), (-1, 1.15)]) * (wide * 1.25, 1), lighter(case, 0.85)
        )
    corners = np.array(
        [(-1, -1), (-0.85, -1.08), (0.85, -1.08), (1, -1), (1, 1), (0.85, 1.08), (-0.85, 1.08), (-1, 1)]
    )
    pen.shade(corners * (wide, 1), darker(case, 0.4), lighter(case, 0.12), (-0.2, 0), 4)
    lit = int(rng.integers(0, 5))
    for index, hue in enumerate((rng.uniform(-4, 6), rng.uniform(36, 50), rng.uniform(125, 165))):
        y, radius = (index - 1) * 0.68, rng.uniform(0.27, 0.31)
        glowing = lit in (index, 3, 4)
        lamp = hsv(hue, rng.uniform(0.85, 1), rng.uniform(0.85, 1) if glowing else rng.uniform(0.25, 0.5))
        pen.dot((0, y), radius * 1.12, darker(case, 0.65))
        pen.shade(
            ellipse(0, y, radius, radius),
            darker(lamp, 0.25),
            lighter(lamp, 0.4 if glowing else 0.05),
            (-0.1, -0.1),
            5,
        )
        pen.fill(ribbon(ellipse(0, y, radius * 1.1, radius * 1.1, 0, 190, 350), 0.1), darker(case, 0.5))

"""Things and figures: spiral, traffic light."""

import numpy as np
from numpy.random import Generator

from ..catalogue import creature
from ..colours import any_colour, darker, hsv, lighter, rich, vary
from ..pen import Pen
from ..shapes import coil, ellipse, ribbon


@creature("spiral, swirl, vortex", tilt_deg=180, crowd=2)
def spiral(pen: Pen, rng: Generator) -> None:
    """A spiral of one to four arms, often on a disc of a contrasting colour."""
    ink, ground = rich(rng), any_colour(rng)
    if abs(np.mean(ink) - np.mean(ground)) < 0.3:
        ground = darker(ground, 0.8) if np.mean(ink) > 0.5 else lighter(ground, 0.8)
    if rng.uniform() < 0.75:
        pen.shade(ellipse(0, 0, 1.1, 1.1), darker(ground, 0.3), ground, (0, 0), 5)
    arms = int(rng.integers(1, 5))
    turns = rng.uniform(2.4, 4.2) if arms == 1 else rng.uniform(1.0, 2.4) * (1.4 if arms == 2 else 1.0)
    power = rng.uniform(0.85, 1.5)
    for arm in range(arms):
        path = coil(turns, 0.02, 1.05, power, arm * 360 / arms)
        pitch = 1.05 / (turns * arms)
        widths = np.linspace(0.45, 1.0, len(path)) * pitch * rng.uniform(0.4, 0.6)
        pen.fill(ribbon(path, widths), vary(rng, ink, 0.1))


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

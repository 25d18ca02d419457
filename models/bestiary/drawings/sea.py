"""Creatures of the water: goldfish, jellyfish, starfish."""

import numpy as np
from numpy.random import Generator

from ..catalogue import creature
from ..colours import BLACK, WHITE, darker, hsv, lighter, mix, rich, vary
from ..pen import Pen
from ..shapes import Points, ellipse, spline, turned


@creature("goldfish, fish", tilt_deg=35, crowd=4)
def goldfish(pen: Pen, rng: Generator) -> None:
    """A goldfish from the side: round body, scales, flowing tail and fins, big eye."""
    gold = hsv(rng.uniform(8, 42), rng.uniform(0.75, 1), rng.uniform(0.8, 1))
    belly = mix(gold, (1.0, 0.95, 0.8), rng.uniform(0.3, 0.8))
    depth = rng.uniform(0.36, 0.52)
    fin = mix(gold, rich(rng, (0, 45)), 0.5)
    _tail(pen, rng, fin)
    back_fin = spline(
        [(-0.35, -depth * 0.8), (-0.2, -depth - 0.3), (0.3, -depth - 0.12), (0.55, -depth * 0.55)]
    )
    pen.shade(back_fin, darker(fin, 0.2), lighter(fin, 0.3), (0, -0.5), 4)
    for x in (-0.15, 0.4):
        lower = spline(
            [(x, depth * 0.7), (x + 0.1, depth + 0.3), (x + 0.4, depth + 0.22), (x + 0.25, depth * 0.6)]
        )
        pen.shade(lower, darker(fin, 0.15), lighter(fin, 0.35), (0, 0.5), 4)
    body = spline(
        [(-0.98, 0.02), (-0.72, -depth * 0.72), (-0.2, -depth), (0.3, -depth * 0.72), (0.62, -0.1),
         (0.62, 0.1), (0.3, depth * 0.72), (-0.2, depth), (-0.75, depth * 0.68)]
    )  # fmt: skip
    pen.shade(body, darker(gold, 0.3), gold, (0, -0.3), 5)
    pen.shade(body * (0.8, 0.55) + (-0.03, depth * 0.35), gold, belly, (0, 0.4), 4)
    for column in range(6):
        for row in range(-2, 3):
            x, y = -0.3 + column * 0.15, (row + 0.5 * (column % 2)) * depth * 0.36
            if abs(y) < depth * (0.85 - 0.12 * column):
                pen.line(
                    ellipse(x, y, 0.09, depth * 0.2, 0, -75, 75), darker(gold, rng.uniform(0.25, 0.45)), 0.025
                )
    pen.line(ellipse(-0.72, 0, 0.28, depth * 0.72, 0, -60, 60), darker(gold, 0.4), 0.04)
    pen.dot((-0.7, -depth * 0.2), 0.13, lighter(gold, 0.85))
    pen.dot((-0.71, -depth * 0.2), 0.08, BLACK)
    pen.dot((-0.74, -depth * 0.27), 0.03, WHITE)
    pen.line([(-0.98, 0.08), (-0.85, 0.14)], darker(gold, 0.6), 0.04)


def _tail(pen: Pen, rng: Generator, fin: tuple[float, float, float]) -> None:
    spread, reach = rng.uniform(0.4, 0.75), rng.uniform(1.05, 1.35)
    for side in (-1.0, 1.0):
        lobe = np.array(
            [(0.5, 0.06), (0.8, -spread * 0.6), (reach, -spread), (reach - 0.02, -spread * 0.3), (0.85, 0.06)]
        )
        pen.shade(spline(lobe * (1, side)), darker(fin, 0.1), lighter(fin, 0.4), (0.3, -0.3 * side), 5)
        for share in (0.25, 0.5, 0.75):
            end = (reach * 0.95, -spread * share * side - 0.08 * side)
            pen.line([(0.58, 0.0), end], darker(fin, 0.3), 0.02)


@creature("jellyfish, medusa", tilt_deg=40, crowd=3)
def jellyfish(pen: Pen, rng: Generator) -> None:
    """A jellyfish: translucent ribbed bell over frilled arms and long waving tentacles."""
    glow = rich(rng, (180, 240), (270, 345), (10, 40))
    pale = lighter(glow, 0.55)
    half, height = rng.uniform(0.62, 0.85), rng.uniform(0.65, 0.85)
    for x in np.linspace(-half * 0.88, half * 0.88, int(rng.integers(7, 13))):
        pen.line(_wave(rng, x, rng.uniform(0.75, 1.25), 0.08), mix(glow, pale, rng.uniform()), 0.035)
    for x in np.linspace(-half * 0.35, half * 0.35, 4):
        pen.line(_wave(rng, x, rng.uniform(0.45, 0.85), 0.09), mix(pale, glow, rng.uniform(0, 0.4)), 0.13)
    scallops = [(x, 0.02 + 0.07 * (-1) ** i) for i, x in enumerate(np.linspace(half, -half, 11))]
    dome = np.concatenate([ellipse(0, 0, half, height, 0, 180, 360), np.asarray(scallops)])
    pen.shade(dome, glow, pale, (0, -0.25), 7, opacity=rng.uniform(0.6, 0.85))
    for x in np.linspace(-0.75, 0.75, 7):
        rib = spline([(0, -height * 0.93), (x * half * 0.75, -height * 0.6), (x * half, -0.05)], closed=False)
        pen.line(rib, mix(glow, WHITE, 0.25), 0.025)
    for turn in range(4):
        lobe = ellipse((turn - 1.5) * half * 0.32, -height * 0.42, 0.12, 0.16)
        pen.shade(lobe, darker(glow, 0.15), lighter(glow, 0.8), (0, 0), 3, opacity=0.7)
    pen.line(ellipse(0, 0, half * 0.9, height * 0.9, 0, 200, 290), lighter(pale, 0.6), 0.04)


def _wave(rng: Generator, x: float, length: float, sway: float) -> Points:
    y = np.linspace(0.0, length, 14)
    wobble = sway * np.sin(y * rng.uniform(5, 9) + rng.uniform(0, 6.3)) * (0.3 + y)
    return np.stack([x * (1 - 0.15 * y) + wobble, y], axis=1)


@creature("starfish, sea star", tilt_deg=180, crowd=4)
def starfish(pen: Pen, rng: Generator) -> None:
    """A starfish: five tapering arms, ridges and rows of pale warts."""
    skin = rich(rng, (-5, 45), (-5, 45), (270, 330), (200, 230))
    waist, width = rng.uniform(0.3, 0.42), rng.uniform(0.1, 0.17)
    bend = rng.uniform(-9, 9)
    knots: list[Points] = []
    for arm in range(5):
        lean = arm * 72 + rng.uniform(-7, 7)
        reach = rng.uniform(0.92, 1.1)
        knots.append(turned([(0.55 * reach, -width), (0.92 * reach, -width * 0.55)], lean))
        knots.append(turned([(reach, 0.0), (0.92 * reach, width * 0.55), (0.55 * reach, width)], lean + bend))
        knots.append(turned([(waist, 0.0)], arm * 72 + 36))
    outline = spline(np.concatenate(knots), steps=4)
    pen.fill(outline * 1.05, darker(skin, 0.6))
    pen.shade(outline, darker(skin, 0.35), lighter(skin, 0.25), (0, 0), 8)
    wart = lighter(vary(rng, skin, 0.1), rng.uniform(0.45, 0.85))
    for arm in range(5):
        for step in np.linspace(0.1, 0.9, 8):
            size = 0.06 * (1.15 - step * 0.75)
            for offset in (-0.6, 0.0, 0.6):
                spot = turned([(step, offset * width * (1.3 - step))], arm * 72 + bend * step)[0]
                middle = offset == 0.0
                pen.dot(spot, size if middle else size * 0.6, wart if middle else darker(wart, 0.2))

"""Plants and fungi: flower, fern, mushroom."""

import numpy as np
from numpy.random import Generator

from ..catalogue import creature
from ..colours import darker, hsv, lighter, mix, rich, vary
from ..pen import Pen
from ..shapes import ellipse, moved, petal, spline, turned


@creature("flower, daisy, blossom", tilt_deg=180, crowd=5)
def flower(pen: Pen, rng: Generator) -> None:
    """A flower from the front: one or two rings of veined petals about a seeded centre."""
    hue = rich(rng, (-30, 60), (-30, 60), (260, 330), (200, 240))
    if rng.uniform() < 0.25:
        hue = vary(rng, (0.95, 0.94, 0.92), 0.05)
    count = int(rng.integers(5, 15))
    width = rng.uniform(1.1, 1.6) * 2 * np.pi * 0.5 / count
    heart = rng.uniform(0.2, 0.36)
    if rng.uniform() < 0.4:
        leaf = hsv(rng.uniform(80, 140), rng.uniform(0.5, 0.9), rng.uniform(0.3, 0.7))
        for side_deg in (35, 145):
            pen.shade(
                petal(side_deg + rng.uniform(-20, 20), 0.5, 0.75, 0.4), darker(leaf, 0.4), leaf, (0, 0), 4
            )
    rings = ((1.0, 0.2), (0.72, 0.0)) if rng.uniform() < 0.5 else ((1.0, 0.1),)
    tip = rng.uniform(0.5, 0.8)
    for ring, (reach, dim) in enumerate(rings):
        for index in range(count):
            turn = (index + 0.5 * ring) * 360 / count + rng.uniform(-4, 4)
            blade = petal(turn, heart * 0.6, reach - heart * 0.6, width * reach, tip)
            pen.fill(blade * 1.03, darker(hue, 0.55))
            pen.shade(blade, darker(hue, 0.1 + dim), lighter(hue, 0.3), (0, 0), 4)
            pen.line(turned([(heart, 0), (reach * 0.8, 0)], turn), darker(hue, 0.35), 0.02)
    centre = hsv(rng.uniform(25, 58), rng.uniform(0.7, 1), rng.uniform(0.45, 1))
    pen.shade(ellipse(0, 0, heart, heart), darker(centre, 0.6), centre, (-0.1, -0.1), 5)
    for ring in range(1, 4):
        for seed_deg in range(0, 360, 60 // ring + 10):
            spot = turned([(heart * ring * 0.29, 0)], seed_deg + rng.uniform(-9, 9))[0]
            pen.dot(spot, heart * 0.08, mix(darker(centre, 0.6), lighter(centre, 0.6), rng.uniform()))


@creature("fern, fern leaf, frond", tilt_deg=180, crowd=3)
def fern(pen: Pen, rng: Generator) -> None:
    """A fern's frond: leaflets in pairs along a bent stem, shrinking to the tip."""
    green = hsv(rng.uniform(75, 150), rng.uniform(0.55, 0.95), rng.uniform(0.35, 0.85))
    bend = rng.uniform(-0.5, 0.5)
    y = np.linspace(1.1, -1.1, int(rng.integers(13, 20)))
    x = bend * ((y / 1.1) ** 2 - 0.5)
    lean, width = rng.uniform(15, 45), rng.uniform(0.55, 0.85)
    for index in range(1, len(y)):
        share = index / len(y)
        reach = width * min(1.0, 0.45 + 2.2 * share) * (1.08 - share) ** 0.7
        course = np.rad2deg(np.arctan2(y[index] - y[index - 1], x[index] - x[index - 1]))
        for side in (-1.0, 1.0):
            turn = course + side * (90 - lean * (0.6 + share)) + rng.uniform(-4, 4)
            leaflet = moved(petal(turn, 0.0, reach, 0.17 * (1.15 - share * 0.6), 0.4), x[index], y[index])
            tone = vary(rng, mix(green, lighter(green, 0.35), share), 0.05)
            pen.fill(leaflet, darker(tone, 0.45))
            pen.shade(leaflet * 0.995, darker(tone, 0.25), lighter(tone, 0.15), (0, 0), 3)
            rib = moved(turned([(0, 0), (reach * 0.9, 0)], turn), x[index], y[index])
            pen.line(rib, lighter(tone, 0.35), 0.018)
    pen.line(np.stack([x, y], axis=1), darker(green, 0.5), 0.05)


@creature("mushroom, toadstool, fly agaric", tilt_deg=20, crowd=4)
def mushroom(pen: Pen, rng: Generator) -> None:
    """A toadstool from the side: domed cap with pale warts, gills, ringed stem."""
    cap = rich(rng, (-10, 20), (-10, 20), (15, 40))
    flesh = vary(rng, (0.93, 0.89, 0.8), 0.06)
    wide, tall = rng.uniform(0.72, 1.0), rng.uniform(0.6, 0.95)
    top, foot = rng.uniform(0.16, 0.26), rng.uniform(0.22, 0.38)
    stem = spline(
        [
            (-top, -0.1),
            (-top * 0.9, 0.4),
            (-foot, 0.95),
            (0, 1.05),
            (foot, 0.95),
            (top * 0.9, 0.4),
            (top, -0.1),
        ]
    )
    pen.shade(stem, darker(flesh, 0.45), flesh, (-0.2, 0), 5)
    if rng.uniform() < 0.6:
        pen.fill(
            spline([(-top * 1.1, 0.2), (-top * 1.8, 0.42), (0, 0.5), (top * 1.8, 0.42), (top * 1.1, 0.2)]),
            lighter(flesh, 0.4),
        )
    gills = ellipse(0, -0.08, wide * 0.94, 0.2)
    pen.fill(gills, darker(flesh, 0.35))
    for x in np.linspace(-0.85, 0.85, 15):
        pen.line([(x * 0.25, 0.02), (x * wide, -0.05 + 0.14 * (1 - x * x))], darker(flesh, 0.6), 0.02)
    lip = rng.uniform(0.02, 0.12)
    dome = np.concatenate(
        [ellipse(0, -0.1, wide, tall, 0, 180, 360), ellipse(0, -0.1, wide, -lip, 0, 0, 180)]
    )
    pen.shade(dome, darker(cap, 0.5), lighter(cap, 0.08), (-0.15, -0.15), 8)
    _warts(pen, rng, wide, tall, lighter(flesh, 0.6))
    pen.fill(ellipse(-wide * 0.4, -tall * 0.72, 0.2, 0.08, -35), lighter(cap, 0.8), rng.uniform(0.1, 0.5))


def _warts(pen: Pen, rng: Generator, wide: float, tall: float, colour: tuple[float, float, float]) -> None:
    places = [
        (-0.68, 0.22),
        (-0.35, 0.48),
        (-0.3, 0.12),
        (0.05, 0.78),
        (0.08, 0.36),
        (0.4, 0.58),
        (0.42, 0.16),
        (0.74, 0.24),
    ]
    size = rng.uniform(0.08, 0.14)
    for x, y in places:
        x, y = x + rng.uniform(-0.06, 0.06), y + rng.uniform(-0.06, 0.06)
        squeeze = max(0.35, np.sqrt(max(0.05, 1 - x * x)))  # warts near the rim are seen edge-on
        size_here = size * rng.uniform(0.75, 1.25)
        pen.fill(ellipse(x * wide, -0.12 - y * tall, size_here * squeeze, size_here * 0.85), colour)

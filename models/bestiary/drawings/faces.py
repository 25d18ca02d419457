"""Faces of house animals from the front: cat, dog."""

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from ..catalogue import creature
from ..colours import BLACK, WHITE, Colour, darker, hsv, lighter, mix, vary
from ..pen import Pen
from ..shapes import Points, ellipse, grown, moved, ribbon, spline, symmetric, turned


def _hairs(pen: Pen, rng: Generator, outline: Points, coat: Colour, count: int) -> None:
    """Short strokes of fur from the nose outwards, on the outline's inside."""
    for spot in outline[rng.integers(0, len(outline), count)] * rng.uniform(0.5, 0.86, (count, 1)):
        tone = mix(darker(coat, 0.22), lighter(coat, 0.28), rng.uniform())
        pen.line([spot, spot * rng.uniform(1.06, 1.12)], tone, 0.022)


@creature("cat, cat face", tilt_deg=24, crowd=3)
def cat(pen: Pen, rng: Generator) -> None:
    """A cat's face: pointed ears, slanting eyes with slits, small nose, whiskers, tabby marks."""
    coat, mark, pale = _cat_colours(rng)
    edge = darker(mark, 0.5)
    perk = rng.uniform(-0.08, 0.1)
    for side in (-1.0, 1.0):
        _cat_ear(pen, rng, side, perk, coat, edge)
    head = symmetric(
        [(0, -0.66), (0.42, -0.66), (0.78, -0.36), (0.9, 0.06), (1.0, 0.36), (0.78, 0.5), (0.5, 0.74),
         (0.2, 0.88), (0, 0.9)]
    )  # fmt: skip
    pen.fill(head * 1.045, edge)
    pen.shade(head, darker(coat, 0.2), lighter(coat, 0.08), (0, -0.1), 6)
    _hairs(pen, rng, head, coat, 34)
    if mark != coat:
        _tabby_marks(pen, rng, mark)
    if rng.uniform() < 0.6:
        blaze = symmetric([(0, -0.3), (0.07, 0.0), (0.3, 0.26), (0.52, 0.5), (0.26, 0.8), (0, 0.84)])
        pen.shade(blaze, mix(coat, pale, 0.6), pale, (0, 0.3), 3)
    iris = hsv(rng.choice([45.0, 75.0, 110.0, 200.0]) + rng.uniform(-14, 14), rng.uniform(0.6, 0.95), 0.9)
    wide, slant = rng.uniform(0.09, 0.16), rng.uniform(10, 24)
    for side in (-1.0, 1.0):
        _cat_eye(pen, side, iris, wide, slant, pale)
    _cat_muzzle(pen, rng, coat, pale)


def _cat_colours(rng: Generator) -> tuple[Colour, Colour, Colour]:
    """Coat, tabby marks, muzzle; marks of the coat's own colour are no marks."""
    kind, pale = rng.uniform(), vary(rng, (0.94, 0.92, 0.88), 0.05)
    if kind < 0.12:
        black = vary(rng, (0.15, 0.14, 0.15), 0.05)
        return black, black, mix(black, pale, rng.choice([0.15, 0.95]))
    if kind < 0.22:
        return pale, pale, lighter(pale, 0.6)
    if kind < 0.55:
        ginger = hsv(rng.uniform(22, 36), rng.uniform(0.55, 0.85), rng.uniform(0.75, 0.95))
        return ginger, darker(ginger, rng.uniform(0.35, 0.5)), pale
    grey = hsv(rng.uniform(20, 45), rng.uniform(0.05, 0.4), rng.uniform(0.5, 0.75))
    return grey, darker(grey, rng.uniform(0.5, 0.75)), pale


def _cat_ear(pen: Pen, rng: Generator, side: float, perk: float, coat: Colour, edge: Colour) -> None:
    ear = np.array([(0.2, -0.6), (0.42, -0.88), (0.78 + perk, -1.2), (0.87, -0.82), (0.86, -0.2)])
    ear = ear * (side, 1)
    middle = np.array([side * 0.62, -0.62])
    pen.fill(middle + (spline(ear, steps=4) - middle) * 1.1, edge)
    pen.fill(spline(ear, steps=4), coat)
    pink = hsv(rng.uniform(0, 20), 0.35, rng.uniform(0.75, 0.9))
    inner = middle + (ear - middle) * 0.66
    pen.shade(spline(inner, steps=4), darker(pink, 0.35), pink, (0, 0.4), 3)
    for x in (0.42, 0.52):
        pen.line([(side * x, -0.56), (side * (x + 0.12), -0.82)], lighter(coat, 0.5), 0.035)


def _stripe(pen: Pen, points: ArrayLike, width: float, colour: Colour) -> None:
    """A mark that swells in the middle and ends in points."""
    path = spline(points, closed=False, steps=5)
    pen.fill(ribbon(path, width * np.sin(np.linspace(0.25, np.pi, len(path)))), colour)


def _tabby_marks(pen: Pen, rng: Generator, mark: Colour) -> None:
    width = rng.uniform(0.08, 0.12)
    _stripe(pen, [(0, -0.64), (0, -0.5), (0, -0.34)], width, mark)
    for side in (-1.0, 1.0):
        for path in (
            [(0.2, -0.66), (0.14, -0.48), (0.13, -0.27)],
            [(0.42, -0.62), (0.34, -0.48), (0.33, -0.33)],
            [(0.92, -0.02), (0.74, 0.08), (0.56, 0.12)],
            [(1.0, 0.24), (0.8, 0.3), (0.6, 0.26)],
            [(0.86, 0.5), (0.72, 0.5), (0.58, 0.42)],
            [(0.78, -0.36), (0.68, -0.28), (0.62, -0.2)],
        ):
            _stripe(pen, np.array(path) * (side, 1), width, mark)


def _cat_eye(pen: Pen, side: float, iris: Colour, wide: float, slant: float, pale: Colour) -> None:
    place = np.array([side * 0.4, -0.06])
    almond = spline([(-0.27, 0.02), (-0.1, -0.17), (0.12, -0.18), (0.27, -0.02), (0.12, 0.15), (-0.12, 0.15)])
    almond = turned(almond, -slant) * (side, 1)
    pen.fill(place + almond * 1.3, lighter(pale, 0.1))
    pen.fill(place + almond * 1.18, (0.1, 0.07, 0.07))
    pen.shade(place + almond, darker(iris, 0.3), lighter(iris, 0.2), (0, 0.3), 5)
    pen.fill(moved(ellipse(0, -0.01, wide * 0.5, 0.155), *place), BLACK)
    pen.dot(moved([(-0.07, -0.08)], *place)[0], 0.045, WHITE)


def _cat_muzzle(pen: Pen, rng: Generator, coat: Colour, pale: Colour) -> None:
    ink, tone = (0.15, 0.1, 0.1), WHITE if sum(coat) < 2.3 else (0.35, 0.33, 0.33)
    pen.shade(ellipse(0, 0.68, 0.2, 0.17), mix(coat, pale, 0.5), pale, (0, 0), 2)
    for side in (-1.0, 1.0):
        pen.shade(
            ellipse(side * 0.2, 0.5, 0.25, 0.2, side * 10),
            mix(coat, pale, 0.65),
            lighter(pale, 0.3),
            (0, -0.2),
            4,
        )
    pink = hsv(rng.uniform(-5, 20), rng.uniform(0.35, 0.6), rng.uniform(0.65, 0.95))
    nose = symmetric([(0, 0.25), (0.1, 0.24), (0.16, 0.28), (0.06, 0.4), (0, 0.43)])
    pen.fill(grown(nose, 1.25), darker(pink, 0.6))
    pen.shade(nose, darker(pink, 0.15), lighter(pink, 0.2), (0, -0.4), 3)
    for side in (-1.0, 1.0):
        lip = spline([(0, 0.42), (side * 0.02, 0.54), (side * 0.14, 0.6), (side * 0.28, 0.53)], closed=False)
        pen.line(lip, ink, 0.04)
        for x, y in ((0.16, 0.44), (0.27, 0.42), (0.22, 0.52)):
            pen.dot((side * x, y), 0.02, ink)
        for turn in (-20, -6, 8, 22):
            reach = turned([(rng.uniform(0.85, 1.0), 0)], turn)[0] * (side, 1)
            root = np.array([side * 0.24, 0.46 + turn * 0.004])
            whisker = np.stack([root, moved(root + reach * 0.5, 0, -0.04), moved(root + reach, 0, 0.06)])
            pen.line(spline(whisker, closed=False, steps=4), tone, 0.022)


@creature("dog, dog face, puppy", tilt_deg=24, crowd=3)
def dog(pen: Pen, rng: Generator) -> None:
    """A dog's face: hanging or pricked ears, broad muzzle, big wet nose, kind brown eyes, often a tongue."""
    coat, ear, pale = _dog_colours(rng)
    edge = darker(ear, 0.6)
    pricked = rng.uniform() < 0.22
    for side in (-1.0, 1.0):
        if pricked:
            _pricked_ear(pen, side, ear, edge)
    wide = rng.uniform(0.94, 1.1)
    head = symmetric(
        [(0, -0.9), (0.34, -0.84), (0.66, -0.5), (0.7, 0.0), (0.6, 0.4), (0.4, 0.72), (0, 0.82)]
    ) * (
        wide,
        1,
    )
    pen.fill(head * 1.045, edge)
    pen.shade(head, darker(coat, 0.25), lighter(coat, 0.1), (0, -0.3), 6)
    _hairs(pen, rng, head, coat, 30)
    if rng.uniform() < 0.3:
        patch = spline([(0.08, -0.5), (0.4, -0.7), (0.62, -0.4), (0.62, 0.0), (0.35, 0.1), (0.1, -0.1)])
        pen.shade(patch * (wide * rng.choice([-1.0, 1.0]), 1), ear, lighter(ear, 0.1), (0, 0), 3)
    if rng.uniform() < 0.55:
        blaze = symmetric([(0, -0.84), (0.1, -0.7), (0.08, -0.35), (0.2, 0.05), (0, 0.3)])
        pen.shade(blaze, mix(coat, pale, 0.7), pale, (0, 0), 3)
    if not pricked:
        drop = rng.uniform(-0.12, 0.2)
        for side in (-1.0, 1.0):
            _hanging_ear(pen, rng, side, drop, ear, edge)
    for side in (-1.0, 1.0):
        _dog_eye(pen, rng, side * 0.33 * wide, coat, pale)
    _dog_muzzle(pen, rng, pale)


def _dog_colours(rng: Generator) -> tuple[Colour, Colour, Colour]:
    """Coat, ears and patches, muzzle and blaze."""
    kind, white = rng.uniform(), vary(rng, (0.93, 0.9, 0.85), 0.05)
    brown = hsv(rng.uniform(18, 34), rng.uniform(0.5, 0.75), rng.uniform(0.35, 0.65))
    if kind < 0.35:
        gold = hsv(rng.uniform(26, 40), rng.uniform(0.4, 0.7), rng.uniform(0.72, 0.95))
        return gold, darker(gold, rng.uniform(0.15, 0.5)), mix(gold, white, rng.uniform(0.4, 0.8))
    if kind < 0.6:
        return brown, darker(brown, rng.uniform(0.1, 0.5)), mix(brown, white, rng.uniform(0.5, 0.95))
    grey = hsv(rng.uniform(0, 360), rng.uniform(0, 0.12), rng.uniform(0.14, 0.5))
    if kind < 0.8:
        return white, mix(brown, grey, rng.choice([0.0, 0.0, 1.0])), lighter(white, 0.5)
    return grey, darker(grey, 0.35), mix(hsv(28, 0.6, 0.75), white, rng.uniform())


def _pricked_ear(pen: Pen, side: float, ear: Colour, edge: Colour) -> None:
    outline = np.array([(0.2, -0.7), (0.4, -1.0), (0.66, -1.22), (0.78, -0.9), (0.74, -0.3)]) * (side, 1)
    middle = np.array([side * 0.55, -0.7])
    shape = spline(outline, steps=4)
    pen.fill(middle + (shape - middle) * 1.12, edge)
    pen.fill(shape, ear)
    pen.shade(middle + (shape - middle) * 0.62, darker(ear, 0.4), (0.85, 0.62, 0.56), (0, 0.5), 3)


def _hanging_ear(pen: Pen, rng: Generator, side: float, drop: float, ear: Colour, edge: Colour) -> None:
    outline = [(0.36, -0.76), (0.66, -0.82), (0.98, -0.5), (1.1, 0.0 + drop), (0.98, 0.36 + drop),
               (0.76, 0.26 + drop), (0.64, -0.1), (0.56, -0.4)]  # fmt: skip
    shape = spline(np.array(outline) * (side, 1) + rng.uniform(-0.03, 0.03, (8, 2)), steps=4)
    middle = shape.mean(axis=0)
    pen.fill(middle + (shape - middle) * 1.1, edge)
    pen.shade(shape, darker(ear, 0.3), lighter(ear, 0.12), (side * 0.1, -0.2), 5)
    pen.line(middle + (shape[5:17] - middle) * 0.62, darker(ear, 0.3), 0.03)


def _dog_eye(pen: Pen, rng: Generator, x: float, coat: Colour, pale: Colour) -> None:
    side, y = float(np.sign(x)), -0.2
    brown = hsv(rng.uniform(15, 30), 0.75, rng.uniform(0.35, 0.6))
    ball = ellipse(x, y, 0.2, 0.175, side * 12)
    pen.fill(grown(ball, 1.2), darker(coat, 0.78))
    pen.fill(ball, vary(rng, (0.93, 0.91, 0.87), 0.03))
    pen.shade(ellipse(x, y, 0.165, 0.17), darker(brown, 0.5), lighter(brown, 0.12), (0, 0.4), 4)
    pen.dot((x, y), 0.09, BLACK)
    pen.dot((x - 0.055, y - 0.065), 0.055, WHITE)
    pen.line(ellipse(x, y + 0.03, 0.24, 0.23, side * 12, 195, 345), darker(coat, 0.8), 0.05)
    pen.fill(ellipse(x - side * 0.02, y - 0.33, 0.12, 0.05, side * 20), mix(coat, pale, 0.55))


def _dog_muzzle(pen: Pen, rng: Generator, pale: Colour) -> None:
    ink = (0.09, 0.07, 0.07)
    if rng.uniform() < 0.6:
        pink, long = (
            hsv(rng.uniform(345, 365), rng.uniform(0.4, 0.6), rng.uniform(0.85, 1)),
            rng.uniform(0, 0.2),
        )
        tongue = symmetric(
            [(0, 0.6), (0.2, 0.62), (0.22, 0.86 + long), (0.12, 1.02 + long), (0, 1.04 + long)]
        )
        pen.fill(grown(tongue, 1.14), darker(pink, 0.6))
        pen.shade(tongue, darker(pink, 0.1), lighter(pink, 0.2), (0, 0.2), 3)
        pen.line([(0, 0.7), (0, 0.92 + long)], darker(pink, 0.35), 0.035)
    else:
        pen.shade(ellipse(0, 0.76, 0.24, 0.16), darker(pale, 0.4), darker(pale, 0.1), (0, 0), 3)
    muzzle = symmetric(
        [(0, 0.0), (0.26, 0.06), (0.46, 0.3), (0.5, 0.56), (0.3, 0.76), (0.08, 0.72), (0, 0.64)]
    )
    pen.fill(grown(muzzle, 1.06), darker(pale, 0.5))
    pen.shade(muzzle, darker(pale, 0.15), lighter(pale, 0.25), (0, -0.1), 5)
    for side in (-1.0, 1.0):
        lip = spline([(0, 0.42), (side * 0.03, 0.6), (side * 0.2, 0.72), (side * 0.42, 0.62)], closed=False)
        pen.line(lip, ink, 0.05)
        for x, y in ((0.2, 0.48), (0.32, 0.46), (0.27, 0.57)):
            pen.dot((side * x, y), 0.022, darker(pale, 0.7))
    nose = symmetric([(0, 0.06), (0.16, 0.07), (0.27, 0.18), (0.2, 0.33), (0, 0.42)])
    pen.shade(nose, ink, (0.24, 0.2, 0.21), (0, -0.4), 4)
    for side in (-1.0, 1.0):
        pen.fill(ellipse(side * 0.12, 0.25, 0.055, 0.035, side * 30), (0.0, 0.0, 0.0))
    pen.fill(ellipse(-0.07, 0.13, 0.09, 0.035, -8), (0.82, 0.84, 0.88))

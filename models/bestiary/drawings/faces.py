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


@creature("cat, cat face", tilt_deg=24, crowd=2)
def cat(pen: Pen, rng: Generator) -> None:
    """A cat's face: great pointed ears, pink inside, huge green eyes with slits, pink nose, long whiskers."""
    coat, mark, pale = _cat_colours(rng)
    edge = darker(mark, 0.6)
    perk = rng.uniform(-0.06, 0.08)
    for side in (-1.0, 1.0):
        _cat_ear(pen, side, perk, coat, edge)
    head = symmetric(
        [(0, -0.6), (0.4, -0.62), (0.78, -0.36), (0.92, 0.06), (1.0, 0.36), (0.8, 0.54), (0.5, 0.76),
         (0.2, 0.88), (0, 0.9)]
    )  # fmt: skip
    pen.fill(head * 1.05, edge)
    pen.shade(head, darker(coat, 0.12), lighter(coat, 0.08), (0, -0.1), 4)
    if mark != coat:
        _tabby_marks(pen, mark)
    iris = hsv(rng.uniform(62, 100), rng.uniform(0.75, 0.95), rng.uniform(0.9, 1.0))
    wide, slant = rng.uniform(0.1, 0.14), rng.uniform(12, 20)
    for side in (-1.0, 1.0):
        _cat_eye(pen, side, iris, wide, slant)
    _cat_muzzle(pen, rng, coat, pale)


def _cat_colours(rng: Generator) -> tuple[Colour, Colour, Colour]:
    """Coat, tabby marks, muzzle; marks of the coat's own colour are no marks."""
    kind, pale = rng.uniform(), vary(rng, (0.96, 0.94, 0.9), 0.03)
    if kind < 0.15:
        black = vary(rng, (0.15, 0.14, 0.16), 0.03)
        return black, black, mix(black, pale, 0.3)
    if kind < 0.7:
        ginger = hsv(rng.uniform(25, 33), rng.uniform(0.7, 0.85), rng.uniform(0.88, 1.0))
        return ginger, darker(ginger, 0.45), pale
    grey = hsv(rng.uniform(25, 45), rng.uniform(0.04, 0.12), rng.uniform(0.58, 0.7))
    return grey, darker(grey, 0.6), pale


def _cat_ear(pen: Pen, side: float, perk: float, coat: Colour, edge: Colour) -> None:
    ear = np.array([(0.12, -0.56), (0.38, -0.9), (0.8 + perk, -1.34), (0.9, -0.86), (0.92, -0.1)]) * (side, 1)
    middle = np.array([side * 0.62, -0.66])
    shape = spline(ear, steps=4)
    pen.fill(middle + (shape - middle) * 1.1, edge)
    pen.fill(shape, coat)
    pink = (0.98, 0.62, 0.64)
    pen.shade(middle + (shape - middle) * 0.66, darker(pink, 0.2), pink, (0, 0.4), 2)


def _stripe(pen: Pen, points: ArrayLike, width: float, colour: Colour) -> None:
    """A mark that swells in the middle and ends in points."""
    path = spline(points, closed=False, steps=5)
    pen.fill(ribbon(path, width * np.sin(np.linspace(0.25, np.pi, len(path)))), colour)


def _tabby_marks(pen: Pen, mark: Colour) -> None:
    """Three strokes on the brow and two on either cheek."""
    _stripe(pen, [(0, -0.62), (0, -0.46), (0, -0.26)], 0.13, mark)
    for side in (-1.0, 1.0):
        for path in (
            [(0.26, -0.64), (0.2, -0.5), (0.18, -0.36)],
            [(1.0, 0.2), (0.88, 0.24), (0.74, 0.24)],
            [(0.94, 0.46), (0.82, 0.46), (0.7, 0.4)],
        ):
            _stripe(pen, np.array(path) * (side, 1), 0.13, mark)


def _cat_eye(pen: Pen, side: float, iris: Colour, wide: float, slant: float) -> None:
    place = np.array([side * 0.45, -0.06])
    almond = spline(
        [(-0.34, 0.04), (-0.14, -0.22), (0.14, -0.24), (0.35, -0.04), (0.15, 0.21), (-0.15, 0.21)]
    )
    almond = turned(almond, -slant) * (side, 1)
    pen.fill(place + almond * 1.18, (0.07, 0.05, 0.05))
    pen.shade(place + almond, darker(iris, 0.18), lighter(iris, 0.2), (0, 0.3), 3)
    pen.fill(moved(ellipse(0, -0.01, wide * 0.6, 0.2), *place), BLACK)
    pen.dot(moved([(-0.1, -0.1)], *place)[0], 0.06, WHITE)


def _cat_muzzle(pen: Pen, rng: Generator, coat: Colour, pale: Colour) -> None:
    """White cheeks about a pink nose, a mouth like a W, three whiskers on either side."""
    ink, lift = (0.12, 0.08, 0.08), rng.uniform(-0.1, 0.1)
    pen.fill(ellipse(0, 0.7, 0.22, 0.16), pale)
    for side in (-1.0, 1.0):
        cheek = ellipse(side * 0.22, 0.5, 0.28, 0.22, side * 10)
        pen.shade(cheek, mix(coat, pale, 0.8), lighter(pale, 0.3), (0, -0.2), 3)
    for side in (-1.0, 1.0):
        lip = spline([(0, 0.42), (side * 0.02, 0.56), (side * 0.15, 0.63), (side * 0.3, 0.55)], closed=False)
        pen.line(lip, ink, 0.05)
        for turn in (-18, 2, 22):
            reach = turned([(rng.uniform(0.84, 0.96), 0)], turn)[0] * (side, 1)
            root = np.array([side * 0.3, 0.47 + turn * 0.004])
            whisker = spline([root, root + reach * 0.5 + (0, lift - 0.05), root + reach], False, 4)
            for width, tone in ((0.055, ink), (0.034, WHITE)):
                pen.line(whisker, tone, width)
    nose = symmetric([(0, 0.22), (0.13, 0.22), (0.2, 0.27), (0.08, 0.41), (0, 0.45)])
    pink = hsv(rng.uniform(-10, 5), rng.uniform(0.42, 0.55), 1.0)
    pen.fill(grown(nose, 1.25), darker(pink, 0.7))
    pen.shade(nose, darker(pink, 0.08), lighter(pink, 0.2), (0, -0.4), 3)


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

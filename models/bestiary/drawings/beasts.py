"""Beasts seen whole: frog, ostrich, salamander, snake."""

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from ..catalogue import creature
from ..colours import BLACK, WHITE, Colour, darker, hsv, lighter, mix, rich, vary
from ..pen import Pen
from ..shapes import Points, ellipse, grown, moved, petal, ribbon, spline, symmetric, turned


def _solid(pen: Pen, outline: Points, colour: Colour, towards: tuple[float, float], grow: float) -> None:
    """A rounded part with a dark edge around it."""
    pen.fill(grown(outline, grow), darker(colour, 0.68))
    pen.shade(outline, darker(colour, 0.3), lighter(colour, 0.12), towards, 4)


def _limb(pen: Pen, path: Points, width: float, turns_deg: Points, toe: float, colour: Colour) -> None:
    """A limb along a path, with toes of one length at its end, and pads on the toes if they are long."""
    widths, turns = np.linspace(width, 0.6 * width, len(path)), np.deg2rad(turns_deg)
    tips = path[-1] + toe * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    for grow, tone in ((0.05, darker(colour, 0.65)), (0.0, lighter(colour, 0.06))):
        pen.fill(ribbon(path, widths + grow * 1.5), tone)
        for tip in tips:
            pen.line([path[-1], tip], tone, 0.06 + grow)
            if toe > 0.2:
                pen.line([tip, tip], tone, 0.12 + grow)


@creature("frog, toad, tree frog", tilt_deg=28, crowd=3)
def frog(pen: Pen, rng: Generator) -> None:
    """A sitting frog from the front: bulging eyes on a broad head, wide mouth, folded legs, splayed toes."""
    hue = rng.uniform(72, 130) if rng.uniform() < 0.7 else rng.choice([28.0, 36, 47, 215])
    skin = hsv(hue, rng.uniform(0.5, 0.95), rng.uniform(0.5, 0.85))
    pale = hsv(rng.uniform(40, 75), rng.uniform(0.15, 0.45), rng.uniform(0.88, 1))
    limbs = mix(skin, hsv(rng.uniform(20, 50), 0.85, 0.95), rng.choice([0.0, 0.0, 0.0, 0.75]))
    mark = mix(darker(skin, 0.6), lighter(skin, 0.4), rng.choice([0.0, 0.0, 1.0]))
    lift, turn, stout = rng.uniform(-0.1, 0.12), rng.uniform(-0.1, 0.1), rng.uniform(0.85, 1.08)
    for side in (-1.0, 1.0):
        _frog_hind_leg(pen, side, rng.uniform(-0.08, 0.08), limbs, mark)
    body = symmetric([(0, -0.2), (0.5, -0.1), (0.66, 0.35), (0.5, 0.8), (0, 0.88)]) * (stout, 1)
    _solid(pen, body, skin, (0, -0.3), 1.05)
    pen.shade(moved(body * (0.72, 0.84), 0, 0.1), mix(pale, skin, 0.35), lighter(pale, 0.25), (0, 0.1), 4)
    for side in (-1.0, 1.0):
        arm = spline([(side * 0.42, 0.12), (side * 0.54, 0.5), (side * 0.34 + turn, 0.88)], closed=False)
        _limb(pen, arm, 0.27, 90 - side * np.array([-62.0, -18, 24, 66]), 0.23, limbs)
    _frog_head(pen, rng, lift, skin, pale, mark)


def _frog_hind_leg(pen: Pen, side: float, lift: float, skin: Colour, mark: Colour) -> None:
    shin = np.array([(side * 0.74, 0.7), (side * 0.86, 0.86)])
    _limb(pen, shin, 0.2, 90 - side * np.array([10.0, 50, 90]), 0.26, skin)
    thigh = ellipse(side * 0.74, 0.42 + lift, 0.27, 0.52, side * 14)
    _solid(pen, thigh, skin, (side * 0.1, -0.4), 1.1)
    for y in (0.18, 0.45, 0.7):
        pen.line([(side * (0.76 + x), y + lift + x * x * 3) for x in (-0.15, 0.0, 0.15)], mark, 0.06)


def _frog_head(pen: Pen, rng: Generator, lift: float, skin: Colour, pale: Colour, mark: Colour) -> None:
    edge, iris = darker(skin, 0.7), rich(rng, (38, 58), (38, 58), (-8, 12))
    head = symmetric([(0, -0.72), (0.5, -0.72), (0.84, -0.3), (0.7, -0.02), (0.34, 0.14), (0, 0.17)], lift)
    for side in (-1.0, 1.0):
        pen.dot((side * 0.46, -0.74 + lift), 0.325, edge)
    _solid(pen, head, skin, (0, -0.5), 1.06)
    chin = symmetric([(0, -0.12), (0.4, -0.16), (0.72, -0.24), (0.6, 0.02), (0.3, 0.12), (0, 0.14)], lift)
    pen.shade(chin, mix(pale, skin, 0.4), lighter(pale, 0.3), (0, 0), 3)
    for x, y in rng.uniform((-0.45, -0.62), (0.45, -0.3), (int(rng.integers(0, 7)), 2)):
        pen.fill(ellipse(x, y + lift, rng.uniform(0.04, 0.09), 0.05, rng.uniform(-40, 40)), mark)
    for side in (-1.0, 1.0):
        ball = ellipse(side * 0.46, -0.76 + lift, 0.28, 0.28)
        pen.shade(ball, skin, lighter(skin, 0.25), (0, -0.4), 3)
        pen.fill(grown(ball, 0.8), darker(skin, 0.85))
        pen.shade(grown(ball, 0.69), darker(iris, 0.25), lighter(iris, 0.2), (0, 0.3), 3)
        pen.fill(ellipse(side * 0.46, -0.76 + lift, 0.14, 0.085), BLACK)
        pen.dot((side * 0.46 - 0.06, -0.84 + lift), 0.055, WHITE)
        pen.dot((side * 0.1, -0.33 + lift), 0.035, edge)
    smile = spline(moved([(-0.76, -0.3), (0, -0.115), (0.76, -0.3)], 0, lift), closed=False)
    pen.line(smile, darker(skin, 0.8), 0.055)


@creature("ostrich", tilt_deg=18, crowd=2)
def ostrich(pen: Pen, rng: Generator) -> None:
    """An ostrich from the side: round black body, white plumes, long pink neck, orange beak, two legs."""
    skin = hsv(rng.uniform(-6, 12), rng.uniform(0.36, 0.5), rng.uniform(0.9, 1.0))
    plume, white = vary(rng, (0.1, 0.09, 0.11), 0.03), vary(rng, (0.97, 0.96, 0.93), 0.03)
    stride = rng.uniform(0.0, 0.2)
    _ostrich_leg(pen, 0.42 + stride, 0.36, darker(skin, 0.22))
    _ostrich_leg(pen, 0.08 - stride, 0.1, skin)
    _plumes(pen, (0.66, -0.02), np.linspace(-75, 15, 4) + rng.uniform(-6, 6), 0.56, white)
    head = np.array([-0.52, -0.94]) + rng.uniform(-0.06, 0.06, 2)
    neck = spline([(0.02, 0.16), (-0.4, 0.06), (-0.58, -0.24), (-0.4, -0.56), tuple(head)], False)
    pen.fill(ribbon(neck, np.linspace(0.5, 0.24, len(neck))), darker(skin, 0.65))
    pen.fill(ribbon(neck, np.linspace(0.42, 0.17, len(neck))), skin)
    pen.line(moved(neck[7:], -0.03, -0.02), lighter(skin, 0.45), 0.05)
    _ostrich_body(pen, rng, plume, white)
    _ostrich_head(pen, rng, head, skin)


def _ostrich_leg(pen: Pen, foot_x: float, hip_x: float, skin: Colour) -> None:
    knee, foot = np.array([(foot_x + hip_x) / 2 + 0.08, 0.74]), np.array([foot_x, 1.14])
    for grow, tone in ((0.06, darker(skin, 0.65)), (0.0, skin)):
        thigh = spline([(hip_x, 0.3), (hip_x + 0.03, 0.5), tuple(knee)], False, 4)
        pen.fill(ribbon(thigh, np.linspace(0.36, 0.1, len(thigh)) + grow), tone)
        pen.line([knee, foot], tone, 0.1 + grow)
        pen.line([moved([foot], -0.28, 0.05)[0], foot, moved([foot], -0.08, 0.1)[0]], tone, 0.1 + grow)


def _plumes(pen: Pen, root: tuple[float, float], turns_deg: Points, length: float, colour: Colour) -> None:
    for turn in turns_deg:
        feather = moved(petal(float(turn), 0.0, length, 0.3, 0.72), *root)
        _solid(pen, feather, colour, (0, 0), 1.1)


def _ostrich_body(pen: Pen, rng: Generator, plume: Colour, white: Colour) -> None:
    """One dark ball with a scalloped edge, and the wing's white plumes on it."""
    turn = np.linspace(0, 2 * np.pi, 89)
    swell = (1 + 0.07 * np.abs(np.sin(turn * 5.5 + rng.uniform(0, 3))))[:, None]
    ball = moved(np.stack([np.cos(turn), np.sin(turn)], axis=1) * swell * (0.66, 0.5), 0.22, 0.06)
    _solid(pen, ball, plume, (-0.2, -0.5), 1.04)
    for x, y in ((-0.22, -0.04), (0.0, -0.2), (0.28, -0.24)):
        pen.line(ellipse(x + 0.05, y, 0.13, 0.1, -20, 180, 320), lighter(plume, 0.3), 0.06)
    _plumes(pen, (0.2, 0.02), np.array([-4.0, 56, 16, 36]) + rng.uniform(-5, 5), 0.66, white)


def _ostrich_head(pen: Pen, rng: Generator, head: Points, skin: Colour) -> None:
    beak = hsv(rng.uniform(22, 32), rng.uniform(0.85, 1.0), 1.0)
    wedge = moved(spline([(-0.08, -0.1), (-0.34, -0.02), (-0.54, 0.08), (-0.36, 0.14), (-0.08, 0.14)]), *head)
    _solid(pen, wedge, beak, (-0.2, -0.4), 1.16)
    pen.line(moved([(-0.5, 0.08), (-0.14, 0.06)], *head), darker(beak, 0.65), 0.035)
    skull = spline([(-0.23, 0.0), (-0.14, -0.19), (0.06, -0.22), (0.23, -0.05), (0.15, 0.15), (-0.11, 0.18)])
    _solid(pen, moved(skull, *head), skin, (-0.1, -0.3), 1.16)
    for x, y, radius, tone in (
        (0, -0.05, 0.135, WHITE),
        (-0.02, -0.04, 0.095, BLACK),
        (-0.05, -0.08, 0.035, WHITE),
    ):
        pen.dot(moved([(x, y)], *head)[0], radius, tone)
    pen.line(moved(ellipse(0, -0.05, 0.14, 0.13, 0, 190, 350), *head), BLACK, 0.045)


def _winding(rng: Generator, waves: float, swing_deg: float, phase: float) -> Points:
    """A hundred points whose heading swings like a pendulum, from the head, with room left before it."""
    heading = np.deg2rad(swing_deg) * np.sin(2 * np.pi * (np.linspace(0, waves, 100) + phase))
    path = np.cumsum(np.stack([np.cos(heading), np.sin(heading)], axis=1), axis=0)
    path -= (path.min(axis=0) + path.max(axis=0)) / 2
    return moved(path * (rng.uniform(0.88, 0.95) / float(path.max())), 0.16, 0)


def _facing(path: Points, at: int) -> float:
    """The direction towards the path's head, in degrees, at one of its points."""
    ahead = path[max(at - 2, 0)] - path[at + 2]
    return float(np.rad2deg(np.arctan2(ahead[1], ahead[0])))


def _crown(path: Points, half: ArrayLike) -> Points:
    """The outline of a head from above at the path's start, from its half given from the snout back."""
    outline = spline(np.concatenate([half, (np.asarray(half) * (1, -1))[:0:-1]]), steps=5)
    return moved(turned(outline, _facing(path, 4)), *path[4])


def _head_marks(pen: Pen, path: Points, mark: Colour, lid: Colour, iris: Colour, slit: float) -> None:
    """Two cheeks, eyes with pupils of a given width, and nostrils on a head from above."""
    for side in (-1.0, 1.0):
        for x, y, long, broad, tone in (
            (-0.06, 0.12, 0.12, 0.055, mark), (0.19, 0.16, 0.09, 0.075, lid),
            (0.19, 0.16, 0.07, 0.056, iris), (0.19, 0.16, 0.055, slit, BLACK),
            (0.22, 0.145, 0.022, 0.022, WHITE), (0.36, 0.05, 0.018, 0.018, BLACK),
        ):  # fmt: skip
            spot = ellipse(x, side * y, long, broad, side * 14)
            pen.fill(moved(turned(spot, _facing(path, 4)), *path[4]), tone)


@creature("salamander, newt, fire salamander", tilt_deg=180, crowd=3)
def salamander(pen: Pen, rng: Generator) -> None:
    """A salamander from above: bent blotched body, blunt head, four toed legs, long tail."""
    skin, mark = vary(rng, (0.1, 0.1, 0.12), 0.03), hsv(rng.uniform(18, 56), rng.uniform(0.85, 1), 1.0)
    if rng.uniform() < 0.28:
        skin = hsv(rng.uniform(15, 100), rng.uniform(0.4, 0.7), rng.uniform(0.3, 0.55))
    edge = darker(skin, 0.75) if sum(skin) > 0.7 else lighter(skin, 0.25)
    path = _winding(rng, rng.uniform(0.7, 1.05), rng.uniform(42, 68), rng.uniform(-0.1, 0.6))
    widths = np.interp(range(100), [0, 30, 52, 62, 99], [0.32, 0.45, 0.37, 0.27, 0.03])
    for at, lean in ((23, 38.0), (53, -38.0)):
        for side in (-1.0, 1.0):
            turn = _facing(path, at) + side * (90 - lean * rng.uniform(0.4, 1.4))
            knee = path[at] + turned([(0.36, 0)], turn)[0]
            leg = np.stack([path[at], knee, knee + turned([(0.22, 0)], turn - side * 35)[0]])
            _limb(pen, leg, 0.17, turn - side * 25 + np.array([-60.0, -20, 20, 60]), 0.15, skin)
    crown = _crown(path, [(0.42, 0), (0.36, 0.14), (0.2, 0.23), (0.0, 0.22), (-0.16, 0.15)])
    pen.fill(grown(crown, 1.14), edge)
    pen.fill(ribbon(path, widths + 0.06), edge)
    for share, tone in ((1.0, 0.0), (0.7, 0.08), (0.35, 0.18)):
        pen.fill(ribbon(path, widths * share), lighter(skin, tone))
    pen.shade(crown, skin, lighter(skin, 0.2), (0, 0), 3)
    for at in range(17, 95, 9):
        for side in (-1.0, 1.0):
            _blotch(pen, rng, path, at + int(rng.integers(-3, 4)), side * widths[at], mark)
    _head_marks(pen, path, mark, mark, BLACK, 0.05)


def _blotch(pen: Pen, rng: Generator, path: Points, at: int, width: float, colour: Colour) -> None:
    long, broad = abs(width) * rng.uniform(0.16, 0.42), abs(width) * rng.uniform(0.12, 0.22)
    wobble = 1 + 0.25 * np.sin(np.linspace(0, 2 * np.pi, 33) * rng.integers(2, 5) + rng.uniform(0, 6))
    ring = moved(ellipse(0, 0, long, broad) * wobble[:, None], 0, width * rng.uniform(0.2, 0.32))
    pen.fill(moved(turned(ring, _facing(path, at)), *path[at]), colour)


@creature("snake, serpent", tilt_deg=180, crowd=2)
def snake(pen: Pen, rng: Generator) -> None:
    """A snake in S-bends: patterned skin, broad head, forked tongue, a tail that tapers."""
    hue = rng.choice([5.0, 35, 50, 85, 100, 120, 140, 195, 215]) + rng.uniform(-9, 9)
    skin = hsv(hue, rng.uniform(0.5, 0.95), rng.uniform(0.55, 0.95))
    mark = mix(darker(skin, 0.65), vary(rng, (0.12, 0.09, 0.08), 0.06), rng.choice([0.0, 1.0]))
    trim = vary(rng, (0.97, 0.9, 0.6), 0.12)
    path = _winding(rng, rng.uniform(1.15, 1.8), rng.uniform(72, 90), rng.uniform(-0.1, 0.1))
    shape = np.interp(np.linspace(0, 1, 100), [0, 0.05, 0.2, 0.7, 1], [0.6, 0.7, 1, 0.95, 0.05])
    widths, edge = rng.uniform(0.29, 0.36) * shape, darker(mix(skin, mark, 0.3), 0.75)
    pen.fill(ribbon(path, widths + 0.06), edge)
    for share, tone in ((1.0, darker(skin, 0.3)), (0.8, skin), (0.45, lighter(skin, 0.18))):
        pen.fill(ribbon(path, widths * share), tone)
    _snake_marks(pen, rng, path, widths, mark, trim)
    tongue = np.array([(0.3, 0.0), (0.52, 0.0), (0.66, 0.1), (0.52, 0.0), (0.66, -0.1)])
    pen.line(moved(turned(tongue, _facing(path, 4)), *path[4]), (0.85, 0.1, 0.15), 0.045)
    crown = _crown(path, [(0.4, 0), (0.34, 0.12), (0.16, 0.21), (-0.04, 0.24), (-0.2, 0.12)])
    _solid(pen, crown, skin, (0, 0), 1.12)
    _head_marks(pen, path, mark, edge, (0.98, 0.85, 0.2), 0.018)


def _snake_marks(pen: Pen, rng: Generator, path: Points, widths: Points, mark: Colour, trim: Colour) -> None:
    """Cross bands or diamonds from neck to tail, each with a border."""
    diamonds, step = rng.uniform() < 0.55, int(rng.integers(6, 9))
    reach = step // 2 if diamonds else max(step // 3, 2)
    swell = 0.95 * (1 - np.abs(np.linspace(-1, 1, 2 * reach + 1))) if diamonds else np.ones(2 * reach + 1)
    for at in range(10, 95 - step, step):
        piece = slice(at - reach, at + reach + 1)
        band = ribbon(path[piece], widths[piece] * swell)
        pen.fill(band, trim)
        pen.fill(grown(band, 0.72), mark)

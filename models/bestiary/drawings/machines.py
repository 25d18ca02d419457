"""Machines: gears, clock."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from ..catalogue import creature
from ..colours import Colour, darker, hsv, lighter, mix, rich, vary
from ..pen import Pen
from ..shapes import Points, ellipse, moved, turned


def _at(pen: Pen, x: float, y: float, scale: float) -> Pen:
    """A pen whose origin lies at a point of this one's drawing, and whose unit is scaled."""
    right, down = (pen.pose.matrix() @ (x, y)).tolist()
    pose = replace(pen.pose, x_px=pen.pose.x_px + right, y_px=pen.pose.y_px + down)
    return Pen(pen.canvas, replace(pose, unit_px=pose.unit_px * scale))


@dataclass(frozen=True)
class _Gear:
    """A toothed wheel whose tips lie at radius 1: its teeth, the first one's turn, and the metal."""

    teeth: int
    turn_deg: float
    metal: Colour


_ROOT = 0.74  # the radius between two teeth, in shares of that at their tips


@creature("gears, cogwheel, gear", tilt_deg=180, crowd=2)
def gears(pen: Pen, rng: Generator) -> None:
    """One large toothed wheel of flat steel or brass with a dark hole in its hub, or two of them in mesh."""
    first = _Gear(int(rng.integers(8, 13)), rng.uniform(0, 360), _steel_or_brass(rng))
    if rng.uniform() < 0.72:
        _wheel(pen, rng, first)
        return
    heading = rng.uniform(0, 360)
    passed = (heading - first.turn_deg) * first.teeth / 360  # teeth of the first up to the mesh
    turn = heading + 180 + (passed + 0.5) * 360 / first.teeth
    second = _Gear(first.teeth, turn, _steel_or_brass(rng))
    size = 0.64
    apart = np.array(turned([(size * (1 + _ROOT) / 2 * 1.05, 0.0)], heading)[0])
    for gear, (x, y) in ((first, -apart), (second, apart)):
        _wheel(_at(pen, float(x), float(y), size), rng, gear)


def _steel_or_brass(rng: Generator) -> Colour:
    if rng.uniform() < 0.6:
        return hsv(rng.uniform(200, 225), rng.uniform(0.03, 0.14), rng.uniform(0.56, 0.76))
    return hsv(rng.uniform(38, 46), rng.uniform(0.55, 0.75), rng.uniform(0.72, 0.9))


def _wheel(pen: Pen, rng: Generator, gear: _Gear) -> None:
    """The gear from the front: a slab's dark flank, square teeth lit at the top, a broad face, one hole."""
    outline, ink = _teeth(gear), darker(gear.metal, 0.85)
    pen.fill(moved(outline * 1.02, 0.05, 0.09), ink)
    pen.fill(outline * 1.05, ink)
    pen.fill(outline * 0.985, darker(gear.metal, 0.12))
    for tooth in range(gear.teeth):
        turn = gear.turn_deg + tooth * 360 / gear.teeth
        bright = 0.5 + 0.5 * np.cos(np.deg2rad(turn + 120))
        land = np.array([(0.92, -1.0), (0.92, 1.0)]) * (1.0, 1.0 / gear.teeth)
        pen.line(turned(land, turn), mix(gear.metal, lighter(gear.metal, 0.7), bright), 0.07)
    _gleam(pen, gear, _ROOT * 0.96)
    hole = rng.uniform(0.2, 0.29)
    if rng.uniform() < 0.18:
        _windows(pen, gear, hole, int(rng.integers(4, 6)))
    pen.line(ellipse(0, 0, hole, hole, 0, 10, 100), lighter(gear.metal, 0.7), 0.09)
    pen.dot((0, 0), hole, darker(gear.metal, 0.92))


def _teeth(gear: _Gear) -> Points:
    """The outline of all teeth, as wide as the gaps between them, each with straight flanks."""
    shares = np.array([-0.5, -0.3, -0.25, 0.25, 0.3, 0.5])
    radii = np.array([_ROOT, _ROOT, 1.0, 1.0, _ROOT, _ROOT])
    angles = np.deg2rad(gear.turn_deg + (np.arange(gear.teeth)[:, None] + shares) * 360 / gear.teeth).ravel()
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.asarray(np.tile(radii, gear.teeth)[:, None] * rays, dtype=np.float64)


def _gleam(pen: Pen, gear: _Gear, outer: float) -> None:
    """A turned face: two broad wedges a little brighter than the rest."""
    for first, second in pairwise(np.linspace(0, 360, 37)):
        bright = (0.5 + 0.5 * np.cos(np.deg2rad(2 * (first - 50)))) ** 2
        wedge = [(0.0, 0.0), turned([(outer, 0)], first)[0], turned([(outer, 0)], second)[0]]
        pen.fill(wedge, mix(darker(gear.metal, 0.12), lighter(gear.metal, 0.35), bright))


def _windows(pen: Pen, gear: _Gear, hole: float, count: int) -> None:
    """Wide dark openings that leave as many stout spokes."""
    inner, outer, half = hole + 0.14, _ROOT - 0.14, 180 / count
    for window in range(count):
        turn = gear.turn_deg + window * 2 * half
        far = ellipse(0, 0, outer, outer, turn, 14 - half, half - 14)
        near = ellipse(0, 0, inner, inner, turn, 22 - half, half - 22)[::-1]
        pen.fill(np.concatenate([far, near]), darker(gear.metal, 0.88))


def _metal(rng: Generator) -> Colour:
    """Brass, copper, steel, now and then paint."""
    metals = (
        hsv(rng.uniform(38, 48), rng.uniform(0.55, 0.8), rng.uniform(0.75, 0.95)),
        hsv(rng.uniform(14, 28), rng.uniform(0.5, 0.75), rng.uniform(0.6, 0.85)),
        hsv(rng.uniform(195, 235), rng.uniform(0.03, 0.2), rng.uniform(0.32, 0.85)),
        rich(rng),
    )
    return metals[rng.choice(4, p=[0.38, 0.17, 0.37, 0.08])]


# The stroke of each figure on a dial: pairs of x and y in a box that reaches from 0, 0 to 4, 8.
_STROKES = {
    "0": "20414728070120", "1": "022028", "2": "012041430848", "3": "01204224462807", "4": "38300545",
    "5": "40100333462807", "6": "30040628462405", "7": "004018", "8": "240220422406284624",
    "9": "18444220022443", "I": "2028", "V": "002840", "X": "0048244008",
}  # fmt: skip
_ROMAN = ("XII", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI")
_ARABIC = ("12", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11")


@creature("clock, clock face, watch", tilt_deg=25, crowd=3)
def clock(pen: Pen, rng: Generator) -> None:
    """A round clock: rim, pale dial, twelve marks, two hands; some an alarm clock, pocket or wrist watch."""
    rim = _metal(rng) if rng.uniform() < 0.65 else rich(rng)
    # Mirrored, it could not be read.
    pen = Pen(pen.canvas, replace(pen.pose, stretch_x=abs(pen.pose.stretch_x)))
    kind = int(rng.choice(4, p=[0.42, 0.26, 0.18, 0.14]))
    if kind > 0:
        size, y = ((0.84, 0.14), (0.8, 0.24), (0.72, 0.0))[kind - 1]
        pen = _at(pen, 0.0, y, size)
        (_bells, _crown, _strap)[kind - 1](pen, rng, rim)
    _face(pen, rng, rim)


def _face(pen: Pen, rng: Generator, rim: Colour) -> None:
    paper = vary(rng, (0.96, 0.94, 0.87), 0.04)
    if rng.uniform() < 0.25:
        paper = lighter(rich(rng), 0.7) if rng.uniform() < 0.5 else darker(rich(rng), 0.8)
    ink = (0.08, 0.07, 0.09) if sum(paper) > 1.5 else (0.97, 0.94, 0.85)
    pen.dot((0, 0), 1.03, darker(rim, 0.75))
    pen.shade(ellipse(0, 0, 1, 1), darker(rim, 0.3), lighter(rim, 0.25), (-0.3, -0.35), 3)
    pen.line(ellipse(0, 0, 0.94, 0.94, 0, 190, 280), lighter(rim, 0.75), 0.05)
    pen.dot((0, 0), 0.86, darker(rim, 0.7))
    pen.shade(ellipse(0.0, 0.0, 0.82, 0.82), darker(paper, 0.15), paper, (0.12, 0.15), 4)
    _marks(pen, rng, ink)
    _hands(pen, rng, ink, paper)


def _marks(pen: Pen, rng: Generator, ink: Colour) -> None:
    """Twelve figures, or figures at the quarters and bars between, or bars alone."""
    style = int(rng.choice(4, p=[0.4, 0.25, 0.2, 0.15]))
    words, tall = _ROMAN if style == 1 else _ARABIC, 0.24 if style == 2 else 0.19
    if style < 2 and rng.uniform() < 0.5:
        pen.line(ellipse(0, 0, 0.5, 0.5), mix(ink, (0.5, 0.5, 0.5), 0.5), 0.02)
    for hour in range(12):
        out = turned([(0.0, -1.0)], hour * 30)[0]
        major = hour % 3 == 0
        if style == 3 or (style == 2 and not major):
            pen.line([out * (0.58 if major else 0.66), out * 0.77], ink, 0.07 if major else 0.045)
        else:
            pen.line([out * 0.77, out * 0.81], ink, 0.03)
            _word(pen, words[hour], out * (0.73 - tall / 2), tall, ink)


def _word(pen: Pen, word: str, centre: Points, tall: float, ink: Colour) -> None:
    """A number in strokes, upright about a point; narrow figures stand closer."""
    wide = [0.22 if figure == "I" else 0.35 if figure == "1" else 0.56 for figure in word]
    x = -sum(wide) / 2
    for figure, width in zip(word, wide, strict=True):
        digits = np.array([int(digit) for digit in _STROKES[figure]]).reshape(-1, 2)
        stroke = (digits - (2, 4)) / (8, 8) * (0.8, 1.0) + (x + width / 2, 0)
        pen.line(stroke * tall + centre, ink, tall * 0.15)
        x += width


def _hands(pen: Pen, rng: Generator, ink: Colour, paper: Colour) -> None:
    """Hour and minute hand of one shape, perhaps a thin red one for the seconds, and the hub."""
    minute, hour = rng.uniform(0, 60), int(rng.integers(12))
    half = np.array([(-0.18, 0.5), (0.85, 0.5), (1.0, 0.0)])
    if rng.uniform() < 0.6:
        half = np.array([(-0.12, 0.4), (0.55, 0.35), (0.68, 1.3), (0.82, 0.5), (1.0, 0.0)])
    outline = np.concatenate([half, half[::-1] * (1, -1)])
    colour = rich(rng, (205, 235), (-8, 8)) if rng.uniform() < 0.2 else ink
    for length, width, turn in ((0.5, 0.075, hour * 30 + minute / 2), (0.74, 0.055, minute * 6)):
        hand = turned(outline * (length, width), turn - 90)
        pen.fill(moved(hand, 0.025, 0.035), darker(paper, 0.35))
        pen.fill(hand, colour)
    if rng.uniform() < 0.4:
        pen.line(turned([(-0.2, 0), (0.72, 0)], rng.uniform(0, 360)), (0.85, 0.1, 0.08), 0.025)
    pen.dot((0, 0), 0.085, darker(colour, 0.2))
    pen.dot((-0.01, -0.015), 0.04, (0.95, 0.8, 0.45))


def _bells(pen: Pen, rng: Generator, rim: Colour) -> None:
    """What makes an alarm clock: two bells, a hammer and a handle above, two feet below."""
    bell = rim if rng.uniform() < 0.6 else hsv(rng.uniform(38, 48), 0.7, 0.9)
    for side in (-1.0, 1.0):
        foot = np.array([(0.55, 0.75), (0.86, 1.06), (0.72, 1.12), (0.4, 0.85)]) * (side, 1)
        pen.fill(foot, darker(rim, 0.55))
        dome = ellipse(0, -0.04, 0.47, 0.45, side * 38, 172, 368)
        pen.fill(moved(dome * 1.08, side * 0.62, -0.88), darker(bell, 0.75))
        pen.shade(moved(dome, side * 0.62, -0.88), darker(bell, 0.35), lighter(bell, 0.55), (-0.2, -0.3), 5)
        pen.dot((side * 0.89, -1.24), 0.07, darker(bell, 0.5))
    pen.line([(0, -0.9), (0, -1.2)], darker(rim, 0.7), 0.07)
    pen.line([(-0.12, -1.2), (0.12, -1.2)], darker(rim, 0.6), 0.13)


def _crown(pen: Pen, rng: Generator, rim: Colour) -> None:
    """What makes a pocket watch: the ribbed winding crown in its ring."""
    ring = ellipse(0, -1.34, rng.uniform(0.2, 0.26), 0.22)
    pen.line(ring, darker(rim, 0.7), 0.13)
    pen.line(ring, lighter(rim, 0.2), 0.075)
    for x, tone in ((-0.1, 0.5), (-0.035, -0.4), (0.035, 0.1), (0.1, 0.6)):
        pen.line([(x, -0.95), (x, -1.2)], darker(rim, tone) if tone > 0 else lighter(rim, -tone), 0.07)


def _strap(pen: Pen, rng: Generator, rim: Colour) -> None:
    """What makes a wrist watch: a strap above and below, and the crown at the side."""
    brown = hsv(rng.uniform(10, 35), rng.uniform(0.3, 0.8), rng.uniform(0.15, 0.6))
    leather = brown if rng.uniform() < 0.6 else rich(rng)
    for side in (-1.0, 1.0):
        band = np.array([(-0.66, 0.6), (-0.5, 1.62), (0.5, 1.62), (0.66, 0.6)]) * (1, side)
        pen.fill(band * (1.06, 1.02), darker(leather, 0.75))
        pen.shade(band, darker(leather, 0.3), lighter(leather, 0.2), (-0.2, 0), 3)
        for x in (-1.0, 1.0):
            pen.line([(x * 0.52, side * 0.8), (x * 0.4, side * 1.56)], lighter(leather, 0.6), 0.025)
    pen.fill([(0.98, -0.12), (1.14, -0.12), (1.14, 0.12), (0.98, 0.12)], darker(rim, 0.3))

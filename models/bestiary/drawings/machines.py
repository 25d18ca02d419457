"""Machines: gears, clock."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from ..catalogue import creature
from ..colours import Colour, darker, hsv, lighter, mix, rich, vary
from ..pen import Pen
from ..shapes import Points, ellipse, moved, ribbon, turned


def _at(pen: Pen, x: float, y: float, scale: float) -> Pen:
    """A pen whose origin lies at a point of this one's drawing, and whose unit is scaled."""
    right, down = (pen.pose.matrix() @ (x, y)).tolist()
    pose = replace(pen.pose, x_px=pen.pose.x_px + right, y_px=pen.pose.y_px + down)
    return Pen(pen.canvas, replace(pose, unit_px=pose.unit_px * scale))


@dataclass(frozen=True)
class _Gear:
    """A toothed wheel, its own pitch radius being 1: teeth, the first one's turn, and the metal."""

    teeth: int
    turn_deg: float
    metal: Colour


@creature("gears, cogwheel, gear", tilt_deg=180, crowd=3)
def gears(pen: Pen, rng: Generator) -> None:
    """One to three meshing toothed wheels of brass and steel, with spokes or holes, hubs and bolts."""
    train, places = _train(rng, int(rng.choice([1, 2, 3], p=[0.4, 0.35, 0.25])))
    sizes = np.array([[gear.teeth + 2] for gear in train])
    low, high = (places - sizes).min(axis=0), (places + sizes).max(axis=0)
    scale = 2.15 / float((high - low).max())
    for gear, (x, y) in zip(train, (places - (low + high) / 2) * scale, strict=True):
        _wheel(_at(pen, float(x), float(y), gear.teeth * scale), rng, gear)


def _train(rng: Generator, count: int) -> tuple[list[_Gear], Points]:
    """Gears in mesh with the first one, and their centres; a wheel's pitch radius is its number of teeth."""
    first = _Gear(int(rng.integers(10, 18)), rng.uniform(0, 360), _metal(rng))
    train, places, heading = [first], [(0.0, 0.0)], rng.uniform(0, 360)
    for _ in range(count - 1):
        teeth = int(rng.integers(8, 13))
        apart = first.teeth + teeth
        places.append((apart * np.cos(np.deg2rad(heading)), apart * np.sin(np.deg2rad(heading))))
        passed = (heading - first.turn_deg) * first.teeth / 360  # teeth of the first up to the mesh
        train.append(_Gear(teeth, heading + 180 + (passed + 0.5) * 360 / teeth, _metal(rng)))
        heading += 120 + rng.uniform(-8, 8)
    return train, np.array(places)


def _metal(rng: Generator) -> Colour:
    """Brass, copper, steel, now and then paint."""
    metals = (
        hsv(rng.uniform(38, 48), rng.uniform(0.55, 0.8), rng.uniform(0.75, 0.95)),
        hsv(rng.uniform(14, 28), rng.uniform(0.5, 0.75), rng.uniform(0.6, 0.85)),
        hsv(rng.uniform(195, 235), rng.uniform(0.03, 0.2), rng.uniform(0.32, 0.85)),
        rich(rng),
    )
    return metals[rng.choice(4, p=[0.38, 0.17, 0.37, 0.08])]


def _wheel(pen: Pen, rng: Generator, gear: _Gear) -> None:
    """The gear from the front: a slab's dark flank, teeth, gleaming rim, web, hub."""
    root = 1.0 - 2.3 / gear.teeth  # the radius between two teeth
    bore = root * rng.uniform(0.66, 0.76)
    solid = rng.uniform() < 0.35
    outline, ink = _teeth(gear), darker(gear.metal, 0.8)
    hole = ellipse(0, 0, bore, bore, float(np.rad2deg(np.arctan2(outline[0, 1], outline[0, 0]))))
    body = outline if solid else np.concatenate([outline, outline[:1], hole[::-1]])
    pen.fill(moved(body, 0.05, 0.09), ink)
    pen.fill(body * 1.025, ink)
    pen.fill(body, darker(gear.metal, 0.15))
    _gleam(pen, gear, root * 0.97, 0.0 if solid else bore)
    for tooth in range(gear.teeth):
        turn = gear.turn_deg + tooth * 360 / gear.teeth
        land = [(0.97 + 2 / gear.teeth, -0.6 / gear.teeth), (0.97 + 2 / gear.teeth, 0.6 / gear.teeth)]
        bright = 0.5 + 0.5 * np.cos(np.deg2rad(turn + 120))
        pen.line(turned(land, turn), mix(gear.metal, lighter(gear.metal, 0.75), bright), 0.045)
    pen.line(ellipse(0, 0, root * 0.97, root * 0.97), darker(gear.metal, 0.55), 0.025)
    pen.line(hole, ink, 0.04)
    (_plate if solid else _spokes)(pen, rng, gear, bore)
    size = bore * rng.uniform(0.36, 0.46)
    pen.dot((0.02, 0.035), size * 1.1, ink)
    pen.shade(ellipse(0, 0, size, size), darker(gear.metal, 0.35), lighter(gear.metal, 0.6), (-0.3, -0.35), 5)
    pen.dot((0, 0), size * 0.5, darker(gear.metal, 0.9))


def _teeth(gear: _Gear) -> Points:
    """The outline of all teeth, each a trapezium with a flat land."""
    shares = np.array([-0.36, -0.27, -0.15, 0.15, 0.27, 0.36])
    root, tip = 1.0 - 2.3 / gear.teeth, 1.0 + 2.0 / gear.teeth
    radii = np.array([root, 1.0, tip, tip, 1.0, root])
    angles = np.deg2rad(gear.turn_deg + (np.arange(gear.teeth)[:, None] + shares) * 360 / gear.teeth).ravel()
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.asarray(np.tile(radii, gear.teeth)[:, None] * rays, dtype=np.float64)


def _gleam(pen: Pen, gear: _Gear, outer: float, inner: float) -> None:
    """Brushed metal: two bright and two dark wedges about the centre, as turned faces show."""
    for first, second in pairwise(np.linspace(0, 360, 25)):
        bright = 0.5 + 0.5 * np.cos(np.deg2rad(2 * (first - 50)))
        wedge = [turned([(inner, 0), (outer, 0)], first), turned([(outer, 0), (inner, 0)], second)]
        pen.fill(np.concatenate(wedge), mix(darker(gear.metal, 0.45), lighter(gear.metal, 0.55), bright**1.5))


def _plate(pen: Pen, rng: Generator, gear: _Gear, bore: float) -> None:
    """A solid web, sunk below the rim, with round holes."""
    pen.shade(ellipse(0, 0, bore, bore), darker(gear.metal, 0.65), darker(gear.metal, 0.1), (0.25, 0.3), 5)
    count, size = int(rng.integers(3, 7)), bore * rng.uniform(0.15, 0.2)
    for hole in range(count):
        x, y = turned([(bore * 0.7, 0)], hole * 360 / count + gear.turn_deg)[0]
        pen.dot((x + size * 0.1, y + size * 0.12), size * 1.12, lighter(gear.metal, 0.4))
        pen.dot((x, y), size, darker(gear.metal, 0.85))


def _spokes(pen: Pen, rng: Generator, gear: _Gear, bore: float) -> None:
    """Straight or curved arms from the hub to the rim."""
    count, width = int(rng.integers(3, 7)), bore * rng.uniform(0.18, 0.28)
    along, bend = np.linspace(0, 1.04, 7) * bore, rng.uniform(0.15, 0.35) if rng.uniform() < 0.3 else 0.0
    course = np.stack([along, bend * bore * np.sin(along / bore * np.pi)], axis=1)
    taper = np.linspace(1.35, 0.85, 7) * width
    for arm in range(count):
        path = turned(course, gear.turn_deg + arm * 360 / count)
        pen.fill(ribbon(moved(path, 0.02, 0.035), taper * 1.2), darker(gear.metal, 0.8))
        pen.fill(ribbon(path, taper), darker(gear.metal, 0.15))
        pen.fill(ribbon(moved(path, -0.15 * width, -0.15 * width), taper * 0.4), lighter(gear.metal, 0.5))


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

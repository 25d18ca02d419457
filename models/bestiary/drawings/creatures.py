"""Land creatures and their parts: eye, owl, butterfly, ladybird, snail, peacock feather."""

import numpy as np
from numpy.random import Generator

from ..catalogue import creature
from ..colours import BLACK, WHITE, Colour, any_colour, darker, hsv, lighter, mix, rich, vary
from ..pen import Pen
from ..shapes import Points, coil, ellipse, mirrored, moved, ribbon, spline, turned


@creature("eye, eyeball", tilt_deg=30, crowd=3)
def eye(pen: Pen, rng: Generator) -> None:
    """An open eye: lids, white, fibred iris, pupil, highlight, lashes."""
    skin = hsv(rng.uniform(5, 40), rng.uniform(0.2, 0.65), rng.uniform(0.35, 0.95))
    if rng.uniform() < 0.3:
        skin = any_colour(rng)
    open_up, open_down = rng.uniform(0.42, 0.68), rng.uniform(0.32, 0.55)
    if rng.uniform() < 0.75:
        pen.shade(
            ellipse(0, -0.05, 1.12, rng.uniform(0.8, 0.95)), darker(skin, 0.35), lighter(skin, 0.15), (0, 0)
        )
    almond = spline(
        [(-1, 0.1), (-0.55, -open_up * 0.75), (0, -open_up), (0.55, -open_up * 0.7),
         (1, 0), (0.5, open_down * 0.8), (0, open_down), (-0.5, open_down * 0.85)]
    )  # fmt: skip
    pen.fill(almond * (1.06, 1.14), darker(skin, 0.6))
    pen.shade(almond, hsv(rng.uniform(0, 40), 0.25, 0.75), vary(rng, (0.96, 0.95, 0.94), 0.04), (0, 0))
    _iris(pen, rng, rng.uniform(-0.16, 0.16), rng.uniform(-0.06, 0.02), rng.uniform(0.38, 0.5))
    lid = ellipse(0, 0.02, 1.0, open_up, start_deg=185, end_deg=355)
    pen.line(lid, darker(skin, 0.8), 0.07)
    if rng.uniform() < 0.6:
        for turn in np.linspace(200, 340, 13) + rng.uniform(-4, 4):
            root = ellipse(0, 0.02, 1.0, open_up, start_deg=turn, end_deg=turn)[0]
            pen.line([root, root * (1.18, 1.45) + (0, -0.04)], darker(skin, 0.85), 0.035)


def _iris(pen: Pen, rng: Generator, x: float, y: float, radius: float) -> None:
    colour = rich(rng, (15, 50), (70, 160), (180, 230))
    pen.shade(ellipse(x, y, radius, radius), darker(colour, 0.75), lighter(colour, 0.1), (0, 0.1))
    for turn in np.linspace(0, 2 * np.pi, 28, endpoint=False):
        out = np.array([np.cos(turn), np.sin(turn)])
        shade = mix(darker(colour, 0.5), lighter(colour, 0.45), rng.uniform())
        pen.line([(x, y) + out * radius * 0.4, (x, y) + out * radius * 0.86], shade, 0.025)
    slit = rng.uniform() < 0.2
    pen.fill(
        ellipse(x, y, radius * (0.16 if slit else rng.uniform(0.38, 0.5)), radius * (0.8 if slit else 0.45)),
        BLACK,
    )
    pen.dot((x - radius * 0.32, y - radius * 0.38), radius * rng.uniform(0.14, 0.24), WHITE)


@creature("owl, owl face", tilt_deg=22, crowd=2)
def owl(pen: Pen, rng: Generator) -> None:
    """An owl's head from the front: two discs, two great eyes, brow, ear tufts, beak, streaked feathers."""
    plumage = hsv(rng.uniform(18, 42), rng.uniform(0.15, 0.6), rng.uniform(0.35, 0.8))
    if rng.uniform() < 0.2:
        plumage = vary(rng, (0.88, 0.87, 0.85), 0.08)
    dark, pale = darker(plumage, 0.55), lighter(plumage, 0.55)
    for side in (-1.0, 1.0):
        pen.fill(np.array([(0.25, -0.75), (0.92, -1.08), (0.9, -0.4)]) * (side, 1), dark)
    pen.shade(ellipse(0, 0.05, 1.0, 0.95), dark, plumage, (0, 0))
    for _ in range(46):
        spot = turned([(rng.uniform(0.5, 0.97), 0)], rng.uniform(0, 360))[0]
        pen.line([spot, moved(spot, 0, 0.09)], mix(dark, pale, rng.uniform()), 0.05)
    eye_colour = rich(rng, (22, 56))
    for side in (-1.0, 1.0):
        disc = ellipse(side * 0.41, -0.02, 0.46, 0.52)
        pen.shade(disc, mix(plumage, dark, 0.5), pale, (0, 0))
        for turn in range(0, 360, 15):
            ray = moved(turned([(0.3, 0), (0.45, 0)], turn + rng.uniform(-4, 4)), side * 0.41, -0.02)
            pen.line(ray, mix(plumage, dark, rng.uniform(0.2, 0.9)), 0.03)
        _owl_eye(pen, rng, side * 0.41, eye_colour, dark)
    for side in (-1.0, 1.0):
        brow = spline(
            np.array([(0.02, 0.05), (0.3, -0.42), (0.92, -0.72), (0.42, -0.62), (0, -0.35)]) * (side, 1)
        )
        pen.fill(brow, mix(pale, dark, rng.uniform(0.0, 0.5)))
    beak = hsv(rng.uniform(35, 50), rng.uniform(0.2, 0.8), rng.uniform(0.25, 0.85))
    pen.shade(
        spline([(0, 0.58), (-0.16, 0.18), (0, 0.08), (0.16, 0.18)]), darker(beak, 0.4), beak, (-0.2, -0.3), 4
    )


def _owl_eye(pen: Pen, rng: Generator, x: float, colour: Colour, rim: Colour) -> None:
    pen.dot((x, -0.02), 0.31, darker(rim, 0.6))
    pen.shade(ellipse(x, -0.02, 0.27, 0.27), darker(colour, 0.3), lighter(colour, 0.15), (0, 0.2), 5)
    pen.dot((x, -0.02), rng.uniform(0.13, 0.17), BLACK)
    pen.dot((x - 0.07, -0.1), 0.055, WHITE)


@creature("butterfly", tilt_deg=180, crowd=3)
def butterfly(pen: Pen, rng: Generator) -> None:
    """A butterfly from above: two pairs of bordered, veined wings, stout body, feelers."""
    wing = rich(rng)
    other = rich(rng) if rng.uniform() < 0.2 else mix(wing, WHITE if rng.uniform() < 0.5 else rich(rng), 0.3)
    border = darker(vary(rng, wing, 0.2), rng.uniform(0.75, 0.95))
    fold = rng.uniform(0.82, 1.05)
    upper = [(0.05, -0.2), (0.26, -0.6), (0.78, -1.02), (1.12, -0.94), (1.0, -0.4), (0.7, 0.0), (0.3, 0.08)]
    lower = [(0.05, -0.02), (0.5, 0.02), (0.86, 0.24), (0.86, 0.6), (0.58, 0.86), (0.34, 0.78), (0.13, 0.4)]
    if rng.uniform() < 0.35:
        tail = spline([(0.45, 0.7), (0.72, 0.7), (0.68, 0.95), (0.7, 1.16), (0.58, 1.16), (0.56, 0.95)])
        for place in (np.asarray, mirrored):
            pen.fill(place(tail * (fold, 1)), border)
    band = lighter(rich(rng), 0.4) if rng.uniform() < 0.35 else None
    chips = rng.uniform() < 0.35
    for outline, root, hue in ((lower, (0.05, 0.1), other), (upper, (0.05, -0.12), wing)):
        shape = spline(np.asarray(outline) * (fold, 1) + rng.uniform(-0.03, 0.03, (7, 2)))
        _wings(pen, shape, np.asarray(root), hue, border, band if outline is upper else None, chips)
    _butterfly_body(pen, border)


def _wings(
    pen: Pen, shape: Points, root: Points, hue: Colour, border: Colour, band: Colour | None, chips: bool
) -> None:
    """Both wings of a pair, maybe with a cross band, maybe with pale dashes in the border."""
    inner, rim = root + (shape - root) * 0.84, shape[8:33]
    for place in (np.asarray, mirrored):
        pen.fill(place(shape), border)
        pen.shade(place(inner), darker(hue, 0.3), lighter(hue, 0.3), (0, 0), 5)
        if band is not None:
            stripe = [root + (rim - root) * 0.74, (root + (rim - root) * 0.58)[::-1]]
            pen.fill(place(np.concatenate(stripe)), band)
        for tip in root + (shape[6:38:5] - root) * 0.92:
            pen.line(place(np.stack([root, tip])), border, 0.025)
        if chips:
            for tip in rim[2::4] - root:
                pen.line(place(np.stack([root + tip * 0.9, root + tip * 0.95])), lighter(hue, 0.8), 0.04)


def _butterfly_body(pen: Pen, border: Colour) -> None:
    """Head with feelers, furred thorax, ringed abdomen."""
    for side in (-1.0, 1.0):
        feeler = spline(np.array([(0.02, -0.48), (0.1, -0.74), (0.3, -0.96)]) * (side, 1), closed=False)
        pen.line(feeler, border, 0.03)
        pen.dot(feeler[-1], 0.05, border)
    abdomen = spline([(0, -0.1), (0.11, 0.1), (0.09, 0.45), (0, 0.74), (-0.09, 0.45), (-0.11, 0.1)])
    for part in (abdomen, ellipse(0, -0.18, 0.14, 0.24), ellipse(0, -0.46, 0.11, 0.1)):
        pen.shade(part, darker(border, 0.6), lighter(border, 0.35), (-0.1, -0.2), 4)
    for y in (0.14, 0.27, 0.4, 0.53):
        pen.line([(-0.07, y), (0.07, y)], darker(border, 0.7), 0.03)


@creature("ladybird, ladybug, lady beetle", tilt_deg=180, crowd=4)
def ladybird(pen: Pen, rng: Generator) -> None:
    """A ladybird from above: red domed wing cases with black spots, black head, six legs."""
    red = rich(rng, (-8, 22))
    ink = vary(rng, (0.06, 0.05, 0.05), 0.05)
    for side in (-1.0, 1.0):
        for y, reach in ((-0.35, -0.25), (0.05, 0.08), (0.45, 0.35)):
            leg = np.array([(0.6, y), (0.95, y + reach * 0.4), (1.1, y + reach)]) * (side, 1)
            pen.line(leg, ink, 0.07)
        pen.line(spline(np.array([(0.15, -0.85), (0.3, -1.05), (0.45, -1.1)]) * (side, 1), False), ink, 0.04)
    pen.shade(ellipse(0, -0.72, 0.42, 0.34), ink, lighter(ink, 0.25), (0, -0.3), 4)
    for side in (-1.0, 1.0):
        pen.dot((side * 0.27, -0.77), 0.1, lighter(ink, 0.9))
    shell = ellipse(0, 0.1, 0.82, 0.86)
    pen.shade(shell, darker(red, 0.55), lighter(red, 0.05), (-0.15, -0.2), 8)
    pen.line([(0, -0.75), (0, 0.95)], ink, 0.05)
    pen.fill(spline([(0, -0.35), (-0.2, -0.72), (0, -0.78), (0.2, -0.72)]), ink)
    places = [(0.4, -0.35), (0.3, 0.15), (0.58, 0.1), (0.36, 0.58)]
    keep = int(rng.integers(2, 5))
    size = rng.uniform(0.11, 0.19)
    for x, y in rng.permutation(places)[:keep]:
        for side in (-1.0, 1.0):
            pen.fill(ellipse(side * x, y, size, size * 1.1), ink)
    pen.fill(ellipse(-0.3, -0.3, 0.16, 0.09, -30), lighter(red, 0.85), rng.uniform(0.3, 0.8))


@creature("snail, snail shell", tilt_deg=28, crowd=2)
def snail(pen: Pen, rng: Generator) -> None:
    """A snail from the side: coiled shell on a soft foot, with eyes on stalks."""
    flesh = hsv(rng.uniform(20, 60), rng.uniform(0.15, 0.55), rng.uniform(0.45, 0.9))
    foot = spline(
        [(-1.15, 0.85), (-0.5, 0.62), (0.3, 0.55), (0.62, 0.1), (0.86, -0.12),
         (1.06, 0.05), (0.98, 0.5), (0.75, 0.86), (-0.2, 0.92)]
    )  # fmt: skip
    pen.shade(foot, darker(flesh, 0.45), lighter(flesh, 0.2), (0.2, -0.3), 5)
    for x in (0.84, 1.02):
        tip = (x + 0.16 + rng.uniform(-0.05, 0.08), -0.52 + rng.uniform(-0.1, 0.1))
        pen.line([(x, 0.0), tip], darker(flesh, 0.15), 0.07)
        pen.dot(tip, 0.075, darker(flesh, 0.85))
    shell = hsv(rng.uniform(10, 50), rng.uniform(0.35, 0.85), rng.uniform(0.5, 0.95))
    if rng.uniform() < 0.25:
        shell = rich(rng)
    pen.shade(ellipse(-0.2, 0.0, 0.84, 0.8), darker(shell, 0.5), lighter(shell, 0.1), (0.1, -0.3), 6)
    whorl = moved(coil(rng.uniform(2.2, 3.0), 0.04, 0.78, 1.4, rng.uniform(0, 360)), -0.2, 0.0)
    widths = np.linspace(0.04, rng.uniform(0.1, 0.16), len(whorl))
    pen.fill(ribbon(whorl, widths * 2.2), lighter(shell, 0.45), 0.75)
    pen.fill(ribbon(whorl, widths), darker(shell, 0.75))


@creature("peacock feather, peacock", tilt_deg=180, crowd=4)
def peacock_feather(pen: Pen, rng: Generator) -> None:
    """The eye of a peacock's feather: barbs about a shaft, bronze, turquoise and a dark blue heart."""
    green = hsv(rng.uniform(85, 165), rng.uniform(0.6, 1), rng.uniform(0.35, 0.8))
    bronze = hsv(rng.uniform(24, 48), rng.uniform(0.6, 0.95), rng.uniform(0.5, 0.9))
    blue = hsv(rng.uniform(172, 205), rng.uniform(0.75, 1), rng.uniform(0.65, 1))
    heart = hsv(rng.uniform(225, 265), rng.uniform(0.7, 1), rng.uniform(0.15, 0.5))
    width = rng.uniform(0.48, 0.62)
    for y in np.linspace(1.15, -0.75, 30):
        reach = rng.uniform(0.85, 1.0) * min(1.0, 0.62 + 0.3 * (1.15 - y))
        for side in (-1.0, 1.0):
            tip = (side * reach * (0.9 if y > -0.4 else 0.9 + y + 0.4), y - rng.uniform(0.3, 0.5))
            barb = spline([(0, y), (side * reach * 0.5, y - 0.1), tip], closed=False, steps=4)
            pen.line(barb, vary(rng, mix(green, bronze, rng.uniform(0, 0.5)), 0.1), 0.03)
    pen.line([(0, 1.15), (0, 0.2)], lighter(bronze, 0.5), 0.05)
    drop = spline([(0, 0.55), (-0.75, 0.1), (-0.7, -0.55), (0, -0.95), (0.7, -0.55), (0.75, 0.1)])
    drop = drop * (width / 0.75, 0.9)
    centre = np.array([0.0, -0.2])
    rings = (
        (1.0, green),
        (0.85, lighter(green, 0.3)),
        (0.76, bronze),
        (0.6, darker(bronze, 0.15)),
        (0.52, blue),
    )
    for scale, colour in rings:
        pen.fill(centre + (drop - centre) * scale, colour)
    core = spline(
        [
            (0, 0.22),
            (-0.3, 0.05),
            (-0.3, -0.25),
            (-0.08, -0.3),
            (0, -0.18),
            (0.08, -0.3),
            (0.3, -0.25),
            (0.3, 0.05),
        ]
    )
    pen.shade(core * (width / 0.75, 0.9) + (0, -0.12), heart, lighter(heart, 0.15), (0, 0), 3)

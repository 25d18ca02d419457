"""Life of the reef: octopus, nudibranch, coral."""

import numpy as np
from numpy.random import Generator

from ..catalogue import creature
from ..colours import BLACK, WHITE, Colour, darker, hsv, lighter, mix, rich, vary
from ..pen import Pen
from ..shapes import Points, ellipse, mirrored, moved, petal, ribbon, spline, turned

_DISC = ellipse(0, 0, 1, 1)[::3]


@creature("octopus, tentacles", tilt_deg=40, crowd=3)
def octopus(pen: Pen, rng: Generator) -> None:
    """An octopus: bulbous head with slit-pupilled eyes above eight curling arms with rows of suckers."""
    skin = rich(rng, (-20, 30), (-20, 30), (270, 340), (165, 200))
    sucker = lighter(mix(skin, (1.0, 0.85, 0.75), 0.4), 0.5)
    for index in rng.permutation(8):
        heading = -20 + 31.4 * index
        outwards = 1.0 if index >= 4 else -1.0
        curl = outwards * rng.uniform(190, 350) * (-1 if index in (2, 3, 4, 5) and rng.uniform() < 0.3 else 1)
        root = (0.32 * np.cos(np.deg2rad(heading)), 0.1 + 0.12 * np.sin(np.deg2rad(heading)))
        path = _curling(root, heading + rng.uniform(-8, 8), curl, rng.uniform(1.15, 1.5))
        _arm(pen, path, rng.uniform(0.19, 0.23), float(np.sign(curl)), vary(rng, skin, 0.05), sucker)
    lean = rng.uniform(-0.14, 0.14)
    half = [(0.0, -1.02), (0.3, -0.96), (0.47, -0.7), (0.42, -0.4), (0.28, -0.15), (0.36, 0.1), (0.2, 0.26)]
    head = spline(np.concatenate([np.array(half), mirrored(half)[:0:-1]]))
    head[:, 0] -= lean * head[:, 1]
    pen.fill((head - (0, -0.4)) * 1.05 + (0, -0.4), darker(skin, 0.65))
    pen.shade(head, darker(skin, 0.4), lighter(skin, 0.25), (-0.2, -0.4), 8)
    for _ in range(int(rng.integers(5, 10))):
        spot = turned([(rng.uniform(0.05, 0.32), 0)], rng.uniform(0, 360))[0] + (lean * 0.6, -0.65)
        pen.fill(spot + _DISC * rng.uniform(0.02, 0.06), mix(skin, sucker, rng.uniform(0.1, 0.5)))
    pen.fill(ellipse(-0.18 + lean * 0.8, -0.8, 0.07, 0.13, 35), lighter(skin, 0.75))
    for side in (-1.0, 1.0):
        _octopus_eye(pen, side * 0.23, skin)


def _curling(root: tuple[float, float], heading_deg: float, curl_deg: float, length: float) -> Points:
    """A path from ``root`` that starts straight and winds up towards its tip."""
    share = np.linspace(0, 1, 24)
    turn = np.deg2rad(heading_deg + curl_deg * share**1.8)
    pace = np.stack([np.cos(turn), np.sin(turn)], axis=1) * (length / 24) * (1.25 - 0.6 * share[:, None])
    return np.asarray(root + np.cumsum(pace, axis=0), dtype=np.float64)


def _arm(pen: Pen, path: Points, width: float, inside: float, skin: Colour, sucker: Colour) -> None:
    """A tapering arm, lit along its back, with suckers along the inside of its curl (1: right, -1: left)."""
    tangent = np.gradient(path, axis=0)
    across = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) * inside
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    half = width / 2 * (1 - 0.8 * np.linspace(0, 1, len(path))[:, None] ** 0.9)
    for inner, outer, colour in (
        (half + 0.022, half + 0.022, darker(skin, 0.7)),
        (half, half, darker(skin, 0.25)),
        (half * -0.1, half * 0.75, lighter(skin, 0.12)),
    ):
        pen.fill(np.concatenate([path + across * inner, (path - across * outer)[::-1]]), colour)
    for place in range(4, 23, 2):
        size = half[place, 0]
        centre = path[place] + across[place] * size * 0.5
        pen.fill(centre + _DISC * size * 0.55, sucker)
        if place < 11:
            pen.fill(centre + _DISC * size * 0.2, darker(skin, 0.35))


def _octopus_eye(pen: Pen, x: float, skin: Colour) -> None:
    pen.shade(ellipse(x, -0.1, 0.17, 0.16), darker(skin, 0.45), lighter(skin, 0.2), (0, -0.3), 4)
    pen.dot((x, -0.1), 0.115, hsv(46, 0.55, 1.0))
    pen.fill(ellipse(x, -0.09, 0.1, 0.045), BLACK)
    pen.dot((x - 0.04, -0.14), 0.025, WHITE)


@creature("nudibranch, sea slug", tilt_deg=180, crowd=3)
def nudibranch(pen: Pen, rng: Generator) -> None:
    """A sea slug from above: frilled mantle with a bright rim, vivid stripes, two horns, a plume of gills."""
    body, stripe, rim, plume = _slug_colours(rng)
    share = np.linspace(0, 1, 72)
    bend, sway = rng.uniform(-0.26, 0.26, 2)
    arch = bend * (4 * (share - 0.5) ** 2 - 0.5) + sway * 0.5 * np.sin(share * 6.3)
    path = np.stack([1.9 * share - 0.95, arch], axis=1)
    width = rng.uniform(0.85, 1.05) * (1 - (2 * share - 1) ** 2) ** 0.45 * (1.1 - 0.2 * share)
    tail = path[-24:] + np.array([[0.3, 0.0]])
    pen.fill(ribbon(tail, np.linspace(0.5, 0.02, 24)), darker(body, 0.55))
    pen.fill(ribbon(tail, np.linspace(0.41, 0.0, 24)), lighter(body, 0.1))
    waves = share * np.pi * rng.integers(8, 12) + rng.uniform(0, 3.1)
    ruffle = rng.uniform(0.12, 0.19) * (np.abs(np.sin(waves)) - 0.5) * np.minimum(width / 0.6, 1)
    for grow, colour in ((0.2, darker(rim, 0.6)), (0.13, rim), (-0.03, lighter(rim, 0.65))):
        pen.fill(_mantle(path, width + grow, ruffle), colour)
    edges = _mantle(path, width + 0.04, ruffle)
    for dip in np.nonzero(np.diff(np.sign(np.sin(waves))))[0]:
        for edge in edges[[dip, -1 - dip]]:
            pen.line([edge, edge + (path[dip] - edge) * 0.22], darker(rim, 0.4), 0.025)
    for step, inner in enumerate(np.linspace(1, 0.35, 6)):
        core = mix(darker(body, 0.35), lighter(body, 0.2), step / 5)
        pen.fill(_mantle(path, (width - 0.14) * inner, ruffle * 0.4), core)
    _slug_stripes(pen, rng, path, width - 0.14, stripe)
    _slug_gills(pen, rng, path[54], plume)
    for side in (-1.0, 1.0):
        _slug_horn(pen, rng, path[10] + np.array([0, side * 0.15]), side, plume)


def _mantle(path: Points, width: Points, ruffle: Points) -> Points:
    """The mantle's outline about a body, its edge waving in and out by ``ruffle``."""
    return ribbon(path, np.maximum(width + ruffle * 2, 0.0))


def _slug_colours(rng: Generator) -> tuple[Colour, Colour, Colour, Colour]:
    """Colours of body, stripes, rim and plume: each far from its neighbour."""
    orange, yellow = rich(rng, (18, 34)), rich(rng, (46, 58))
    blue, violet, magenta = rich(rng, (205, 235)), rich(rng, (265, 295)), rich(rng, (305, 335))
    ink, milk = vary(rng, (0.08, 0.06, 0.14), 0.05), vary(rng, (0.95, 0.94, 0.92), 0.04)
    choices = [
        (blue, ink, yellow, orange),
        (blue, yellow, orange, orange),
        (violet, milk, orange, yellow),
        (magenta, milk, yellow, violet),
        (milk, magenta, violet, orange),
        (milk, blue, yellow, magenta),
        (orange, violet, milk, violet),
        (ink, hsv(rng.uniform(170, 200), 0.8, 1.0), orange, magenta),
    ]
    return choices[rng.integers(len(choices))]


def _slug_stripes(pen: Pen, rng: Generator, path: Points, width: Points, stripe: Colour) -> None:
    """Stripes from head to tail, following the mantle's sides."""
    normal = np.stack([-np.gradient(path[:, 1]), np.gradient(path[:, 0])], axis=1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    lanes = [(-0.2, 0.2), (-0.26, 0.0, 0.26), (-0.32, -0.11, 0.11, 0.32)][rng.integers(3)]
    for lane in lanes:
        line = path + normal * (width * lane)[:, None]
        swell = 1 + 0.35 * np.sin(np.linspace(0, rng.uniform(15, 30), len(path)))
        thick = width * swell * rng.uniform(0.22, 0.32) / len(lanes)
        pen.fill(ribbon(line[5:67], thick[5:67]), stripe)


def _slug_gills(pen: Pen, rng: Generator, place: Points, plume: Colour) -> None:
    """A tuft of feathers that fans out over the tail."""
    spread, count = rng.uniform(75, 120), int(rng.integers(3, 5))
    turns = np.linspace(spread, 20, count)
    for turn in [*np.stack([turns, -turns], axis=1).ravel(), 0.0]:
        reach = rng.uniform(0.34, 0.46)
        feather = petal(turn + rng.uniform(-5, 5), 0.0, reach, 0.17, 0.6)
        pen.fill(moved(feather * 1.15, *place), darker(plume, 0.7))
        pen.fill(moved(feather, *place), vary(rng, plume, 0.06))
        barbs = [(0.04, 0), (0.45, 0), (0.3, 0.15), (0.45, 0), (0.3, -0.15), (0.45, 0), (0.85, 0)]
        rib = np.asarray(barbs) * reach
        pen.line(moved(turned(rib, turn), *place), lighter(plume, 0.6), 0.022)
    pen.dot(place, 0.07, darker(plume, 0.5))


def _slug_horn(pen: Pen, rng: Generator, root: Points, side: float, plume: Colour) -> None:
    """One of the two ringed feelers of the head."""
    turn = 180 - side * rng.uniform(10, 35)
    horn = ribbon(
        np.array([0, 0.12, 0.24, 0.33, 0.38, 0.41])[:, None] * (1, 0), [0.07, 0.08, 0.13, 0.11, 0.07, 0.01]
    )
    pen.dot(root, 0.075, darker(plume, 0.6))
    pen.fill(moved(turned(horn * (1.07, 1.5), turn), *root), darker(plume, 0.7))
    pen.fill(moved(turned(horn, turn), *root), plume)
    for place in (0.18, 0.25, 0.32):
        ring = turned([(place, -0.05), (place, 0.05)], turn)
        pen.line(moved(ring, *root), lighter(plume, 0.65), 0.025)


@creature("coral, brain coral, coral reef", tilt_deg=35, crowd=3)
def coral(pen: Pen, rng: Generator) -> None:
    """A branching coral: many knobbly branches with pale tips from one root, on a grooved mound."""
    tissue = rich(rng, (-30, 28), (-30, 28), (270, 330), (270, 330))
    tip = lighter(vary(rng, tissue, 0.15), rng.uniform(0.55, 0.8))
    spread = rng.uniform(0.85, 1.1)
    _tree(pen, rng, (2, 2), spread, darker(tissue, 0.45), darker(tip, 0.35))
    _tree(pen, rng, (3, 3), spread, tissue, tip)
    _mound(pen, rng)


def _tree(
    pen: Pen, rng: Generator, growth: tuple[int, int], spread: float, tissue: Colour, tip: Colour
) -> None:
    """Branches of one layer (so many stems, forking so often), drawn edges first so that forks join."""
    forks = _forks(rng, *growth, spread)
    for path, width, _ in forks:
        pen.line(path, darker(tissue, 0.65), width + 0.05)
    for path, width, _ in forks:
        pen.line(path, tissue, width)
    bump, bud, light = mix(tissue, tip, 0.65), mix(tissue, tip, 0.45), lighter(tissue, 0.3)
    for path, width, last in forks:
        pen.line(path - width * np.array([0.2, 0.1]), light, width * 0.3)
        side = path[0] if rng.uniform() < 0.5 else path[-1]
        knob = (side + path[len(path) // 2]) / 2 + rng.uniform(-0.5, 0.5, 2) * width
        pen.fill(knob + _DISC * 0.04, bump)
        for end in path[:: len(path) - 1] if last else ():
            pen.fill(end + _DISC * width * 0.75, bud)
            pen.fill(end + _DISC * width * 0.48, tip)


def _forks(rng: Generator, stems: int, levels: int, spread: float) -> list[tuple[Points, float, bool]]:
    """Every fork as its path (tip, crotch, tip), width, and whether it is the last; the stems first."""
    forks: list[tuple[Points, float, bool]] = []
    growing: list[tuple[Points, float, int]] = []
    for way in np.linspace(-1, 1, stems):
        root = np.array([0.1 * way, 0.9])
        end = _grown(root, -90.0 + way * 38 * spread, rng.uniform(0.46, 0.62))
        forks.append((np.stack([root, end]), 0.19, False))
        growing.append((end, -90.0 + way * 38 * spread, 1))
    while growing:
        start, heading, level = growing.pop(0)
        ends = []
        for way in (-1.0, 1.0):
            lean = heading * 0.94 - 5 + way * rng.uniform(18, 36) * spread
            ends.append(_grown(start, lean, (0.0, 0.5, 0.42, 0.3)[level] * rng.uniform(0.75, 1.15)))
            if level < levels:
                growing.append((ends[-1], lean, level + 1))
        path = spline([ends[0], start, ends[1]], closed=False, steps=2)
        forks.append((path, (0.0, 0.15, 0.115, 0.09)[level], level == levels))
    squeeze = min(1.0, 1.12 / max(float(np.abs(path[:, 0]).max()) for path, _, _ in forks))
    return [(path * np.array([squeeze, 1.0]), width, last) for path, width, last in forks]


def _grown(start: Points, heading_deg: float, length: float) -> Points:
    turn = np.deg2rad(heading_deg)
    return np.asarray(start + length * np.array([np.cos(turn), np.sin(turn)]), dtype=np.float64)


def _mound(pen: Pen, rng: Generator) -> None:
    """The rock the coral stands on: a dome with winding grooves, like a brain coral."""
    rock = hsv(rng.uniform(20, 200), rng.uniform(0.15, 0.5), rng.uniform(0.4, 0.75))
    dome = np.concatenate([ellipse(0, 1.08, rng.uniform(0.5, 0.75), 0.32, 0, 180, 360)])
    pen.fill((dome - (0, 1.08)) * 1.07 + (0, 1.08), darker(rock, 0.6))
    pen.shade(dome, darker(rock, 0.35), lighter(rock, 0.3), (-0.2, -0.2), 5)
    for row, y in enumerate((0.87, 0.95, 1.03)):
        half = 0.28 + 0.1 * row
        x = np.linspace(-half, half, 16)
        groove = np.stack([x, y + 0.025 * np.sin(x * 28 + row * 2 + rng.uniform(0, 2))], axis=1)
        pen.line(groove, darker(rock, 0.5), 0.03)

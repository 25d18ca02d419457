"""Outlines in a drawing's own coordinates: x to the right, y down, the subject within about -1..1.

Every function returns an (n, 2) float array of points, which the pen fills or strokes.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]


def ellipse(
    cx: float,
    cy: float,
    rx: float,
    ry: float,
    angle_deg: float = 0.0,
    start_deg: float = 0.0,
    end_deg: float = 360.0,
) -> Points:
    """Points along an ellipse, or along its part from ``start_deg`` to ``end_deg`` (0 is +x, 90 is down)."""
    turn = np.deg2rad(np.linspace(start_deg, end_deg, 33))
    return moved(turned(np.stack([rx * np.cos(turn), ry * np.sin(turn)], axis=1), angle_deg), cx, cy)


def moved(points: ArrayLike, x: float, y: float) -> Points:
    """Points shifted by x and y."""
    shifted: Points = np.asarray(points, dtype=np.float64) + np.array([x, y])
    return shifted


def turned(points: ArrayLike, angle_deg: float) -> Points:
    """Points turned about the origin, clockwise on the picture for positive angles."""
    cos, sin = np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))
    result: Points = np.asarray(points, dtype=np.float64) @ np.array([[cos, sin], [-sin, cos]])
    return result


def mirrored(points: ArrayLike) -> Points:
    """Points reflected from left to right."""
    return np.asarray(points, dtype=np.float64) * (-1.0, 1.0)


def spline(points: ArrayLike, closed: bool = True, steps: int = 6) -> Points:
    """Smooth Catmull-Rom curve through the points, ``steps`` pieces between neighbours."""
    knots = np.asarray(points, dtype=np.float64)
    if closed:
        before, after, after_next = np.roll(knots, 1, 0), np.roll(knots, -1, 0), np.roll(knots, -2, 0)
        here = knots
    else:
        padded = np.concatenate([knots[:1], knots, knots[-1:]])
        before, here, after, after_next = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[None, :, None]
    p0, p1, p2, p3 = (part[:, None, :] for part in (before, here, after, after_next))
    curve = p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)))
    curve = curve.reshape(-1, 2)
    return curve if closed else np.concatenate([curve, knots[-1:]])


def symmetric(half: ArrayLike, y: float = 0.0) -> Points:
    """Smooth outline from its right half, given from the top of the axis to its bottom, shifted by y."""
    right = moved(half, 0, y)
    return spline(np.concatenate([right, mirrored(right)[-2:0:-1]]), steps=5)


def grown(outline: Points, factor: float) -> Points:
    """The outline scaled about its own middle."""
    middle = (outline.min(axis=0) + outline.max(axis=0)) / 2
    return np.asarray(middle + (outline - middle) * factor, dtype=np.float64)


def petal(angle_deg: float, start: float, length: float, width: float, tip: float = 0.65) -> Points:
    """A leaf shape growing outwards from ``start`` at an angle, widest at the share ``tip`` of its length."""
    along = np.array([0.0, 0.25, tip, 0.93, 1.0, 0.93, tip, 0.25]) * length + start
    across = np.array([0.12, 0.6, 1.0, 0.45, 0.0, -0.45, -1.0, -0.6]) * (width / 2)
    return turned(spline(np.stack([along, across], axis=1), steps=4), angle_deg)


def ribbon(path: ArrayLike, widths: ArrayLike) -> Points:
    """Outline of a band along a path, with its full width given at every point (or once)."""
    line = np.asarray(path, dtype=np.float64)
    tangent = np.gradient(line, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    half = np.broadcast_to(np.asarray(widths, dtype=np.float64), len(line))[:, None] / 2
    return np.concatenate([line + normal * half, (line - normal * half)[::-1]])


def coil(turns: float, inner: float, outer: float, power: float = 1.0, start_deg: float = 0.0) -> Points:
    """A spiral path from radius ``inner`` to ``outer``; power 1 is Archimedes', above 1 a shell's."""
    share = np.linspace(0.0, 1.0, max(12, int(turns * 26)))
    radius = inner + (outer - inner) * share**power
    angle = np.deg2rad(start_deg) + share * turns * 2 * np.pi
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)

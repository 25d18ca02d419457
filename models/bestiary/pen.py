"""The pen: fills and strokes outlines given in a drawing's own coordinates onto a picture of pixels.

A drawing never sees pixels. It draws about the origin, within -1..1, and the pen's pose (where, how large,
how tilted) puts that on the canvas. Edges are anti-aliased by OpenCV with sub-pixel coordinates, and the
canvas is drawn larger than the picture and averaged down afterwards.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from .colours import Colour, mix
from .shapes import Points, ellipse

Canvas = NDArray[np.uint8]

_SHIFT = 4  # fractional bits of OpenCV's coordinates: a sixteenth of a pixel


@dataclass(frozen=True)
class Pose:
    """Where a drawing lies on the canvas: origin, pixels per unit, tilt, foreshortening of x and y."""

    x_px: float
    y_px: float
    unit_px: float
    angle_deg: float = 0.0
    stretch_x: float = 1.0
    stretch_y: float = 1.0

    def matrix(self) -> NDArray[np.float64]:
        """The 2x2 matrix from drawing units to pixels; a negative stretch mirrors."""
        cos, sin = np.cos(np.deg2rad(self.angle_deg)), np.sin(np.deg2rad(self.angle_deg))
        turn = np.array([[cos, -sin], [sin, cos]])
        return self.unit_px * turn @ np.diag([self.stretch_x, self.stretch_y])


class Pen:
    """Draws onto an (h, w, 3) RGB uint8 canvas, in place, through one pose."""

    def __init__(self, canvas: Canvas, pose: Pose) -> None:
        self.canvas = canvas
        self.pose = pose
        self._matrix = pose.matrix()

    def fill(self, points: ArrayLike, colour: Colour, opacity: float = 1.0) -> None:
        """Fill an outline with one colour; ``opacity`` below 1 lets what is under it shine through."""
        pixels = self._pixels(points)
        if opacity >= 1.0:
            cv2.fillPoly(self.canvas, [pixels], _bytes(colour), cv2.LINE_AA, _SHIFT)
            return
        over = self.canvas.copy()
        cv2.fillPoly(over, [pixels], _bytes(colour), cv2.LINE_AA, _SHIFT)
        cv2.addWeighted(over, opacity, self.canvas, 1.0 - opacity, 0.0, self.canvas)

    def shade(
        self,
        points: ArrayLike,
        rim: Colour,
        core: Colour,
        towards: tuple[float, float] = (-0.2, -0.25),
        steps: int = 7,
        opacity: float = 1.0,
    ) -> None:
        """Fill an outline from ``rim`` at its edge to ``core`` inside, as if round and lit from ``towards``.

        Nested copies of the outline shrink to a point that lies ``towards`` (in shares of the outline's
        extent) away from its centre.
        """
        outline: Points = np.asarray(points, dtype=np.float64)
        low, high = outline.min(axis=0), outline.max(axis=0)
        focus = (low + high) / 2 + np.asarray(towards) * (high - low) / 2
        for step in range(steps):
            share = step / steps
            self.fill(outline + (focus - outline) * share, mix(rim, core, (step + 1) / steps), opacity)

    def line(self, points: ArrayLike, colour: Colour, width: float) -> None:
        """Stroke an open path with a width in drawing units (at least one pixel of the canvas)."""
        pixels = self._pixels(points)
        width_px = max(1, round(width * self.pose.unit_px))
        cv2.polylines(self.canvas, [pixels], False, _bytes(colour), width_px, cv2.LINE_AA, _SHIFT)

    def dot(self, centre: ArrayLike, radius: float, colour: Colour) -> None:
        """Fill a small disc about a point (x, y)."""
        x, y = np.asarray(centre, dtype=np.float64)
        self.fill(ellipse(x, y, radius, radius), colour)

    def _pixels(self, points: ArrayLike) -> NDArray[np.int32]:
        placed = np.asarray(points, dtype=np.float64) @ self._matrix.T + (self.pose.x_px, self.pose.y_px)
        return np.round(placed * (1 << _SHIFT)).astype(np.int32)


def _bytes(colour: Colour) -> tuple[float, float, float]:
    red, green, blue = (255.0 * part for part in colour)
    return red, green, blue

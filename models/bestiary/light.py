"""Light from one side: the lit and the dark flank of what is drawn, and the shadow that it throws.

What a drawing covers is found by comparing the canvas before and after, so that drawings need not know of
light at all.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .fields import Field
from .pen import Canvas

Cover = NDArray[np.uint8]


@dataclass(frozen=True)
class Light:
    """The angle in radians that light falls towards, how much darker the far flank is, and the shadow.

    ``shadow`` is its darkness in 0..1, ``reach`` how far it falls and ``softness`` how blurred it is, both in
    shares of the picture.
    """

    angle: float
    flank: float
    shadow: float
    reach: float
    softness: float


def some_light(rng: Generator) -> Light:
    """Usually from above, from either side; one in three throws no shadow."""
    angle = float(rng.normal(np.pi / 2, 0.9))
    shadow = float(rng.uniform(0.2, 0.75)) if rng.uniform() < 0.67 else 0.0
    return Light(
        angle,
        float(rng.uniform(0, 0.45)),
        shadow,
        float(rng.uniform(0.01, 0.09)),
        float(rng.uniform(0.005, 0.04)),
    )


def covered(before: Canvas, after: Canvas) -> Cover:
    """255 where two canvases differ, 0 elsewhere."""
    difference = cv2.absdiff(before, after)
    return np.asarray((difference.max(axis=2) > 0).astype(np.uint8) * 255)


def lit(before: Canvas, after: Canvas, light: Light) -> Canvas:
    """The canvas after a drawing, with its shadow on what was there before and its far flank darkened."""
    cover = covered(before, after)
    left, top, width, height = cv2.boundingRect(cover)
    if width == 0:
        return after
    ground = _shadowed(before, cover, light) if light.shadow > 0 else before
    result = np.where(cover[..., None] > 0, after, ground)
    box = (slice(top, top + height), slice(left, left + width))
    tone = _flanks(height, width, light)
    shaded = np.where(cover[box] > 0, tone, np.float32(1.0))[..., None] * result[box]
    result[box] = np.clip(shaded, 0, 255)
    return result


def _flanks(height: int, width: int, light: Light) -> Field:
    """Brightness over the box: above 1 where the light comes from, below 1 where it falls to."""
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * np.float32(np.cos(light.angle))
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * np.float32(np.sin(light.angle))
    return np.asarray(1.0 - light.flank * (0.35 * (x + y) + 0.15), dtype=np.float32)


def _shadowed(before: Canvas, cover: Cover, light: Light) -> Canvas:
    """The canvas, darker where the cover's outline falls when moved along the light and blurred."""
    size = cover.shape[0]
    small = cv2.resize(cover, (size // 4, size // 4), interpolation=cv2.INTER_AREA)
    step = light.reach * size / 4
    move = np.array(
        [[1, 0, step * np.cos(light.angle)], [0, 1, step * np.sin(light.angle)]], dtype=np.float32
    )
    fallen = cv2.warpAffine(small, move, (size // 4, size // 4))
    fallen = cv2.GaussianBlur(fallen, (0, 0), max(0.4, light.softness * size / 4))
    dark = cv2.resize(fallen, (size, size), interpolation=cv2.INTER_LINEAR)
    keep = cv2.LUT(dark, np.round(255 - light.shadow * np.arange(256)).astype(np.uint8))
    return np.asarray(cv2.multiply(before, cv2.merge([keep, keep, keep]), scale=1 / 255))

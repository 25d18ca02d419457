"""Flow for places where none was found: that of what is around them, where the picture bears it out.

On a flat wall or a dark coat nothing tells one place from the next. There the flow forth and back wander off
each on its own, and consistency calls for a new start, frame after frame, though nothing is new. So the flow
around such a hole is smoothed into it, and is believed where it leads to the same grey. What something moving
has uncovered leads to that thing, and stays new.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..flow_config import FlowConfig
from ..frames import Map

Field = NDArray[np.float32]

# Smoothing is done at a quarter of the size, with this deviation in small pixels; a hole is filled as far as
# four of them.
SHRINK, SIGMA_PX = 4, 5.0
# Below this share of believed places around, nothing is known of a hole.
LEAST_AROUND = 1e-3
# Greys are compared over so many pixels, and may differ by so much more for each level a pixel of slope: flow
# is a bit off anywhere, and shows it at edges.
COMPARED_PX, SLOPE_SHARE = 2.0, 0.3
# A place and all around it must be alike: between unlike things a few pixels are so by chance.
ALIKE_PX = 7


def filled(
    back: Field, trust: Map, before: NDArray[np.uint8], now: NDArray[np.uint8], config: FlowConfig
) -> tuple[Field, Map]:
    """Return the flow and its trust (0 or 1) with holes filled where both frames' greys bear that out."""
    if config.fill_levels == 0:
        return back, trust
    height, width = trust.shape
    mean, known = around(back, trust)
    columns = np.asarray(mean[..., 0] + np.arange(width, dtype=np.float32), np.float32)
    rows = np.asarray(mean[..., 1] + np.arange(height, dtype=np.float32)[:, None], np.float32)
    inside = (columns >= 0) & (columns <= width - 1) & (rows >= 0) & (rows <= height - 1)
    here, there = now.astype(np.float32), before.astype(np.float32)
    there = np.asarray(cv2.remap(there, columns, rows, cv2.INTER_LINEAR), np.float32)
    apart = np.abs(_blurred(here - there))
    unlike = apart >= config.fill_levels + SLOPE_SHARE * _slope(here)
    unlike = cv2.dilate(unlike.astype(np.uint8), np.ones((ALIKE_PX, ALIKE_PX), np.uint8)).astype(bool)
    mended = (trust == 0) & known & inside & ~unlike
    return np.where(mended[..., None], mean, back), np.maximum(trust, mended.astype(np.float32))


def around(back: Field, trust: Map) -> tuple[Field, NDArray[np.bool_]]:
    """Return the mean flow of the believed places around each one, and whether there are any."""
    height, width = trust.shape
    small = -(-width // SHRINK), -(-height // SHRINK)
    weighed = np.dstack([back * trust[..., None], trust])
    weighed = cv2.resize(weighed, small, interpolation=cv2.INTER_AREA)
    weighed = cv2.GaussianBlur(weighed, (0, 0), SIGMA_PX)
    weighed = cv2.resize(weighed, (width, height), interpolation=cv2.INTER_LINEAR)
    share = weighed[..., 2:]
    mean = weighed[..., :2] / np.maximum(share, np.float32(LEAST_AROUND))
    return np.asarray(mean, np.float32), share[..., 0] >= LEAST_AROUND


def lengths(across: Map, down: Map) -> Map:
    """Return how long vectors are.

    The last bit of what `cv2.magnitude` gives hangs on where in memory its arguments happen to lie, and every
    later frame of a film would hang on it.
    """
    squares = across * across
    squares += down * down
    return np.asarray(np.sqrt(squares, out=squares), np.float32)


def _slope(grey: Map) -> Map:
    """Return how many levels a grey changes by per pixel, around each place."""
    across, down = (cv2.Sobel(grey, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    return _blurred(lengths(np.asarray(across, np.float32), np.asarray(down, np.float32)))


def _blurred(values: Map) -> Map:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), COMPARED_PX), np.float32)

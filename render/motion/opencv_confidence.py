"""Where a flow in NumPy's arrays can be believed: the steps of `confidence`, sampled by OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frames.frames import Map
from ..settings.flow import FlowConfig
from .confidence import (
    ALIKE_PX,
    COMPARED_PX,
    HOLE_SHRINK,
    HOLE_SIGMA_PX,
    LEAST_AROUND,
    inside,
    is_unlike,
    returns,
)
from .flow_field import FlowField, lengths

Grey = NDArray[np.uint8]
"""A frame in grey, in levels of 255: (height, width)."""


def consistent(back: FlowField, forth: FlowField, config: FlowConfig) -> Map:
    """Return 1 where following the flow back, and forth again, ends near where it began; else 0."""
    height, width = back.shape[:2]
    x, y = _targets(back)
    there = np.asarray(cv2.remap(forth, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
    close = returns((back[..., 0], back[..., 1]), (there[..., 0], there[..., 1]), config)
    return np.asarray(inside(x, y, height, width) & close, dtype=np.float32)


def filled(
    back: FlowField, confidence: Map, before: Grey, now: Grey, config: FlowConfig
) -> tuple[FlowField, Map]:
    """Return the flow and its confidence (0 or 1), holes filled where both frames' greys bear that out."""
    if config.fill_levels == 0:
        return back, confidence
    height, width = confidence.shape
    around, known = flow_around(back, confidence)
    x, y = _targets(around)
    here, there = now.astype(np.float32), before.astype(np.float32)
    there = np.asarray(cv2.remap(there, x, y, cv2.INTER_LINEAR), np.float32)
    unlike = is_unlike(_compared(here - there), _gradient_length(here), config)
    unlike = cv2.dilate(unlike.astype(np.uint8), np.ones((ALIKE_PX, ALIKE_PX), np.uint8)).astype(bool)
    mended = (confidence == 0) & known & inside(x, y, height, width) & ~unlike
    return np.where(mended[..., None], around, back), np.maximum(confidence, mended.astype(np.float32))


def softened(confidence: Map, softness_px: float) -> Map:
    """Return the confidence with soft edges that lie wholly on its side."""
    if softness_px == 0:
        return confidence
    reach = 2 * int(np.ceil(softness_px)) + 1
    core = cv2.erode(confidence, np.ones((reach, reach), np.uint8))
    soft = cv2.GaussianBlur(core, (0, 0), softness_px)
    return np.asarray(np.minimum(soft, confidence), dtype=np.float32)


def flow_around(back: FlowField, confidence: Map) -> tuple[FlowField, NDArray[np.bool_]]:
    """Return the mean flow of the believed places around each one, and whether there are any."""
    height, width = confidence.shape
    small = -(-width // HOLE_SHRINK), -(-height // HOLE_SHRINK)
    weighed = np.dstack([back * confidence[..., None], confidence])
    weighed = cv2.resize(weighed, small, interpolation=cv2.INTER_AREA)
    weighed = cv2.GaussianBlur(weighed, (0, 0), HOLE_SIGMA_PX)
    weighed = cv2.resize(weighed, (width, height), interpolation=cv2.INTER_LINEAR)
    share = weighed[..., 2:]
    mean = weighed[..., :2] / np.maximum(share, np.float32(LEAST_AROUND))
    return np.asarray(mean, np.float32), share[..., 0] >= LEAST_AROUND


def _targets(back: FlowField) -> tuple[Map, Map]:
    """Return the columns and rows that vectors lead to."""
    height, width = back.shape[:2]
    columns = back[..., 0] + np.arange(width, dtype=np.float32)
    rows = back[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(columns, np.float32), np.asarray(rows, np.float32)


def _gradient_length(grey: Map) -> Map:
    """Return how many levels a grey changes by per pixel, around each place."""
    across, down = (cv2.Sobel(grey, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    return _compared(lengths(np.asarray(across, np.float32), np.asarray(down, np.float32)))


def _compared(values: Map) -> Map:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), COMPARED_PX), np.float32)

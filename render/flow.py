"""Optical flow between two frames of the source, and where it can be believed.

    frame before        frame now
    +---------+         +---------+        back(p): from pixel p of the frame now to where its
    |   q     |  <----- |     p   |        content was before, q = p + back(p)
    +---------+  back   +---------+

Dense inverse search (Kroeger et al., Fast Optical Flow using Dense Inverse Search, ECCV 2016), as OpenCV has
it: it costs a fraction of a dream. Flow is always that of the source: a dream flows wherever it likes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .flow_config import FlowConfig
from .frames import Map, Picture

Field = NDArray[np.float32]
"""A vector per pixel: (height, width, 2), to the right and down, in pixels."""

Grey = NDArray[np.uint8]

# Frames with a shorter side than this hold too few of the search's patches: their flow is taken for none.
_SHORTEST_PX = 32


@dataclass(frozen=True, slots=True)
class Flow:
    """Where the content of a frame was in the frame before it."""

    back_px: Field
    trust: Map
    """0 where the content is new, 1 where it was there before and the flow found it."""

    def carried(self, picture: Picture) -> Picture:
        """Return a picture (c, h, w) of the frame before as it lies in the frame now, sampled bicubically.

        Beyond the border the nearest pixel stands in; `trust` is 0 there.
        """
        height, width = self.trust.shape
        columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        moved = cv2.remap(
            np.ascontiguousarray(picture.transpose(1, 2, 0)),
            columns + self.back_px[..., 0],
            rows + self.back_px[..., 1],
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.ascontiguousarray(moved.transpose(2, 0, 1), dtype=np.float32)


class FlowMeter:
    """Measures the flow of one stream of frames; to be used by one thread at a time."""

    def __init__(self, config: FlowConfig) -> None:
        self._config = config
        self._search: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def between(self, before: Picture, now: Picture) -> Flow:
        """Return the flow from the frame now back to the frame before, both (3, h, w) RGB in 0..1.

        Frames larger than `FlowConfig.size_px` are measured smaller, and the flow is scaled up.
        """
        height, width = now.shape[1:]
        scale = min(1.0, self._config.size_px / max(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        greys = _grey(before, size), _grey(now, size)
        if min(size) < _SHORTEST_PX:
            still = np.zeros((height, width, 2), np.float32)
            return Flow(still, np.ones((height, width), np.float32))
        forth = self._search.calc(*greys, None)
        back = self._search.calc(*reversed(greys), None)
        trust = _softened(consistent(back, forth, self._config), self._config.softness_px)
        return Flow(*_scaled(back, trust, (width, height)))


def consistent(back: Field, forth: Field, config: FlowConfig) -> Map:
    """Return 1 where following the flow back, and forth again, ends near where it began; else 0.

        |w + w'|^2 < tolerance (|w|^2 + |w'|^2) + slack

    with w the flow back and w' the flow forth where w leads to: Sundaram, Brox and Keutzer, Dense Point
    Trajectories by GPU-Accelerated Large Displacement Optical Flow, ECCV 2010. What comes from beyond the
    border is 0.
    """
    height, width = back.shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    columns, rows = columns + back[..., 0], rows + back[..., 1]
    returned = cv2.remap(forth, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    astray = np.square(back + returned).sum(axis=2)
    lengths = np.square(back).sum(axis=2) + np.square(returned).sum(axis=2)
    inside = (columns >= 0) & (columns <= width - 1) & (rows >= 0) & (rows <= height - 1)
    close = astray < config.tolerance * lengths + config.slack_px2
    return np.asarray(inside & close, dtype=np.float32)


def _grey(picture: Picture, size: tuple[int, int]) -> Grey:
    pixels = np.ascontiguousarray(picture.transpose(1, 2, 0))
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if grey.shape[::-1] != size:
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    levels: Grey = np.rint(np.clip(grey, 0, 1) * 255).astype(np.uint8)
    return levels


def _softened(trust: Map, softness_px: float) -> Map:
    """Return the map with soft edges that lie wholly on the trusted side: what is new stays new."""
    if softness_px == 0:
        return trust
    reach = 2 * int(np.ceil(softness_px)) + 1
    core = cv2.erode(trust, np.ones((reach, reach), np.uint8))
    soft = cv2.GaussianBlur(core, (0, 0), softness_px)
    return np.asarray(np.minimum(soft, trust), dtype=np.float32)


def _scaled(back: Field, trust: Map, size: tuple[int, int]) -> tuple[Field, Map]:
    if trust.shape[::-1] == size:
        return back, trust
    scale = np.array([size[0] / trust.shape[1], size[1] / trust.shape[0]], dtype=np.float32)
    larger = cv2.resize(back, size, interpolation=cv2.INTER_LINEAR) * scale
    return np.asarray(larger, np.float32), np.asarray(cv2.resize(trust, size), np.float32)

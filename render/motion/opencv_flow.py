"""Optical flow on the CPU: dense inverse search, as OpenCV has it.

Kroeger et al., Fast Optical Flow using Dense Inverse Search, ECCV 2016. It costs a fraction of a dream there,
and nothing waits for it: it is done on a thread ahead of the engine, and OpenCV releases the interpreter.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..flow_config import FlowConfig
from ..frames import Map, Picture
from .filling import filled
from .flow import Field, Flow, measured_size, still_flow, too_small

Grey = NDArray[np.uint8]


class OpenCVFlowMeter:
    """Measures the flow of one stream of frames on the CPU."""

    def __init__(self, config: FlowConfig) -> None:
        self._config = config
        self._latest: tuple[Picture, Grey] | None = None
        self._search: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def between(self, before: Picture, now: Picture) -> Flow:
        """Return the flow from the frame now back to the frame before, see `FlowMeter`."""
        size = measured_size(now, self._config)
        if too_small(size):
            return still_flow(now)
        greys = self._grey(before, size), self._grey(now, size)
        forth = self._search.calc(*greys, None)
        back = self._search.calc(*reversed(greys), None)
        back, trust = filled(back, consistent(back, forth, self._config), *greys, self._config)
        trust = softened(trust, self._config.softness_px)
        return Flow(*_scaled(back, trust, (now.shape[2], now.shape[1])))

    def _grey(self, picture: Picture, size: tuple[int, int]) -> Grey:
        """Return a picture's levels; the frame now is the one before when the next is measured."""
        if self._latest is None or self._latest[0] is not picture:
            self._latest = picture, _grey(picture, size)
        return self._latest[1]


def consistent(back: Field, forth: Field, config: FlowConfig) -> Map:
    """Return 1 where following the flow back, and forth again, ends near where it began; else 0.

        |w + w'|^2 < tolerance (|w|^2 + |w'|^2) + slack

    with w the flow back and w' the flow forth where w leads to: Sundaram, Brox and Keutzer, Dense Point
    Trajectories by GPU-Accelerated Large Displacement Optical Flow, ECCV 2010. What comes from beyond the
    border is 0.
    """
    height, width = back.shape[:2]
    columns = np.asarray(back[..., 0] + np.arange(width, dtype=np.float32), np.float32)
    rows = np.asarray(back[..., 1] + np.arange(height, dtype=np.float32)[:, None], np.float32)
    there = cv2.remap(forth, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    returned: Field = np.asarray(there, np.float32)
    together: Field = back + returned
    lengths = _squared_length(back) + _squared_length(returned)
    inside = (columns >= 0) & (columns <= width - 1) & (rows >= 0) & (rows <= height - 1)
    close = _squared_length(together) < config.tolerance * lengths + config.slack_px2
    return np.asarray(inside & close, dtype=np.float32)


def _squared_length(field: Field) -> Map:
    squares = field * field
    return np.asarray(squares[..., 0] + squares[..., 1], dtype=np.float32)


def _grey(picture: Picture, size: tuple[int, int]) -> Grey:
    pixels = np.ascontiguousarray(picture.transpose(1, 2, 0))
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if grey.shape[::-1] != size:
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    levels: Grey = np.rint(np.clip(grey, 0, 1) * 255).astype(np.uint8)
    return levels


def softened(trust: Map, softness_px: float) -> Map:
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
    larger = cv2.resize(back * scale, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(larger, np.float32), np.asarray(cv2.resize(trust, size), np.float32)

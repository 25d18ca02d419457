"""Optical flow on the CPU: dense inverse search, as OpenCV has it.

Kroeger et al., Fast Optical Flow using Dense Inverse Search, ECCV 2016. It costs a fraction of a dream there,
and nothing waits for it: it is done on a thread ahead of the engine, and OpenCV releases the interpreter.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from ...dream.quantize import uint8_levels
from ..frames.frames import Map, Picture
from ..settings.flow import FlowConfig
from .flow import Flow, estimation_size, still_flow, too_small
from .flow_field import FlowField
from .opencv_confidence import Grey, consistent, filled, softened


class OpenCVFlowEstimator:
    """Estimates the flow of one stream of frames on the CPU."""

    def __init__(self, config: FlowConfig) -> None:
        self._config = config
        self._latest: tuple[Picture, Grey] | None = None
        self._search: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def between(self, before: Picture, now: Picture) -> Flow:
        """Return the flow from the frame now back to the frame before, see `FlowEstimator`."""
        size = estimation_size(now, self._config)
        if too_small(size):
            return still_flow(now)
        greys = self._grey(before, size), self._grey(now, size)
        forth = self._search.calc(*greys, None)
        back = self._search.calc(*reversed(greys), None)
        back, confidence = filled(back, consistent(back, forth, self._config), *greys, self._config)
        confidence = softened(confidence, self._config.softness_px)
        return Flow(*_scaled(back, confidence, (now.shape[2], now.shape[1])))

    def _grey(self, picture: Picture, size: tuple[int, int]) -> Grey:
        """Return a picture's levels; the frame now is the one before when the next is estimated."""
        if self._latest is None or self._latest[0] is not picture:
            self._latest = picture, _grey(picture, size)
        return self._latest[1]


def _grey(picture: Picture, size: tuple[int, int]) -> Grey:
    pixels = np.ascontiguousarray(picture.transpose(1, 2, 0))
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if grey.shape[::-1] != size:
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return uint8_levels(np.asarray(grey, np.float32))


def _scaled(back: FlowField, confidence: Map, size: tuple[int, int]) -> tuple[FlowField, Map]:
    if confidence.shape[::-1] == size:
        return back, confidence
    scale = np.array([size[0] / confidence.shape[1], size[1] / confidence.shape[0]], dtype=np.float32)
    larger = cv2.resize(back * scale, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(larger, np.float32), np.asarray(cv2.resize(confidence, size), np.float32)

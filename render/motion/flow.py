"""Optical flow between two frames of the source, and where it can be believed.

    frame before        frame now
    +---------+         +---------+        back(p): from pixel p of the frame now to where its
    |   q     |  <----- |     p   |        content was before, q = p + back(p)
    +---------+  back   +---------+

Flow is always that of the source: a dream flows wherever it likes. Two estimators find it, OpenCV's on the
CPU (`opencv_flow`) and one in PyTorch on graphics cards (`torch_flow`); `choose` says which a render gets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from ..frames.frames import Map, Picture
from ..settings.flow import FlowConfig
from .boundary import continued
from .flow_field import FlowField, lengths
from .shrink import shrunk, shrunk_size

# Frames with a shorter side than this hold too few of the search's patches: they are taken to stand still.
_SHORTEST_PX = 32

# Slower than this, a picture is taken to stand still in part: sampling it anew costs little of its detail.
_MOVING_PX = 0.5


@dataclass(frozen=True, slots=True)
class ShrunkFlow:
    """A flow for maps of a quarter of the size (`shrink`)."""

    x: Map
    """Where each place was in the frame before: its column there."""
    y: Map
    """Its row there."""
    confidence: Map
    moving: Map


@dataclass(frozen=True)
class Flow:
    """Where the content of a frame was in the frame before it."""

    back_px: FlowField
    confidence: Map
    """0 where the content is new, 1 where it was there before and the flow found it."""

    @cached_property
    def moving(self) -> Map:
        """0 where the picture stands still, 1 where it moves by half a pixel or more."""
        across, down = self.back_px[..., 0], self.back_px[..., 1]
        return np.asarray(np.minimum(lengths(across, down) / _MOVING_PX, 1), dtype=np.float32)

    @cached_property
    def shrunk(self) -> ShrunkFlow:
        """The same for maps of a quarter of the size."""
        whole_height, whole_width = self.confidence.shape
        back, (height, width) = shrunk(self.back_px), shrunk_size(whole_height, whole_width)
        scale = np.array([width / whole_width, height / whole_height], np.float32)
        columns, rows = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
        x, y = back[..., 0] * scale[0] + columns, back[..., 1] * scale[1] + rows
        return ShrunkFlow(
            np.asarray(x, np.float32), np.asarray(y, np.float32), shrunk(self.confidence), shrunk(self.moving)
        )

    @cached_property
    def share(self) -> Map:
        """How much of a dream comes along: confidence, and what goes on beyond the border (`boundary`)."""
        return self._continued[1]

    def carried(self, picture: Picture) -> Picture:
        """Return a picture (c, h, w) of the frame before as it lies in the frame now.

        Along the border it is mirrored; further out the nearest pixel stands in, and `share` is 0 there.
        """
        from .warp import moved  # loads torch and numba, for which a bad clip need not wait

        return moved(picture, self._continued[0])

    @cached_property
    def _continued(self) -> tuple[FlowField, Map]:
        return continued(self.back_px, self.confidence)


class FlowEstimator(Protocol):
    """Estimates the flow of one stream of frames; to be used by one thread at a time."""

    def between(self, before: Picture, now: Picture) -> Flow:
        """Return the flow from the frame now back to the frame before, both (3, h, w) RGB in 0..1.

        Of frames larger than `FlowConfig.size_px` it is estimated at that size, and the flow is scaled up.
        """
        ...


def estimation_size(picture: Picture, config: FlowConfig) -> tuple[int, int]:
    """Return the width and height at which a picture's flow is estimated: not so small that it cannot be."""
    height, width = picture.shape[1:]
    scale = min(1.0, max(config.size_px / max(height, width), _SHORTEST_PX / min(height, width)))
    return max(1, round(width * scale)), max(1, round(height * scale))


def too_small(size: tuple[int, int]) -> bool:
    """Tell whether pictures of a width and height hold too little to find a flow by."""
    return min(size) < _SHORTEST_PX


def still_flow(picture: Picture) -> Flow:
    """Return the flow of a picture that does not move."""
    height, width = picture.shape[1:]
    return Flow(np.zeros((height, width, 2), np.float32), np.ones((height, width), np.float32))

"""What comes into view at the border of a frame: its dream goes on from what lies beside it.

    the dream of the frame before, mirrored at its border   the frame now, panned to the right

              d c b a | a b c d e f g h                     c b a | a b c d e …
                      border                                new
                                                            share of the mirrored dream: 1 at what is old, 0
                                                            a thirty-second of the longest side further out

Left to begin from the source, such a strip shows as a straight line along the border, since it is too thin to
be worth steps of its own (`carry`). Nothing tells the flow there: the mean of the flow around is taken, which
is right where the camera pans. What is uncovered inside is none of this.
"""

from __future__ import annotations

import numpy as np

from ..frames.frames import Map
from .flow_field import FlowField
from .opencv_confidence import flow_around

# How far beyond the frame a dream goes on, as a share of its longest side.
_REACH_SHARE = 1 / 32
# The confidence's edge is soft: it is mended within so many pixels of the border, or within that share of the
# longest side.
_SOFT_PX, _SOFT_SHARE = 4.0, 1 / 240


def continued(back_px: FlowField, confidence: Map) -> tuple[FlowField, Map]:
    """Return where each pixel's dream is taken from, and how much of it: as given but along the border."""
    if all(line.all() for line in (confidence[0], confidence[-1], confidence[:, 0], confidence[:, -1])):
        return back_px, confidence
    height, width = confidence.shape
    longest = max(height, width)
    mean, known = flow_around(back_px, confidence)
    columns, rows = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    x, y = mean[..., 0] + columns, mean[..., 1] + rows
    beyond = np.maximum(_beyond(x, width), _beyond(y, height))
    new = known & (beyond > 0) & (confidence == 0)
    if not new.any():
        return back_px, confidence
    soft = known & (beyond > -max(_SOFT_PX, longest * _SOFT_SHARE)) & (confidence > 0)
    fading = np.clip(1 - beyond / np.float32(longest * _REACH_SHARE), 0, 1)
    mirrored = np.dstack([_mirrored(x, width) - columns, _mirrored(y, height) - rows])
    back = np.where(new[..., None], mirrored, back_px)
    share = np.where(new | soft, np.maximum(confidence, fading), confidence)
    return np.asarray(back, np.float32), np.asarray(share, np.float32)


def _beyond(places: Map, length: int) -> Map:
    """Return how far places lie beyond the first or last pixel; below 0 inside."""
    return np.asarray(np.maximum(-places, places - np.float32(length - 1)), np.float32)


def _mirrored(places: Map, length: int) -> Map:
    last = np.float32(length - 1)
    return np.asarray(np.clip(last - np.abs(last - np.abs(places)), 0, last), np.float32)

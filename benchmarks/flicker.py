"""How much a film flickers, and where: what is left between a frame and the one before it, moved.

    flicker = mean |picture_t - moved(picture_t-1)|, in levels of 255, where the source's flow is sure

of a dream, less the same of its source: what the dream adds to the clip's own restlessness.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from lucidreel.benchmarks.measures import levels
from lucidreel.render.frames.frames import Picture
from lucidreel.render.motion.flow import Flow

# Only where nothing of the flow is in doubt does a difference mean flicker.
_SURE = 0.99
# How near to something newly visible counts as its edge, and how wide the texture of a place is looked for.
_EDGE_PX, _TEXTURE_SIGMA_PX = 8, 6.0

Where = NDArray[np.bool_]


def flicker(pictures: Sequence[Picture], flows: Sequence[Flow]) -> float:
    """Return the mean flicker over all frames."""
    steps = [
        residue[flow.confidence > _SURE].mean()
        for flow, residue in zip(flows, residues(pictures, flows), strict=True)
    ]
    return float(np.mean(steps))


def residues(pictures: Sequence[Picture], flows: Sequence[Flow]) -> Iterator[NDArray[np.float64]]:
    """Yield |picture_t - moved(picture_t-1)| for every frame after the first, (h, w), in levels of 255."""
    for flow, (before, now) in zip(flows, pairwise(pictures), strict=True):
        yield np.abs(levels(now) - levels(flow.carried(before))).mean(axis=0)


def added_by_region(
    pictures: Sequence[Picture], sources: Sequence[Picture], flows: Sequence[Flow]
) -> Mapping[str, float]:
    """Return the flicker above the source's for each kind of region; NaN where there is none of it."""
    sums: dict[str, list[float]] = {}
    both = zip(flows, sources[1:], residues(pictures, flows), residues(sources, flows), strict=True)
    for flow, source, of_dream, of_source in both:
        added = of_dream - of_source
        for name, where in _regions(source, flow).items():
            if where.any():
                sums.setdefault(name, []).append(float(added[where].mean()))
            else:
                sums.setdefault(name, [])
    return {name: float(np.mean(each)) if each else float("nan") for name, each in sums.items()}


def _regions(source: Picture, flow: Flow) -> Mapping[str, Where]:
    sure = flow.confidence > _SURE
    new = (flow.confidence < 0.5).astype(np.uint8)
    edge = cv2.dilate(new, np.ones((2 * _EDGE_PX + 1, 2 * _EDGE_PX + 1), np.uint8)) > 0
    grey = source.mean(axis=0)
    fine = (grey - cv2.GaussianBlur(grey, (0, 0), _TEXTURE_SIGMA_PX / 2)) ** 2
    texture = cv2.GaussianBlur(fine, (0, 0), _TEXTURE_SIGMA_PX)
    rough, moving = texture > np.median(texture), flow.moving > 0.5
    kinds = {"moving": moving, "still": ~moving, "rough": rough, "flat": ~rough, "edge": edge}
    return {name: sure & where for name, where in kinds.items()}

"""Dreams compared at equal nearness to their photos: as much of each as keeps it at so many dB.

A longer dream is recognised more and leaves less of the photo, so figures of two settings compare only where
both leave as much. The change is scaled as a whole, up or down, until the file's 8 bits are at the PSNR asked
for; what runs into black or full brightness on the way is cut, and counts.
"""

from __future__ import annotations

import math

import numpy as np

from lucidreel.benchmarks.measures import levels, psnr_db
from lucidreel.render.frames.frames import Picture

_LEAST, _MOST = 0.05, 20.0
_HALVINGS = 24


def at_psnr(picture: Picture, source: Picture, wanted_db: float) -> tuple[Picture, float]:
    """Return the source with as much of the picture's change as leaves it at `wanted_db`, and that factor.

    A picture that is its source has no change to scale, and comes back as it is.
    """
    if np.array_equal(picture, source):
        return picture, 1.0
    before = levels(source)
    least, most = _LEAST, _MOST
    for _ in range(_HALVINGS):
        factor = math.sqrt(least * most)
        if psnr_db(levels(_scaled(picture, source, factor)), before) > wanted_db:
            least = factor
        else:
            most = factor
    return _scaled(picture, source, factor), factor


def _scaled(picture: Picture, source: Picture, factor: float) -> Picture:
    return np.clip(source + np.float32(factor) * (picture - source), 0.0, 1.0)

"""The one place where float pictures become bytes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..frames import Picture


def rgb24(picture: Picture) -> NDArray[np.uint8]:
    """Return a (3, height, width) picture in 0..1 as (height, width, 3) bytes, to the nearest level."""
    levels = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(levels.transpose(1, 2, 0))

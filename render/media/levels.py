"""The one place where float pictures become whole levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..frames import Picture


def rgb24(picture: Picture) -> NDArray[np.uint8]:
    """Return a (3, height, width) picture in 0..1 as (height, width, 3) bytes, to the nearest level."""
    from ..pixels import interleaved

    return interleaved(np.ascontiguousarray(picture, np.float32), 255, 1, np.uint8)


def rgb48(picture: Picture, white: int = 65535, unit: int = 1) -> NDArray[np.uint16]:
    """Return a picture as (height, width, 3) 16-bit levels: `white` steps of `unit` lie between 0 and 1."""
    from ..pixels import interleaved

    return interleaved(np.ascontiguousarray(picture, np.float32), white, unit, np.uint16)

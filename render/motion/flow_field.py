"""Fields of vectors over a picture, and how long their vectors are."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..frames.frames import Map

FlowField: TypeAlias = NDArray[np.float32]
"""A vector per pixel: (height, width, 2), to the right and down, in pixels."""


def lengths(across: Map, down: Map) -> Map:
    """Return how long vectors are.

    The last bit of what `cv2.magnitude` gives hangs on where in memory its arguments happen to lie, and every
    later frame of a film would hang on it.
    """
    squares = across * across
    squares += down * down
    return np.asarray(np.sqrt(squares, out=squares), np.float32)

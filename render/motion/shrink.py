"""Maps and fields at a quarter of a frame's size, where a flow's small errors no longer count for change."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frames.frames import Map, Picture

SHRINK = 4
"""How many pixels of a frame a small one stands for, along each side."""


def shrunk_size(height: int, width: int) -> tuple[int, int]:
    """Return the height and width of a frame's small maps: each side is rounded up."""
    return -(-height // SHRINK), -(-width // SHRINK)


def shrunk(whole: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a map, or a field of vectors, (h, w) or (h, w, 2), at a quarter of its size."""
    height, width = shrunk_size(*whole.shape[:2])
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def shrunk_grey(picture: Picture) -> Map:
    """Return a picture's mean over its channels, small, in levels of 255."""
    red, green, blue = (shrunk(channel) for channel in picture)
    return (red + green + blue) * np.float32(255 / 3)


def enlarged(small: Map, height: int, width: int) -> Map:
    """Return a map of a quarter of the size at full size."""
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)

"""Pictures with something to hold on to everywhere, for tests of flow and of what follows it."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from lucidreel.render.frames.frames import Picture

HEIGHT, WIDTH = 120, 160


def textured(seed: int = 3, height: int = HEIGHT, width: int = WIDTH) -> Picture:
    """Return coloured clouds with detail of a few pixels."""
    noise = np.random.default_rng(seed).random((3, height, width))
    clouds = sum(gaussian_filter(noise, (0, sigma, sigma), mode="wrap") * sigma for sigma in (1.5, 4, 9))
    assert isinstance(clouds, np.ndarray)
    picture: Picture = ((clouds - clouds.min()) / np.ptp(clouds)).astype(np.float32)
    return picture

"""An old dream is gone when its shot has dissolved, and stays where nothing does."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from lucidreel.benchmarks.dissolves import crossfade, left_over
from lucidreel.render.frames.frames import Picture
from lucidreel.render.settings.flow import FlowConfig


def _clouds(seed: int) -> Picture:
    noise = np.random.default_rng(seed).random((3, 72, 128))
    clouds = sum(gaussian_filter(noise, (0, sigma, sigma), mode="wrap") * sigma for sigma in (2, 5))
    assert isinstance(clouds, np.ndarray)
    picture: Picture = ((clouds - clouds.min()) / np.ptp(clouds)).astype(np.float32)
    return picture


def test_a_crossfade_of_twelve_frames_lets_go_before_it_ends() -> None:
    film = list(crossfade([_clouds(1)], [_clouds(2)], 12))
    left = left_over(iter(film), FlowConfig(strength=0.9))
    assert left[0] == 1 and left[12] < 0.1
    assert left_over(iter(film), FlowConfig(strength=0.9, likeness=0))[12] > 0.5


def test_a_shot_that_goes_on_keeps_its_dream() -> None:
    left = left_over(crossfade([_clouds(1)], [_clouds(1)], 12), FlowConfig(strength=0.9))
    assert left[24] > 0.5

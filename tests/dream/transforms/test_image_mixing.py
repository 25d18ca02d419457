"""What lies over the picture that the network looks at, and when it does."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.targets.targets import Targets
from lucidreel.dream.transforms.image_mixing import mix_in_
from lucidreel.dream.transforms.view import View
from lucidreel.models.caffe_network import CaffeNetwork

_CPU = torch.device("cpu")


def _whole(height: int, width: int) -> View:
    """A window over the whole picture and nothing beside it."""
    return View((height, width), (height, width), (0, 0))


def test_a_photo_lies_mirrored_and_moved_over_what_is_looked_at_without_its_mean() -> None:
    source = torch.arange(24.0).view(1, 1, 4, 6).repeat(1, 3, 1, 1)
    for number, axis in ((0, -1), (1, -2)):
        pixels = torch.zeros(1, 3, 4, 6)
        mix_in_(pixels, _whole(4, 6), source, 0.5, (0.25, 0.5), number)
        assert torch.allclose(pixels, 0.5 * (source - 11.5).roll((1, 3), (-2, -1)).flip(axis))


def test_a_photo_of_one_colour_adds_nothing() -> None:
    pixels = torch.rand(1, 3, 8, 8)
    before = pixels.clone()
    mix_in_(pixels, _whole(8, 8), torch.full((1, 3, 8, 8), 0.5), 1.0, (0.3, 0.6), 0)
    assert torch.allclose(pixels, before, atol=1e-6)


@pytest.mark.parametrize("tiles", ["dense", "grid", "spiral", "random"])
def test_it_changes_the_dream_and_the_same_seed_gives_the_same(
    network: CaffeNetwork, picture: NDArray[np.float32], tiles: str
) -> None:
    def dreamt(admix: float) -> NDArray[np.float32]:
        config = DreamConfig.read({"octaves": 2, "iterations": 3, "tiles": tiles, "admix": admix}, "test")
        return Dreamer(network, Targets(classes={"goldfish": 1.0}), config, _CPU).dream(picture)

    assert np.array_equal(dreamt(0.5), dreamt(0.5))
    assert not np.array_equal(dreamt(0.5), dreamt(0.0))

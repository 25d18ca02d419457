"""What holds for every way to meet the picture, on a real network."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lucidreel.dream.config.dream import DreamConfig, Tiles
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.targets.targets import Targets
from lucidreel.dream.tiling.choice import choose_tiling
from lucidreel.dream.transforms.pad import Pad
from lucidreel.models.caffe_network import CaffeNetwork

from .plain_gradient import PlainGradient, options

EVERY = get_args(Tiles)
CPU = torch.device("cpu")


def dreamt(
    network: CaffeNetwork, picture: NDArray[np.float32], targets: Targets, tiles: Tiles, pad: Pad = "reflect"
) -> NDArray[np.float32]:
    config = DreamConfig(
        octaves=2,
        iterations=3,
        step_size=2.0,
        jitter_px=6,
        border_px=12,
        tiles=tiles,
        pad=pad,
        precision="fp32",
    )
    return Dreamer(network, targets, config, CPU).dream(picture)


@pytest.mark.parametrize("tiles", EVERY)
@pytest.mark.parametrize(
    "targets",
    [
        Targets(classes={"goldfish": 1.0}),
        Targets(layers={"conv2": 1.0}),
        Targets(channels={"conv2:3": 1.0}),
        Targets(classes={"goldfish": 1.0}, layers={"conv1": 0.5}),
    ],
)
def test_classes_layers_channels_and_mixtures_move_the_picture(
    network: CaffeNetwork, picture: NDArray[np.float32], tiles: Tiles, targets: Targets
) -> None:
    dream = dreamt(network, picture, targets, tiles)
    assert dream.shape == picture.shape
    assert dream.min() >= 0 and dream.max() <= 1
    assert np.abs(dream - picture).mean() > 1 / 255


@pytest.mark.parametrize("tiles", EVERY)
@pytest.mark.parametrize("pad", get_args(Pad))
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 60), (30, 22), (17, 200), (48, 48)])
def test_pictures_smaller_than_a_tile_are_dreamt_everywhere(
    network: CaffeNetwork, tiles: Tiles, pad: Pad, height: int, width: int
) -> None:
    picture = np.random.default_rng(1).uniform(0.3, 0.7, (3, height, width)).astype(np.float32)
    change = np.abs(dreamt(network, picture, Targets(layers={"conv1": 1.0}), tiles, pad) - picture)
    if tiles != "random":  # its crops may not have reached everything yet
        assert (change.max(axis=0) > 0).mean() > 0.95
    assert change.max() > 0


@pytest.mark.parametrize("tiles", EVERY)
def test_the_same_seed_meets_the_picture_alike_and_steps_differ(tiles: Tiles) -> None:
    def views(number: int, seed: int = 0) -> list[object]:
        tiling = choose_tiling(tiles, PlainGradient(), options(48, seed=seed))
        return list(tiling.views((120, 130), 16, (number % 17, 5), number))

    assert views(3) == views(3)
    assert views(3) != views(4)
    if tiles != "dense":  # its only chance is the shift, which is drawn by the dreamer
        assert views(3) != views(3, seed=1)


@pytest.mark.parametrize("tiles", ["dense", "grid", "spiral"])
def test_every_pixel_is_in_a_view_of_every_step(tiles: Tiles) -> None:
    covered = np.zeros((120, 130), int)
    tiling = choose_tiling(tiles, PlainGradient(), options(48))
    for view in tiling.views((120, 130), 16, (3, 5), 0):
        covered[view.region] += 1
    assert covered.min() >= 1

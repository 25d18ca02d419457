"""What mask, kept colour and grey steps mean for a whole dream."""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from lucidreel.dream.compositing import with_colours_of
from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.maps import computed_map
from lucidreel.dream.targets.regions import read_region
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.network import Network

Frame = NDArray[np.float32]
CPU = torch.device("cpu")
SHORT = {"octaves": 2, "iterations": 4, "border_px": 16, "jitter_px": 8, "seed": 11, "step_size": 3.0}
LUMA = torch.tensor([0.2126, 0.7152, 0.0722]).view(3, 1, 1)
EVERYWHERE = torch.ones(1, 40, 50)


def luma(picture: Tensor) -> Tensor:
    return (picture * LUMA).sum(-3)


def dreams(network: Network, **keys: object) -> Callable[..., Frame]:
    """Return what dreams shortly of goldfish, from a picture and an init; maps of `keys` are computed."""
    config = DreamConfig.model_validate({**SHORT, **keys})
    dreamer = Dreamer(network, Targets(classes={"goldfish": 1.0}), config, CPU)

    def dream(picture: Frame, init: Frame | None = None) -> Frame:
        maps = {config.mask.name: computed_map(config.mask, picture)} if config.mask else None
        return dreamer.dream(picture, init=init, maps=maps)

    return dream


def dreamt(network: Network, picture: Frame, init: Frame | None = None, **keys: object) -> Frame:
    return dreams(network, **keys)(picture, init)


@pytest.mark.parametrize("tiles", ["dense", "grid", "spiral", "random"])
def test_masked_pixels_stay_to_the_bit_and_the_rest_dreams(
    network: Network, picture: Frame, tiles: str
) -> None:
    done = dreamt(network, picture, mask="band:0-0.5", tiles=tiles, blur_px=0.5)
    outside = computed_map(read_region("band:0-0.5"), picture) == 0
    assert outside.sum() > 1000
    assert np.array_equal(done[:, outside], picture[:, outside])
    assert np.abs(done - picture)[:, :, :30].mean() > 2 / 255


def test_a_grey_mask_makes_steps_smaller(network: Network, picture: Frame) -> None:
    config = DreamConfig(octaves=1, iterations=1, step_size=2.0, border_px=16, mask=read_region("grey.png"))
    dreamer = Dreamer(network, Targets(classes={"goldfish": 1.0}), config, CPU)
    full, half = (
        dreamer.dream(picture, maps={"grey.png": np.full(picture.shape[1:], level, np.float32)}) - picture
        for level in (1.0, 0.5)
    )
    np.testing.assert_allclose(half, full / 2, atol=1e-6)
    assert np.abs(full).mean() * 255 == pytest.approx(2.0, rel=0.02)


def test_a_mask_that_moved_lets_go_of_what_was_dreamt(network: Network, picture: Frame) -> None:
    last = dreamt(network, picture, mask="band:0-0.4")
    now = dreamt(network, picture, init=last, mask="band:0.6-1")
    here = computed_map(read_region("band:0.6-1"), picture) == 0
    assert np.array_equal(now[:, here], picture[:, here])


def test_a_mask_that_nobody_supplied_is_named(network: Network, picture: Frame) -> None:
    dreamer = Dreamer(network, Targets(), DreamConfig.model_validate({**SHORT, "mask": "water.png"}), CPU)
    with pytest.raises(ValueError, match=r"water\.png"):
        dreamer.dream(picture)


def test_a_dream_that_keeps_colour_changes_light_and_dark_alone(network: Network, picture: Frame) -> None:
    plain, kept = dreamt(network, picture), dreamt(network, picture, keep_colour=True)

    def hues(frame: Frame) -> NDArray[np.float64]:
        flat = frame.reshape(3, -1).T[::7]
        return np.array([colorsys.rgb_to_hsv(*map(float, rgb))[0] for rgb in flat])

    def turned(frame: Frame) -> float:
        away = np.abs(hues(frame) - hues(picture))
        return float(np.minimum(away, 1 - away).max())

    assert turned(kept) < 1e-3 < 0.05 < turned(plain)
    assert np.abs(kept - picture).mean() > 2 / 255


def test_steps_in_grey_reach_further_than_colour_taken_away_afterwards(
    network: Network, picture: Frame
) -> None:
    def score(frame: Frame) -> float:
        scores = network.dense().activations(torch.from_numpy(frame)[None], ["score"])["score"]
        return float(scores[0, 0].mean())

    afterwards = with_colours_of(
        torch.from_numpy(picture)[None], torch.from_numpy(dreamt(network, picture))[None]
    )
    assert score(picture) < score(afterwards[0].numpy()) < score(dreamt(network, picture, keep_colour=True))


@pytest.mark.parametrize(
    "keys",
    [{"blend": 0.5}, {"match_colour": 1.0}, {"keep_colour": True}, {"mask": "centre"}, {}],
    ids=lambda keys: next(iter(keys), "none"),
)
def test_carried_dreams_of_a_still_picture_do_not_pile_up(
    network: Network, picture: Frame, keys: dict[str, object]
) -> None:
    """A film carries a share of finished frames: after many, no more is changed than after some."""
    share, frame, changes = np.float32(0.3), picture, []
    dream = dreams(network, **keys)
    for _ in range(8):
        init = picture + share * (frame - picture)
        frame = dream(picture, init)
        changes.append(float(np.abs(frame - picture).mean()) * 255)
    assert changes[0] > 1
    assert changes[-1] < 1.1 * changes[3]
    if keys.get("blend"):
        assert changes[-1] < 0.7 * float(np.abs(dreamt(network, picture) - picture).mean()) * 255

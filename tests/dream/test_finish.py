"""The finish: colours, amount and mask, known by hand; and what they mean for a whole dream."""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from lucidreel.dream.config import DreamConfig
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.finish import finish, in_colours_of, matched
from lucidreel.dream.finish_config import FinishConfig
from lucidreel.dream.maps import parse_map
from lucidreel.dream.target_config import Targets
from lucidreel.models.network import Network

Frame = NDArray[np.float32]
CPU = torch.device("cpu")
SHORT = {"octaves": 2, "iterations": 4, "border_px": 16, "jitter_px": 8, "seed": 11, "step_size": 3.0}
LUMA = torch.tensor([0.2126, 0.7152, 0.0722]).view(3, 1, 1)
EVERYWHERE = torch.ones(1, 40, 50)


def colour(*rgb: float) -> Tensor:
    return torch.tensor(rgb).view(1, 3, 1, 1)


def noise(seed: int, *shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def luma(picture: Tensor) -> Tensor:
    return (picture * LUMA).sum(-3)


def test_nothing_is_done_by_default() -> None:
    dream, source = noise(1, 1, 3, 5, 6), noise(2, 1, 3, 5, 6)
    assert torch.equal(finish(dream, source, FinishConfig()), dream)


@pytest.mark.parametrize("blend", [0.0, 0.25, 1.0])
def test_blend_is_the_share_of_the_dream(blend: float) -> None:
    done = finish(colour(0.8, 0.2, 1.0), colour(0.4, 0.6, 0.0), FinishConfig(blend=blend))
    expected = colour(*(s + blend * (d - s) for d, s in ((0.8, 0.4), (0.2, 0.6), (1.0, 0.0))))
    torch.testing.assert_close(done, expected)


def test_a_blend_of_nothing_is_the_source_to_the_bit() -> None:
    dream, source = noise(1, 1, 3, 5, 6), noise(2, 1, 3, 5, 6)
    assert torch.equal(finish(dream, source, FinishConfig(blend=0.0)), source)


def test_kept_colour_has_the_dreams_luma_and_the_sources_differences_from_it() -> None:
    # Source luma 0.2126 * 0.6 + 0.7152 * 0.4 + 0.0722 * 0.2 = 0.42808.
    done = in_colours_of(colour(0.6, 0.4, 0.2), colour(0.5, 0.5, 0.5))
    torch.testing.assert_close(done, colour(0.5 + 0.17192, 0.5 - 0.02808, 0.5 - 0.22808))


def test_a_colour_without_room_becomes_paler_and_keeps_hue_and_brightness() -> None:
    source, dream = colour(1.0, 0.2, 0.2), colour(0.9, 0.9, 0.9)
    done = in_colours_of(source, dream)
    # Luma 0.37008, so red lies 0.62992 above it and has a tenth of room: 0.15875 of its colour is left.
    torch.testing.assert_close(done, colour(1.0, 0.9 - 0.027, 0.9 - 0.027), atol=1e-4, rtol=0)
    hue = [colorsys.rgb_to_hsv(*each.flatten().tolist())[0] for each in (source, done)]
    assert hue[0] == pytest.approx(hue[1], abs=1e-6)


def test_kept_colour_holds_hue_and_luma_for_any_two_pictures() -> None:
    source, dream = noise(3, 1, 3, 40, 50), noise(4, 1, 3, 40, 50)
    done = finish(dream, source, FinishConfig(keep_colour=True))
    assert done.min() >= 0 and done.max() <= 1
    torch.testing.assert_close(luma(done), luma(dream), atol=1e-5, rtol=0)
    own, kept = source - luma(source)[:, None], done - luma(done)[:, None]
    along = (own * kept).sum(1) / (own.norm(dim=1) * kept.norm(dim=1)).clamp(min=1e-9)
    assert along[kept.norm(dim=1) > 1e-3].min() > 0.999


def test_kept_colour_of_a_grey_source_is_grey() -> None:
    done = in_colours_of(torch.full((1, 3, 4, 4), 0.3), noise(5, 1, 3, 4, 4))
    torch.testing.assert_close(done[:, 0], done[:, 1], atol=1e-5, rtol=0)
    torch.testing.assert_close(done[:, 0], done[:, 2], atol=1e-5, rtol=0)


def statistics(picture: Tensor, weights: Tensor = EVERYWHERE) -> tuple[NDArray[np.float64], ...]:
    colours, shares = picture.double().flatten(1).numpy(), weights.flatten().numpy()
    return np.average(colours, axis=1, weights=shares), np.cov(colours, aweights=shares, ddof=0)


def coloured(seed: int, mean: float, *spread: tuple[float, float, float]) -> Tensor:
    """Return a (3, 40, 50) picture far from black and white, with correlated channels."""
    mixed = torch.einsum("ij,jhw->ihw", torch.tensor(spread), noise(seed, 3, 40, 50) - 0.5)
    return mixed + mean


DREAM = coloured(6, 0.6, (0.2, 0.1, 0.0), (0.0, 0.3, 0.0), (0.1, 0.0, 0.1))
SOURCE = coloured(7, 0.4, (0.1, 0.0, 0.0), (0.05, 0.1, 0.0), (0.0, 0.1, 0.2))


def test_matched_colours_have_the_sources_mean_and_covariance() -> None:
    done = matched(DREAM, SOURCE, EVERYWHERE)[0]
    for got, wanted in zip(statistics(done), statistics(SOURCE), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-5)
    assert np.abs(statistics(DREAM)[1] - statistics(SOURCE)[1]).max() > 1e-3


def test_one_channel_is_matched_by_its_mean_and_deviation() -> None:
    # Channels that do not depend on each other: 0.5 ± 0.1 becomes 0.4 ± 0.05, channel by channel.
    signs = torch.tensor([[1.0, 1, 1, 1, -1, -1, -1, -1], [1, 1, -1, -1, 1, 1, -1, -1], [1, -1] * 4])
    dream, source = 0.5 + 0.1 * signs[:, None], 0.4 - 0.05 * signs[:, None]
    done = matched(dream, source, torch.ones(1, 1, 8))[0]
    torch.testing.assert_close(done, 0.4 + 0.05 * signs[:, None], atol=1e-4, rtol=0)


def test_matching_a_picture_with_itself_changes_nothing() -> None:
    torch.testing.assert_close(matched(DREAM, DREAM, EVERYWHERE)[0], DREAM, atol=1e-5, rtol=0)


def test_half_of_a_match_is_half_of_the_way() -> None:
    full, half = (finish(DREAM[None], SOURCE[None], FinishConfig(match_colour=x)) for x in (1.0, 0.5))
    torch.testing.assert_close(half, (full + DREAM) / 2)


def test_a_grey_source_makes_a_coloured_dream_grey() -> None:
    grey = SOURCE[1:2].expand(3, -1, -1)
    done = matched(DREAM, grey, EVERYWHERE)[0]
    assert (done.amax(0) - done.amin(0)).max() < 3 / 255
    np.testing.assert_allclose(statistics(done)[0], statistics(grey)[0], atol=1e-5)


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_flat_pictures_are_matched_without_noise(level: float) -> None:
    done = matched(DREAM, torch.full_like(DREAM, level), EVERYWHERE)[0]
    assert (done - level).abs().max() < 2 / 255
    flat = matched(torch.full_like(DREAM, level), SOURCE, EVERYWHERE)[0]
    assert torch.isfinite(flat).all() and flat.std(dim=(1, 2)).max() < 1e-3


def test_colours_are_matched_over_the_mask_alone() -> None:
    mask = torch.zeros(1, 1, 40, 50)
    mask[..., :25] = 1
    dream = DREAM.clone()
    dream[..., 25:] = 0  # must not count
    done = finish(dream[None], SOURCE[None], FinishConfig(match_colour=1.0), mask)[0]
    for got, wanted in zip(statistics(done, mask), statistics(SOURCE, mask), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-5)
    assert torch.equal(done[..., 25:], SOURCE[..., 25:])


def test_an_empty_mask_gives_the_source() -> None:
    rule = FinishConfig(match_colour=1.0, keep_colour=True, blend=0.7)
    assert torch.equal(finish(DREAM[None], SOURCE[None], rule, torch.zeros(1, 1, 40, 50))[0], SOURCE)


def dreams(network: Network, **keys: object) -> Callable[..., Frame]:
    """Return what dreams shortly of goldfish, from a picture and an init; maps of `keys` are computed."""
    config = DreamConfig.model_validate({**SHORT, **keys})
    dreamer = Dreamer(network, Targets(classes={"goldfish": 1.0}), config, CPU)

    def dream(picture: Frame, init: Frame | None = None) -> Frame:
        maps = {config.mask: parse_map(config.mask).of(picture)} if config.mask else None
        return dreamer.dream(picture, init=init, maps=maps)

    return dream


def dreamt(network: Network, picture: Frame, init: Frame | None = None, **keys: object) -> Frame:
    return dreams(network, **keys)(picture, init)


@pytest.mark.parametrize("tiles", ["dense", "grid", "spiral", "random"])
def test_masked_pixels_stay_to_the_bit_and_the_rest_dreams(
    network: Network, picture: Frame, tiles: str
) -> None:
    done = dreamt(network, picture, mask="band:0-0.5", tiles=tiles, blur_px=0.5)
    outside = parse_map("band:0-0.5").of(picture) == 0
    assert outside.sum() > 1000
    assert np.array_equal(done[:, outside], picture[:, outside])
    assert np.abs(done - picture)[:, :, :30].mean() > 2 / 255


def test_a_grey_mask_makes_steps_smaller(network: Network, picture: Frame) -> None:
    config = DreamConfig(octaves=1, iterations=1, step_size=2.0, border_px=16, mask="grey.png")
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
    here = parse_map("band:0.6-1").of(picture) == 0
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

    afterwards = in_colours_of(
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

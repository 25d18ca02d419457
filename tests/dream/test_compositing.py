"""The finish: colours and amount, known by hand."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from lucidreel.dream.compositing import composite, match_colours, with_colours_of
from lucidreel.dream.config.compositing import CompositingConfig

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
    assert torch.equal(composite(dream, source, CompositingConfig()), dream)


@pytest.mark.parametrize("blend", [0.0, 0.25, 1.0])
def test_blend_is_the_share_of_the_dream(blend: float) -> None:
    done = composite(colour(0.8, 0.2, 1.0), colour(0.4, 0.6, 0.0), CompositingConfig(blend=blend))
    expected = colour(*(s + blend * (d - s) for d, s in ((0.8, 0.4), (0.2, 0.6), (1.0, 0.0))))
    torch.testing.assert_close(done, expected)


def test_a_blend_of_nothing_is_the_source_to_the_bit() -> None:
    dream, source = noise(1, 1, 3, 5, 6), noise(2, 1, 3, 5, 6)
    assert torch.equal(composite(dream, source, CompositingConfig(blend=0.0)), source)


def test_kept_colour_has_the_dreams_luma_and_the_sources_differences_from_it() -> None:
    # Source luma 0.2126 * 0.6 + 0.7152 * 0.4 + 0.0722 * 0.2 = 0.42808.
    done = with_colours_of(colour(0.6, 0.4, 0.2), colour(0.5, 0.5, 0.5))
    torch.testing.assert_close(done, colour(0.5 + 0.17192, 0.5 - 0.02808, 0.5 - 0.22808))


def test_a_colour_without_room_becomes_paler_and_keeps_hue_and_brightness() -> None:
    source, dream = colour(1.0, 0.2, 0.2), colour(0.9, 0.9, 0.9)
    done = with_colours_of(source, dream)
    # Luma 0.37008, so red lies 0.62992 above it and has a tenth of room: 0.15875 of its colour is left.
    torch.testing.assert_close(done, colour(1.0, 0.9 - 0.027, 0.9 - 0.027), atol=1e-4, rtol=0)
    hue = [colorsys.rgb_to_hsv(*each.flatten().tolist())[0] for each in (source, done)]
    assert hue[0] == pytest.approx(hue[1], abs=1e-6)


def test_kept_colour_holds_hue_and_luma_for_any_two_pictures() -> None:
    source, dream = noise(3, 1, 3, 40, 50), noise(4, 1, 3, 40, 50)
    done = composite(dream, source, CompositingConfig(keep_colour=True))
    assert done.min() >= 0 and done.max() <= 1
    torch.testing.assert_close(luma(done), luma(dream), atol=1e-5, rtol=0)
    own, kept = source - luma(source)[:, None], done - luma(done)[:, None]
    along = (own * kept).sum(1) / (own.norm(dim=1) * kept.norm(dim=1)).clamp(min=1e-9)
    assert along[kept.norm(dim=1) > 1e-3].min() > 0.999


def test_kept_colour_of_a_grey_source_is_grey() -> None:
    done = with_colours_of(torch.full((1, 3, 4, 4), 0.3), noise(5, 1, 3, 4, 4))
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
    done = match_colours(DREAM, SOURCE, EVERYWHERE)[0]
    for got, wanted in zip(statistics(done), statistics(SOURCE), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-5)
    assert np.abs(statistics(DREAM)[1] - statistics(SOURCE)[1]).max() > 1e-3


def test_one_channel_is_matched_by_its_mean_and_deviation() -> None:
    # Channels that do not depend on each other: 0.5 ± 0.1 becomes 0.4 ± 0.05, channel by channel.
    signs = torch.tensor([[1.0, 1, 1, 1, -1, -1, -1, -1], [1, 1, -1, -1, 1, 1, -1, -1], [1, -1] * 4])
    dream, source = 0.5 + 0.1 * signs[:, None], 0.4 - 0.05 * signs[:, None]
    done = match_colours(dream, source, torch.ones(1, 1, 8))[0]
    torch.testing.assert_close(done, 0.4 + 0.05 * signs[:, None], atol=1e-4, rtol=0)


def test_matching_a_picture_with_itself_changes_nothing() -> None:
    torch.testing.assert_close(match_colours(DREAM, DREAM, EVERYWHERE)[0], DREAM, atol=1e-5, rtol=0)


def test_half_of_a_match_is_half_of_the_way() -> None:
    full, half = (composite(DREAM[None], SOURCE[None], CompositingConfig(match_colour=x)) for x in (1.0, 0.5))
    torch.testing.assert_close(half, (full + DREAM) / 2)


def test_a_grey_source_makes_a_coloured_dream_grey() -> None:
    grey = SOURCE[1:2].expand(3, -1, -1)
    done = match_colours(DREAM, grey, EVERYWHERE)[0]
    assert (done.amax(0) - done.amin(0)).max() < 3 / 255
    np.testing.assert_allclose(statistics(done)[0], statistics(grey)[0], atol=1e-5)


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_flat_pictures_are_matched_without_noise(level: float) -> None:
    done = match_colours(DREAM, torch.full_like(DREAM, level), EVERYWHERE)[0]
    assert (done - level).abs().max() < 2 / 255
    flat = match_colours(torch.full_like(DREAM, level), SOURCE, EVERYWHERE)[0]
    assert torch.isfinite(flat).all() and flat.std(dim=(1, 2)).max() < 1e-3


def test_colours_are_matched_over_the_mask_alone() -> None:
    mask = torch.zeros(1, 1, 40, 50)
    mask[..., :25] = 1
    dream = DREAM.clone()
    dream[..., 25:] = 0  # must not count
    done = composite(dream[None], SOURCE[None], CompositingConfig(match_colour=1.0), mask)[0]
    for got, wanted in zip(statistics(done, mask), statistics(SOURCE, mask), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-5)
    assert torch.equal(done[..., 25:], SOURCE[..., 25:])


def test_an_empty_mask_gives_the_source() -> None:
    rule = CompositingConfig(match_colour=1.0, keep_colour=True, blend=0.7)
    assert torch.equal(composite(DREAM[None], SOURCE[None], rule, torch.zeros(1, 1, 40, 50))[0], SOURCE)

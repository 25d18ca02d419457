"""From a gradient to a step: unit size, momentum, headroom and colours."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from lucidreel.dream.config.step import StepConfig
from lucidreel.dream.reductions import normalise_
from lucidreel.dream.update.optimizer import Optimizer, decorrelation

ALL = (slice(None), slice(None))


def moved(
    picture: torch.Tensor, *gradients: torch.Tensor, step_size: float = 1.0, **config: Any
) -> torch.Tensor:
    """Return a picture after one step per gradient."""
    optimizer = Optimizer(picture.clone(), StepConfig(**config), source=picture)
    for gradient in gradients:
        optimizer.step(ALL, gradient.clone(), step_size)
    return optimizer.picture


def test_a_gradient_that_is_zero_moves_nothing() -> None:
    picture = torch.rand(1, 3, 8, 8)
    assert torch.equal(moved(picture, torch.zeros_like(picture), momentum=0.5, headroom=0.1), picture)


def test_unit_has_a_mean_absolute_value_of_one() -> None:
    assert float(normalise_(torch.randn(1, 3, 40, 40) * 1e-9).abs().mean()) == pytest.approx(1.0, rel=1e-5)


def test_a_step_moves_only_its_region() -> None:
    picture = torch.full((1, 3, 8, 8), 0.5)
    optimizer = Optimizer(picture, StepConfig())
    optimizer.step((slice(0, 4), slice(2, 6)), torch.ones(1, 3, 4, 4), 51.0)
    assert torch.allclose(picture[..., :4, 2:6], torch.tensor(0.7))
    picture[..., :4, 2:6] = 0.5
    assert torch.equal(picture, torch.full((1, 3, 8, 8), 0.5))


def test_headroom_slows_down_on_the_way_out_and_not_on_the_way_back() -> None:
    picture = torch.full((1, 3, 4, 4), 0.95)
    up, down = torch.ones_like(picture), -torch.ones_like(picture)
    assert torch.allclose(moved(picture, up, step_size=2.55, headroom=0.1), picture + 0.005)
    assert torch.allclose(moved(picture, down, step_size=2.55, headroom=0.1), picture - 0.01)


def test_many_steps_with_headroom_clip_nothing() -> None:
    picture = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(2)) * 0.9 + 0.05
    gradient = torch.randn(picture.shape, generator=torch.Generator().manual_seed(3))
    without, with_room = (moved(picture, *[gradient] * 60, step_size=4.0, headroom=x) for x in (0.0, 0.2))
    assert ((without == 0) | (without == 1)).float().mean() > 0.3
    assert with_room.min() > 0 and with_room.max() < 1


def test_momentum_goes_on_where_the_last_step_went() -> None:
    picture = torch.full((1, 3, 2, 2), 0.5)
    first = torch.zeros_like(picture)
    first[..., 0, :] = 1.0
    second = torch.zeros_like(picture)
    second[..., 1, :] = 1.0
    coasting = moved(picture, first, second, momentum=0.5) - moved(picture, first, momentum=0.5)
    assert torch.allclose(coasting[..., 0, :], coasting[..., 1, :] / 2)
    assert float(coasting.mean() * 255) == pytest.approx(1.0, rel=1e-3)


def test_decorrelated_steps_favour_light_over_colour() -> None:
    grey, red = torch.tensor([1.0, 1.0, 1.0]), torch.tensor([1.0, -0.5, -0.5])
    half, full = (
        float((decorrelation(amount) @ grey).norm() / (decorrelation(amount) @ red).norm())
        for amount in (0.5, 1.0)
    )
    assert float(grey.norm() / red.norm()) < half < full


def test_colours_not_decorrelated_stay_as_they_are() -> None:
    assert torch.allclose(decorrelation(0.0), torch.eye(3), atol=1e-6)


def test_pull_takes_a_share_of_the_way_back_at_every_step() -> None:
    picture = torch.full((1, 3, 4, 4), 0.5)
    still, up = torch.zeros_like(picture), torch.ones_like(picture)
    pulled = moved(picture, up, still, still, step_size=25.5, pull=0.5)
    assert torch.allclose(pulled, torch.tensor(0.5 + 0.1 * 0.25))


def test_total_variation_takes_specks_away_and_leaves_the_photo_as_it_was() -> None:
    photo = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(4)) * 0.5
    speck = torch.zeros_like(photo)
    speck[..., 8, 8] = 1.0
    assert torch.allclose(moved(photo, *[speck * 0] * 5, step_size=5.0, tv=0.5), photo, atol=1e-6)
    loud, quiet = (
        float((moved(photo, speck, speck * 0, step_size=0.2, tv=tv) - photo)[..., 8, 8].mean())
        for tv in (0.0, 0.5)
    )
    assert 0 < quiet < loud


def test_without_clip_values_leave_the_range() -> None:
    picture = torch.full((1, 3, 4, 4), 0.9)
    assert moved(picture, torch.ones_like(picture), step_size=51.0).max() == 1.0
    assert moved(picture, torch.ones_like(picture), step_size=51.0, clip=False).max() > 1.05


def test_blur_smooths_the_picture_after_the_step() -> None:
    picture = torch.rand(1, 3, 32, 32)
    optimizer = Optimizer(picture.clone(), StepConfig())
    optimizer.step(ALL, torch.zeros_like(picture), 1.0, blur_px=2.0)
    assert optimizer.picture.std() < picture.std() / 3
    assert float(optimizer.picture.mean()) == pytest.approx(float(picture.mean()), abs=0.02)


def test_without_clipping_there_is_no_headroom() -> None:
    picture, up = torch.full((1, 3, 4, 4), 0.999), torch.ones(1, 3, 4, 4)
    assert torch.equal(moved(picture, up, clip=False, headroom=0.2), moved(picture, up, clip=False))


def test_grey_steps_are_grey_with_headroom_and_decorrelated_colours() -> None:
    picture = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(2)) * 0.8 + 0.1
    optimizer = Optimizer(picture.clone(), StepConfig(headroom=0.2, decorrelate=0.5), grey=True)
    optimizer.step(ALL, torch.randn(1, 1, 16, 16).expand(1, 3, 16, 16).clone(), 1.0)
    change = optimizer.picture - picture
    assert torch.allclose(change, change.mean(1, keepdim=True), atol=1e-6) and change.abs().max() > 1e-3


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize(
    "config",
    [
        {},
        {"headroom": 0.0},
        {"momentum": 0.7, "headroom": 0.3},
        {"clip": False, "momentum": 0.5},
        {"decorrelate": 0.5},
    ],
)
def test_compiled_steps_are_those_of_pytorch(config: dict[str, Any], grey: bool, masked: bool) -> None:
    random = torch.Generator().manual_seed(5)
    picture, gradients = (
        torch.rand(1, 3, 90, 400, generator=random),
        torch.randn(3, 1, 3, 80, 390, generator=random),
    )
    gradients[:, :, :, ::7] = 0
    mask = torch.rand(1, 1, 90, 400, generator=random) if masked else None
    ends = []
    for dtype in (torch.float32, torch.float64):  # the compiled loops know float32 alone
        moving = picture.to(dtype, copy=True)
        optimizer = Optimizer(
            moving, StepConfig(**config), mask=mask if mask is None else mask.to(dtype), grey=grey
        )
        for gradient in gradients:
            optimizer.step((slice(4, 84), slice(7, 397)), gradient.to(dtype, copy=True) * 1e-3, 20.0)
        ends.append(moving.double())
    assert (ends[0] - picture).abs().max() > 0.02
    assert torch.allclose(ends[0], ends[1], rtol=0, atol=2e-6)


def test_compiled_steps_are_the_same_with_any_number_of_threads() -> None:
    picture, gradient = torch.rand(1, 3, 301, 257), torch.randn(1, 3, 301, 257)
    threads = torch.get_num_threads()
    try:
        ends = []
        for number in (1, 3):
            torch.set_num_threads(number)
            ends.append(moved(picture, gradient, gradient.flip(-1), momentum=0.5))
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(ends[0], ends[1])


def test_a_gradient_that_is_no_number_is_not_hidden() -> None:
    picture, gradient = torch.full((1, 3, 8, 8), 0.5), torch.ones(1, 3, 8, 8)
    gradient[0, 0, 0, 0] = torch.nan
    assert moved(picture, gradient).isnan().all()

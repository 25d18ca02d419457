"""Blur of the picture, and the gradient of total variation."""

from __future__ import annotations

import math

import pytest
import torch

from lucidreel.dream.update.regularizers import gaussian_blur, total_variation_gradient


def test_blur_is_gaussian_and_keeps_the_sum() -> None:
    impulse = torch.zeros(1, 3, 41, 41)
    impulse[..., 20, 20] = 1.0
    result = gaussian_blur(impulse, 2.0)[0, 1]
    assert result[20, 23] / result[20, 20] == pytest.approx(math.exp(-9 / 8), rel=1e-4)
    assert float(result.sum()) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (3, 40)])
def test_blur_of_a_flat_picture_is_that_picture_however_small(shape: tuple[int, int]) -> None:
    flat = torch.full((1, 3, *shape), 0.3)
    assert torch.allclose(gaussian_blur(flat, 5.0), flat)


def test_variation_gradient_is_the_derivative_of_total_variation() -> None:
    added = torch.rand(1, 3, 7, 9, generator=torch.Generator().manual_seed(1)).double().requires_grad_(True)
    down = torch.nn.functional.pad(added[..., 1:, :] - added[..., :-1, :], (0, 0, 0, 1))
    right = torch.nn.functional.pad(added[..., :, 1:] - added[..., :, :-1], (0, 1))
    total = ((down**2 + right**2).sum(1) + (4 / 255) ** 2).sqrt().sum()
    (expected,) = torch.autograd.grad(total, added)
    assert torch.allclose(total_variation_gradient(added.detach()), expected, atol=1e-9)


def test_following_total_variation_settles_instead_of_swinging() -> None:
    added = 0.02 * torch.randn(1, 3, 24, 24, generator=torch.Generator().manual_seed(2))
    for _ in range(60):
        added = added - total_variation_gradient(added) / 255
    assert total_variation_gradient(added).abs().mean() < 0.1

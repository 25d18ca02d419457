"""Octave sizes, resizing, and the weighted spectrum of the gradient."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.dream.octaves import octave_sizes, resize
from lucidreel.dream.smoothing import smoothed


def test_octaves_fall_by_the_scale_and_end_at_full_size() -> None:
    assert octave_sizes(480, 640, 3, 2.0) == [(120, 160), (240, 320), (480, 640)]


@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 12), st.floats(1.05, 4))
def test_octaves_grow_steadily_and_never_vanish(height: int, width: int, octaves: int, scale: float) -> None:
    sizes = octave_sizes(height, width, octaves, scale)
    assert len(sizes) == octaves
    assert sizes[-1] == (height, width)
    assert sizes == sorted(sizes)
    assert min(min(size) for size in sizes) >= min(16, height, width)


def test_resize_keeps_a_flat_picture_flat() -> None:
    flat = torch.full((1, 3, 31, 17), 0.3)
    for size in ((10, 9), (62, 40), (10, 40)):
        assert torch.allclose(resize(flat, size), torch.full((1, 3, *size), 0.3), atol=1e-6)


def test_shrinking_averages_instead_of_picking_pixels() -> None:
    checkerboard = ((torch.arange(64)[:, None] + torch.arange(64)) % 2).float().expand(1, 3, 64, 64)
    assert (resize(checkerboard, (16, 16)) - 0.5).abs().max() < 0.05


def test_spectrum_zero_leaves_the_gradient_alone() -> None:
    gradient = torch.randn(1, 3, 20, 30)
    assert smoothed(gradient, 0.0, 0.0) is gradient


@pytest.mark.parametrize("spectrum", [0.4, 1.0])
def test_waves_are_weighed_by_their_frequency_to_the_power(spectrum: float) -> None:
    """A wave four times as long comes out 4^p times as strong."""
    place = torch.arange(128.0)
    waves = [torch.cos(2 * math.pi * k * place / 128).expand(1, 3, 128, 128) for k in (4, 16)]
    slow, fast = (smoothed(wave, spectrum, 0.0).abs().max() for wave in waves)
    assert slow / fast == pytest.approx(4**spectrum, rel=1e-4)


def test_sigma_blurs_like_a_gaussian() -> None:
    impulse = torch.zeros(1, 3, 65, 65)
    impulse[..., 32, 32] = 1.0
    blurred = smoothed(impulse, 0.0, 2.0)[0, 0]
    expected = math.exp(-(3**2) / (2 * 2.0**2))
    assert blurred[32, 35] / blurred[32, 32] == pytest.approx(expected, rel=1e-3)
    assert float(blurred.sum()) == pytest.approx(1.0, abs=1e-4)

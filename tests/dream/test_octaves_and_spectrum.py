"""Octave sizes, resizing, and the weighted spectrum of the gradient."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.dream.config.step import Gradient
from lucidreel.dream.octaves import octave_sizes, resize
from lucidreel.dream.spectrum import SpectralFilter


def test_octaves_fall_by_the_scale_and_end_at_full_size() -> None:
    assert octave_sizes(480, 640, [2.0] * 3) == [(120, 160), (240, 320), (480, 640)]


@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 12), st.floats(1.05, 4))
def test_octaves_grow_steadily_and_never_vanish(height: int, width: int, octaves: int, scale: float) -> None:
    sizes = octave_sizes(height, width, [scale] * octaves)
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
    assert torch.equal(SpectralFilter("plain", 0.0)(gradient.clone()), gradient)


def test_a_part_is_weighed_with_its_surroundings_and_no_further() -> None:
    gradient = torch.randn(1, 3, 96, 150, generator=torch.Generator().manual_seed(0))
    part = (slice(40, 60), slice(0, 150))
    whole, alone, far = gradient.clone(), gradient.clone(), gradient.clone()
    far[..., 95, :] += 100.0  # 35 rows below the part
    weighed = SpectralFilter("plain", 0.4)(alone, 0.0, part)
    assert torch.equal(weighed, SpectralFilter("plain", 0.4)(far, 0.0, part))
    off = weighed - SpectralFilter("plain", 0.4)(whole)[(..., *part)]
    assert off.square().mean() < 0.02 * weighed.square().mean()


@pytest.mark.parametrize("spectrum", [0.4, 1.0])
def test_waves_are_weighed_by_their_frequency_to_the_power(spectrum: float) -> None:
    """A wave four times as long comes out 4^p times as strong."""
    slow, fast = (SpectralFilter("plain", spectrum)(wave(k)).abs().max() for k in (4, 16))
    assert slow / fast == pytest.approx(4**spectrum, rel=1e-4)


def test_sigma_blurs_like_a_gaussian() -> None:
    impulse = torch.zeros(1, 3, 65, 65)
    impulse[..., 32, 32] = 1.0
    blurred = SpectralFilter("plain", 0.0)(impulse, 2.0)[0, 0]
    expected = math.exp(-(3**2) / (2 * 2.0**2))
    assert blurred[32, 35] / blurred[32, 32] == pytest.approx(expected, rel=1e-3)
    assert float(blurred.sum()) == pytest.approx(1.0, abs=1e-4)


def test_scales_are_the_mean_of_three_blurs() -> None:
    noise = torch.randn(1, 3, 48, 40)
    plain = SpectralFilter("plain", 0.0)
    expected = torch.stack([plain(noise.clone(), sigma) for sigma in (0.5, 1.0, 2.0)]).mean(0)
    assert torch.allclose(SpectralFilter("scales", 0.0)(noise), expected, atol=1e-5)


def test_laplacian_brings_a_faint_wave_near_a_loud_one_of_another_size() -> None:
    both = wave(2) + 0.1 * wave(48)
    levelled = torch.fft.rfft(SpectralFilter("laplacian", 0.0)(both)[0, 0, 0]).abs()
    assert 0.4 < levelled[48] / levelled[2] < 2.5


def test_laplacian_makes_gradients_of_any_size_the_same() -> None:
    noise = torch.randn(1, 3, 48, 40)
    large, small = (SpectralFilter("laplacian", 0.0)(noise * size) for size in (1e3, 1e-25))
    assert torch.allclose(large, small, rtol=1e-3, atol=1e-6)


def test_fourier_brings_every_frequency_to_the_size_of_the_spectrum_asked_for() -> None:
    both = wave(50) + 1e-3 * wave(5)
    whitened = torch.fft.rfft(SpectralFilter("fourier", 1.0)(both)[0, 0, 0]).abs()
    assert whitened[5] / whitened[50] == pytest.approx(10.0, rel=1e-2)


def test_fourier_remembers_how_large_a_frequency_was() -> None:
    smoothing = SpectralFilter("fourier", 0.0)
    first = smoothing(wave(5) + wave(50)).abs().max()
    again = torch.fft.rfft(smoothing(wave(5) + 0.1 * wave(50))[0, 0, 0]).abs()
    assert first > 0
    assert again[50] < 0.5 * again[5]


@pytest.mark.parametrize("sigma_px", [0.0, 0.8])
@pytest.mark.parametrize("gradient", ["plain", "scales"])
@pytest.mark.parametrize("size", [(1, 1), (5, 6), (6, 5), (64, 90), (97, 101), (240, 300)])
def test_the_short_way_on_a_cpu_gives_what_the_usual_one_does(
    size: tuple[int, int], gradient: Gradient, sigma_px: float
) -> None:
    noise = torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(1))
    part = (slice(size[0] // 5, size[0]), slice(0, size[1] - size[1] // 7))
    short = SpectralFilter(gradient, 0.4)(noise, sigma_px, part)
    usual = SpectralFilter(gradient, 0.4)(noise.double(), sigma_px, part)  # which is for float32 alone
    assert usual.std() > 0.1 or size == (1, 1)
    assert torch.allclose(short.double(), usual, rtol=0, atol=1e-5)


@pytest.mark.parametrize("gradient", ["plain", "scales", "laplacian", "fourier"])
def test_a_gradient_that_is_zero_stays_zero(gradient: Gradient) -> None:
    assert torch.equal(SpectralFilter(gradient, 0.5)(torch.zeros(1, 3, 20, 21)), torch.zeros(1, 3, 20, 21))


def wave(k: int) -> torch.Tensor:
    """Return k waves across 128 x 128 pixels."""
    return torch.cos(2 * math.pi * k * torch.arange(128.0) / 128).repeat(1, 3, 128, 1)

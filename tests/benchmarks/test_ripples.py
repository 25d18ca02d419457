"""Ripples with a known answer: waves of one period, and a grid of dots."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.benchmarks.ripples import (
    Dreams,
    enlarged,
    lattice,
    measure_ripples,
    parse_crop,
    power_spectrum,
)
from lucidreel.render.frames.frames import Picture

GREY = np.full((3, 96, 128), 0.5, np.float32)


def _waves(period_px: float, height: float) -> Picture:
    """Return upright waves of that period over grey, `height` levels of 255 from the middle to the crest."""
    wave = np.sin(np.arange(GREY.shape[2]) * 2 * np.pi / period_px)
    return np.asarray(GREY + wave * height / 255, np.float32)


def _noise() -> NDArray[np.float64]:
    return np.random.default_rng(4).normal(0, 10, GREY.shape[1:])


def test_waves_of_four_pixels_are_ripples_of_their_own_strength() -> None:
    found = measure_ripples(_waves(4, 20), GREY)
    assert found.ripples == pytest.approx(20 / np.sqrt(2), rel=0.05)
    assert found.share > 50


@pytest.mark.parametrize("period_px", [16, 2.4])
def test_waves_that_are_broader_or_finer_are_none(period_px: float) -> None:
    assert measure_ripples(_waves(period_px, 20), GREY).ripples < 1


def test_broad_waves_beside_ripples_lower_their_share_alone() -> None:
    both = _waves(4, 20) + _waves(16, 40) - GREY
    found = measure_ripples(both, GREY)
    assert found.share == pytest.approx(0.25, rel=0.1)
    assert found.ripples == pytest.approx(20 / np.sqrt(2), rel=0.05)


def test_a_picture_that_was_not_changed_has_no_ripples() -> None:
    found = measure_ripples(GREY, GREY)
    assert (found.ripples, found.share) == (0, 0)


def test_the_powers_of_all_frequencies_add_up_to_the_variance() -> None:
    noise = _noise()
    assert power_spectrum(noise)[0].sum() == pytest.approx(noise.var(), rel=0.1)


@pytest.mark.parametrize("period_px", [4, 8, 16])
def test_dots_on_a_strides_grid_stand_out_and_noise_or_other_periods_do_not(period_px: int) -> None:
    noise, dots = _noise(), np.zeros(GREY.shape[1:])
    assert lattice(noise) < 2.5
    dots[::period_px, ::period_px] = 5.0 * period_px
    assert lattice(noise + dots) > 4
    others = np.zeros(GREY.shape[1:])
    others[::7, ::7] = 35
    assert lattice(noise + others) < 4


def test_a_crop_is_enlarged_pixel_by_pixel() -> None:
    picture = np.arange(3 * 6 * 8, dtype=np.float32).reshape(3, 6, 8)
    shown = enlarged(picture, parse_crop("2,1,3,4"))
    assert shown.shape == (3, 16, 12)
    assert np.array_equal(shown[:, ::4, ::4], picture[:, 1:5, 2:5])
    assert np.array_equal(shown[:, 3::4, 3::4], picture[:, 1:5, 2:5])


def test_a_line_has_the_means_over_its_dreams() -> None:
    one, two = _waves(4, 10), _waves(4, 30)
    line = Dreams("both", [one, two], [GREY, GREY]).line(None).split()
    each = [measure_ripples(dream, GREY).ripples for dream in (one, two)]
    assert line[0] == "both" and float(line[1]) == pytest.approx(np.mean(each), abs=0.01)

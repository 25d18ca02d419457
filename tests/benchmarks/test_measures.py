"""The benchmark's measures, on pictures whose measures are known by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.benchmarks.grid import autocorrelation, strongest_grid
from lucidreel.benchmarks.measures import (
    clipped,
    colour_drifts,
    detail_kept,
    grain,
    levels,
    measure,
    neon,
    psnr_db,
    rim_against_inside,
)

HEIGHT, WIDTH = 120, 160


def grey(level: float) -> NDArray[np.float64]:
    return np.full((3, HEIGHT, WIDTH), level)


def noise(seed: int = 0, spread: float = 20.0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0, spread, (3, HEIGHT, WIDTH))


def test_psnr_of_a_change_by_one_level_is_48_13_db() -> None:
    assert psnr_db(grey(101), grey(100)) == pytest.approx(48.1308, abs=1e-4)


def test_psnr_of_an_unchanged_picture_is_infinite() -> None:
    assert psnr_db(grey(100), grey(100)) == float("inf")


def test_a_pixel_is_clipped_when_any_channel_is_at_a_limit() -> None:
    picture = grey(100)
    picture[0, 0, 0] = 255
    picture[2, 0, 1] = 0
    picture[:, 0, 2] = 254
    assert clipped(picture).sum() == 2
    assert clipped(picture)[0, :2].all()


def test_pixels_that_the_photo_had_clipped_are_not_newly_clipped() -> None:
    source = np.full((3, HEIGHT, WIDTH), 0.5, dtype=np.float32)
    source[:, : HEIGHT // 2] = 1.0
    dream = source.copy()
    dream[1, -HEIGHT // 4 :] = 0.0
    found = measure(dream, source)
    assert found.clipped == pytest.approx(0.75)
    assert found.newly_clipped == pytest.approx(0.25)


def test_levels_are_those_of_the_file() -> None:
    assert levels(np.array([[[0.001, 0.5, 1.2]]], dtype=np.float32)).tolist() == [[[0.0, 128.0, 255.0]]]


def test_a_border_that_changes_half_as_much_measures_a_half() -> None:
    change = noise()
    change[:, 16:-16, 16:-16] *= 2
    around = rim_against_inside(grey(128) + change, grey(128))
    assert around[0] == pytest.approx(0.5, rel=0.05)
    assert around[1] == pytest.approx(0.5, rel=0.05)


def test_a_border_that_turned_grey_has_lost_its_contrast() -> None:
    photo = grey(128) + noise()
    dream = photo.copy()
    border = np.ones((HEIGHT, WIDTH), dtype=bool)
    border[16:-16, 16:-16] = False
    dream[:, border] = 128 + (photo[:, border] - 128) / 4
    assert rim_against_inside(dream, photo)[2] == pytest.approx(0.25)


def test_an_unchanged_picture_has_an_even_border() -> None:
    assert rim_against_inside(grey(5) + noise(), grey(5) + noise()) == (1.0, 1.0, 1.0)


def test_a_tint_is_drift_and_fine_noise_is_not() -> None:
    tint = np.zeros((3, HEIGHT, WIDTH))
    tint[0] = 30
    assert colour_drifts(tint)[:2] == pytest.approx((30 / 3**0.5, 30 / 3**0.5))
    assert max(colour_drifts(noise())) < 1


def test_a_brighter_picture_drifts_without_colour() -> None:
    assert colour_drifts(np.full((3, HEIGHT, WIDTH), 10.0)) == pytest.approx((10, 10, 0), abs=1e-9)


def test_twice_the_noise_is_twice_the_grain() -> None:
    assert grain(grey(100) + 2 * noise(), grey(100) + noise()) == pytest.approx(2)


def test_only_colours_far_apart_are_neon() -> None:
    picture = grey(20)
    picture[0, 0] = 224
    picture[0, 1] = 223
    assert neon(picture)[:2].all(axis=1).tolist() == [True, False]


def test_detail_counts_where_the_picture_changed_least() -> None:
    photo = grey(128) + noise()
    dream = photo.copy()
    dream[:, :, : WIDTH // 2] = 128 + noise(1)[:, :, : WIDTH // 2]
    assert detail_kept(dream, photo) == pytest.approx(1)
    assert detail_kept(grey(128) + noise(1), photo) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("period", [16, 32])
def test_a_grid_is_found_at_its_period(period: int) -> None:
    change = np.random.default_rng(0).normal(0, 1, (240, 320))
    change[:, ::period] += 2
    peak = strongest_grid(change, (8, 16, 32, 64))
    assert peak.axis == "x"
    assert peak.period_px % period == 0
    assert peak.z > 8


def test_objects_on_half_a_tile_are_found() -> None:
    rows, columns = np.mgrid[:480, :640]
    blobs = np.exp(-(((columns % 113) - 56) ** 2 + ((rows % 113) - 56) ** 2) / 200)
    change = np.random.default_rng(0).normal(0, 0.2, (480, 640)) + blobs
    assert strongest_grid(change, (113,)).z > 5


@pytest.mark.parametrize("seed", range(8))
def test_what_has_no_grid_shows_none(seed: int) -> None:
    from scipy.ndimage import gaussian_filter

    change = gaussian_filter(np.random.default_rng(seed).normal(0, 1, (480, 640)), 6)
    assert strongest_grid(change).z < 6


def test_the_autocorrelation_of_stripes_is_one_at_their_period() -> None:
    stripes = np.tile(np.array([1.0, -1.0, -1.0, 1.0]), (8, 16))
    assert autocorrelation(stripes)[[0, 2, 4]] == pytest.approx([1, -1, 1], abs=0.05)


def test_periods_that_do_not_fit_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="fits twice"):
        strongest_grid(np.zeros((40, 40)), (32,))

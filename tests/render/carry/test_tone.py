"""Tone: matched fully, a picture has the colours of another in every octave; not at all, it is untouched."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from lucidreel.render.carry.tone import Tone, match_tone
from lucidreel.render.frames.frames import Picture
from lucidreel.render.frames.noise import new_detail, noise_picture

SIZES = pytest.mark.parametrize(("width", "height"), [(96, 54), (61, 47), (16, 16), (1000, 16)])


def soft(width: int, height: int, seed: int = 0, contrast: float = 0.5) -> Picture:
    """Return noise that stays far from black and white."""
    return np.asarray(0.5 + contrast * (noise_picture(width, height, seed) - 0.5), np.float32)


def covariance(picture: Picture) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(np.cov(picture.reshape(3, -1).astype(np.float64), bias=True))


@SIZES
def test_held_by_nothing_a_picture_is_the_same_to_the_bit(width: int, height: int) -> None:
    picture = soft(width, height)
    np.testing.assert_array_equal(match_tone(picture, Tone.of(soft(width, height, 1)), 0.0), picture)


@SIZES
def test_a_picture_held_to_its_own_tone_stays_as_it_is(width: int, height: int) -> None:
    picture = soft(width, height)
    for amount in (0.3, 1.0):
        np.testing.assert_allclose(match_tone(picture, Tone.of(picture), amount), picture, atol=2e-6)


def test_held_fully_every_octave_has_the_spread_of_the_tone() -> None:
    """Another picture, paler and sharper, comes to the same statistics; what it shows stays its own."""
    aim = soft(96, 54, 1)
    grain = np.random.default_rng(3).standard_normal((3, 54, 96), dtype=np.float32)
    picture = soft(96, 54, 2, 0.4) + np.float32(0.003) * grain
    result = match_tone(picture, Tone.of(aim), 1.0)
    assert result.mean((1, 2)) == pytest.approx(aim.mean((1, 2)), abs=1e-3)
    np.testing.assert_allclose(covariance(result), covariance(aim), rtol=0.01, atol=1e-5)
    for sigma_px in (1, 4):
        low, high = (
            gaussian_filter(result, (0, sigma_px, sigma_px)),
            gaussian_filter(aim, (0, sigma_px, sigma_px)),
        )
        assert (result - low).std() == pytest.approx(float((aim - high).std()), rel=0.15)
    assert np.corrcoef(result.ravel(), picture.ravel())[0, 1] > 0.8


def test_half_of_the_way_is_between() -> None:
    picture, aim = soft(96, 54, 2, 0.2), soft(96, 54, 1, 0.4)
    spreads = [float(match_tone(picture, Tone.of(aim), amount).std()) for amount in (0, 0.25, 0.5, 1)]
    assert spreads == sorted(spreads) and spreads[0] < 0.6 * spreads[-1]


@pytest.mark.parametrize("level", [0.0, 0.4, 1.0])
def test_a_flat_picture_takes_on_the_mean_and_nothing_else(level: float) -> None:
    flat = np.full((3, 54, 96), level, np.float32)
    aim = soft(96, 54)
    result = match_tone(flat, Tone.of(aim), 1.0)
    assert result.std((1, 2)).max() < 1e-5
    assert result.mean((1, 2)) == pytest.approx(aim.mean((1, 2)), abs=1e-3)
    assert match_tone(aim, Tone.of(flat), 1.0).std() < 0.75 * aim.std()


def test_what_is_held_stays_in_range() -> None:
    harsh = (np.random.default_rng(0).random((3, 54, 96)) > 0.5).astype(np.float32)
    for picture, aim in ((soft(96, 54), harsh), (harsh, soft(96, 54))):
        result = match_tone(picture, Tone.of(aim), 1.0)
        assert result.dtype == np.float32 and result.min() >= 0 and result.max() <= 1


def test_new_detail_is_the_same_for_the_same_frame_and_new_in_the_next() -> None:
    first, again, next_ = (new_detail((54, 96), 1.02, 16, number) for number in (3, 3, 4))
    assert first is not None and again is not None and next_ is not None
    np.testing.assert_array_equal(first, again)
    assert abs(np.corrcoef(first.ravel(), next_.ravel())[0, 1]) < 0.1


def test_as_much_is_born_per_second_whatever_the_frame_rate() -> None:
    rates = {}
    for frames in (12, 48):
        born = [new_detail((54, 96), 1.5 ** (1 / frames), 16, number) for number in range(frames)]
        rates[frames] = float(np.sum([each for each in born if each is not None], axis=0).std())
    assert rates[12] == pytest.approx(rates[48], rel=0.15)


@pytest.mark.parametrize(("stretch", "amount"), [(1.0, 16.0), (0.9, 16.0), (1.1, 0.0)])
def test_nothing_is_born_where_nothing_comes_nearer(stretch: float, amount: float) -> None:
    assert new_detail((54, 96), stretch, amount, 1) is None


def test_a_tiny_picture_may_have_no_room_for_what_is_born() -> None:
    born = new_detail((16, 16), 1.1, 16, 1)
    assert born is not None and np.isfinite(born).all()


def test_a_film_that_is_held_on_and_on_is_not_cut_at_black_and_white() -> None:
    """A picture of two levels, whose tone takes half of the range to either side, spread over soft forms."""
    halves = np.full((3, 54, 96), 0.1, np.float32)
    halves[:, :, 48:] = 0.9
    tone, picture = Tone.of(halves), soft(96, 54)
    for _ in range(20):
        picture = match_tone(picture, tone, 1.0)
    shown = np.rint(picture * 255)
    assert picture.std() > 0.75 * halves.std()
    assert ((shown <= 0) | (shown >= 255)).mean() < 0.05

"""Loops over whole pictures do what their formulas say, on any number of rows."""

from __future__ import annotations

import numpy as np
import pytest

from lucidreel.dream.quantize import quantized, rgb24, rgb48
from lucidreel.render.frames.frames import Map, Picture
from lucidreel.render.frames.pixels import damped, laid_over


def noise(seed: int, height: int, width: int) -> Picture:
    """Return a picture that goes a little beyond 0 and 1."""
    rng = np.random.default_rng(seed)
    return (rng.random((3, height, width)) * 1.4 - 0.2).astype(np.float32)


SIZES = pytest.mark.parametrize(("height", "width"), [(1, 1), (5, 7), (181, 240)])


@SIZES
def test_residuals_are_laid_over_the_source_in_part_and_whole(height: int, width: int) -> None:
    source, residual = noise(1, height, width), noise(2, height, width)
    share: Map = np.random.default_rng(3).random((height, width), dtype=np.float32)
    part, whole = laid_over(source, residual, share, 0.8)
    np.testing.assert_allclose(part, np.clip(source + 0.8 * share * residual, 0, 1), atol=1e-6)
    np.testing.assert_allclose(whole, np.clip(source + share * residual, 0, 1), atol=1e-6)


@SIZES
def test_dreams_are_smoothed_by_the_map(height: int, width: int) -> None:
    dream, picture = noise(1, height, width), noise(2, height, width)
    amount: Map = np.random.default_rng(3).random((height, width), dtype=np.float32)
    amount[0, 0] = 0
    result = damped(dream, picture, amount)
    np.testing.assert_allclose(result, (1 - amount) * dream + amount * picture, atol=1e-6)
    np.testing.assert_array_equal(result[:, 0, 0], dream[:, 0, 0])


@SIZES
def test_levels_are_the_nearest_ones(height: int, width: int) -> None:
    picture = noise(4, height, width)
    cut = np.clip(picture, 0, 1).astype(np.float64).transpose(1, 2, 0)
    assert np.abs(rgb24(picture) - cut * 255).max() <= 0.5001
    assert np.abs(rgb48(picture) - cut * 65535).max() <= 0.51
    assert np.abs(rgb48(picture, 1023, 64) / 64 - cut * 1023).max() <= 0.501
    np.testing.assert_array_equal(rgb48(quantized(picture)), rgb48(picture))


def test_pictures_that_lie_otherwise_in_memory_become_the_same_levels() -> None:
    picture = noise(5, 9, 11)
    turned = np.asfortranarray(picture)
    np.testing.assert_array_equal(rgb24(turned), rgb24(picture))
    np.testing.assert_array_equal(rgb48(picture[:, ::2, ::-1]), rgb48(picture)[::2, ::-1])

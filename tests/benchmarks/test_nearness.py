"""Dreams are compared at equal nearness to their photos."""

from __future__ import annotations

import numpy as np
import pytest

from lucidreel.benchmarks.measures import levels, psnr_db
from lucidreel.benchmarks.nearness import at_psnr


@pytest.mark.parametrize("change", [0.01, 0.1, 0.4])
def test_a_change_is_scaled_to_the_nearness_asked_for(change: float) -> None:
    random = np.random.default_rng(0)
    source = random.uniform(0.3, 0.7, (3, 40, 50)).astype(np.float32)
    dream = source + np.float32(change) * random.standard_normal(source.shape).astype(np.float32)
    scaled, factor = at_psnr(dream, source, 23.0)
    assert psnr_db(levels(scaled), levels(source)) == pytest.approx(23.0, abs=0.05)
    assert (factor > 1) == (change < 0.07)  # 23 dB are 0.0708 of the range


def test_what_does_not_fit_the_range_is_cut() -> None:
    source = np.full((3, 8, 8), 0.95, dtype=np.float32)
    source[:, :4] = 0.5
    scaled, _ = at_psnr(source + np.float32(0.04), source, 20.0)
    assert (scaled[:, 4:].max(), scaled.min() >= 0.5) == (1.0, True)


def test_a_dream_without_change_stays_its_photo() -> None:
    source = np.full((3, 4, 4), 0.5, dtype=np.float32)
    scaled, factor = at_psnr(source.copy(), source, 23.0)
    assert np.array_equal(scaled, source)
    assert factor == 1.0

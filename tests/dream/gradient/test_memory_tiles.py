"""Cutting windows into tiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.dream.gradient.memory_tiles import cut
from lucidreel.errors import OutOfMemoryError


@given(
    rows=st.integers(4, 60),
    columns=st.integers(4, 60),
    stride=st.sampled_from([1, 2, 8, 16]),
    halo=st.integers(0, 40),
    share=st.floats(0.05, 1.2),
)
def test_cores_cover_every_pixel_once_and_halos_reach_far_enough(
    rows: int, columns: int, stride: int, halo: int, share: float
) -> None:
    height, width = rows * stride, columns * stride
    limit = int(height * width * share)
    try:
        tiles = cut(height, width, limit, stride, halo)
    except OutOfMemoryError:
        return
    covered = np.zeros((height, width), int)
    for tile in tiles:
        covered[tile.rows.core, tile.columns.core] += 1
        for span, length in ((tile.rows, height), (tile.columns, width)):
            assert span.outer.start % stride == 0
            assert span.outer.start == 0 or span.core.start - span.outer.start >= halo
            assert span.outer.stop == length or span.outer.stop - span.core.stop >= halo
        outer = (tile.rows.outer.stop - tile.rows.outer.start) * (
            tile.columns.outer.stop - tile.columns.outer.start
        )
        assert outer <= limit
    assert (covered == 1).all()


def test_window_that_fits_is_one_tile() -> None:
    assert len(cut(480, 640, 480 * 640, 16, 200)) == 1


def test_window_that_fits_when_halved_is_two_tiles() -> None:
    assert len(cut(1024, 1024, 1024 * (512 + 64), 16, 64)) == 2


def test_tiles_that_are_nearly_all_halo_are_refused() -> None:
    with pytest.raises(OutOfMemoryError, match=r"\d+ times over: allow more memory"):
        cut(2000, 2000, 440 * 440, 16, 200)


def test_memory_too_small_for_a_halo_says_what_is_needed() -> None:
    with pytest.raises(OutOfMemoryError, match=r"0\.19 megapixels.*halo of 200 px.*--memory"):
        cut(4000, 4000, 100_000, 16, 200)

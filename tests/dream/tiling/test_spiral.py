"""The seed's rings of tiles."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.dream.tiling.spiral import spiral


def test_a_frame_of_640_x_480_takes_the_seeds_25_tiles_from_its_centre_outwards() -> None:
    corners = spiral((480, 640), (227, 227))
    assert len(corners) == 25
    assert corners[0] == (126, 206)
    assert corners[1:5] == [(13, 93), (240, 93), (240, 320), (13, 320)]
    assert corners[5:13] == [
        (-101, -21), (126, -21), (353, -21), (353, 206), (353, 433), (126, 433), (-101, 433), (-101, 206),
    ]  # fmt: skip


def test_a_picture_of_the_tiles_size_is_one_tile() -> None:
    assert spiral((48, 48), (48, 48)) == [(0, 0)]


@given(height=st.integers(1, 300), width=st.integers(1, 300), tile=st.integers(1, 90))
def test_every_pixel_lies_under_a_tile_and_every_tile_over_a_pixel(
    height: int, width: int, tile: int
) -> None:
    if height * width > 2000 * tile * tile:
        return
    covered = np.zeros((height, width), int)
    for top, left in spiral((height, width), (tile, tile)):
        under = covered[max(0, top) : max(0, top + tile), max(0, left) : max(0, left + tile)]
        assert under.size > 0
        under += 1
    assert covered.min() >= 1

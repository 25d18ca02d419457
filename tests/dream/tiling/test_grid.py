"""Overlapping tiles of the network's size."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.dream.tiling.grid import Grid, blend_weights, tile_step

from .plain_gradient import PlainGradient, options


@given(tile=st.integers(4, 300))
def test_weights_of_neighbouring_tiles_add_up_to_one(tile: int) -> None:
    weights, step = blend_weights(tile), tile_step(tile)
    assert weights.shape == (tile,)
    assert weights.min() > 0
    row = torch.zeros(tile + 2 * step)
    for start in (0, step, 2 * step):
        row[start : start + tile] += weights
    assert torch.allclose(row[tile - step : tile + step], torch.ones(2 * step), atol=1e-6)


@given(height=st.integers(1, 200), width=st.integers(1, 200), number=st.integers(0, 50))
def test_the_view_is_whole_tiles_and_holds_picture_and_border(height: int, width: int, number: int) -> None:
    (view,) = Grid(PlainGradient(), options(tile=48)).views((height, width), 4, (0, 0), number)
    assert view.region == (slice(0, height), slice(0, width))
    for length, size, before in zip((height, width), view.size, view.before, strict=True):
        assert (size - 48) % tile_step(48) == 0
        assert before >= 10
        assert size - before - length >= 10


def test_the_grid_lies_elsewhere_at_every_step_over_a_whole_tile_step() -> None:
    grid = Grid(PlainGradient(), options(tile=48))
    places = {view.before for number in range(300) for view in grid.views((90, 90), 0, (0, 0), number)}
    assert len(places) > 250
    assert {top % tile_step(48) for top, _ in places} == set(range(tile_step(48)))


@pytest.mark.parametrize("max_pixels", [1, 48 * 48 * 3, 10**9])
def test_blended_tiles_have_no_seam_however_many_go_at_once(max_pixels: int) -> None:
    plain = PlainGradient(max_pixels)
    window = torch.rand(1, 3, 48 + 3 * 36, 48 + 4 * 36)
    whole_map = torch.rand(1, 1, *window.shape[-2:])
    blended = Grid(plain, options(tile=48)).gradient(window, (1.0,), {"map": whole_map})
    assert torch.allclose(blended, window + whole_map, atol=1e-5)
    assert sum(plain.batches) == 20
    assert max(plain.batches) * 48 * 48 <= max(max_pixels, 48 * 48)

"""Strips of large pictures, and that what is done in them is what would be done at once."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.dream.config.step import StepConfig
from lucidreel.dream.reductions import row_chunks
from lucidreel.dream.update.optimizer import Optimizer, headroom_left
from lucidreel.dream.update.regularizers import add_total_variation_gradient_, total_variation_gradient


@given(height=st.integers(1, 3000))
def test_strips_cover_every_row_once_and_in_order(height: int) -> None:
    assert [row for rows in row_chunks(height) for row in range(rows.start, rows.stop)] == list(range(height))


@pytest.mark.parametrize("height", [1, 512, 513, 1100])
def test_total_variation_in_strips_has_no_seam(height: int) -> None:
    added = torch.randn(1, 3, height, 5, generator=torch.Generator().manual_seed(1)) / 20
    change = torch.ones_like(added)
    add_total_variation_gradient_(change, added, -0.5)
    assert torch.allclose(change, 1 - 0.5 * total_variation_gradient(added), atol=1e-6)


def test_headroom_in_strips_has_no_seam() -> None:
    picture = torch.rand(1, 3, 1100, 4, generator=torch.Generator().manual_seed(2))
    optimizer = Optimizer(picture.clone(), StepConfig(headroom=0.2))
    optimizer.step((slice(None), slice(None)), torch.ones_like(picture), 10.0)
    step = torch.full_like(picture, 10.0 / 255)
    assert torch.allclose(
        optimizer.picture, (picture + step * headroom_left(picture, step, 0.2)).clamp(0, 1), atol=1e-6
    )

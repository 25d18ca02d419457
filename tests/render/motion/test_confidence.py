"""One rule of confidence: given the same numbers, arrays and tensors are judged alike, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lucidreel.render.motion.confidence import inside, is_unlike, returns
from lucidreel.render.settings.flow import FlowConfig

RULES = [FlowConfig(), FlowConfig(tolerance=0.3, slack_px2=0, fill_levels=1)]


def planes(count: int, deviation: float) -> list[NDArray[np.float32]]:
    rng = np.random.default_rng(count)
    return [rng.normal(0, deviation, (60, 80)).astype(np.float32) for _ in range(count)]


@pytest.mark.parametrize("rule", RULES)
def test_flows_agree_in_tensors_where_they_agree_in_arrays(rule: FlowConfig) -> None:
    x, y, off_x, off_y = planes(4, 1.0)
    arrays = [3 * x, 3 * y, off_x - 3 * x, off_y - 3 * y]
    tensors = [torch.from_numpy(each) for each in arrays]
    agree = returns((arrays[0], arrays[1]), (arrays[2], arrays[3]), rule)
    assert 0.05 < agree.mean() < 0.95
    ours = returns((tensors[0], tensors[1]), (tensors[2], tensors[3]), rule)
    np.testing.assert_array_equal(ours.numpy(), agree)


@pytest.mark.parametrize("rule", RULES)
def test_greys_are_as_unlike_in_tensors_as_in_arrays(rule: FlowConfig) -> None:
    difference, gradient = planes(2, 6.0)
    unlike = is_unlike(difference, abs(gradient), rule)
    assert 0.05 < unlike.mean() < 0.95
    ours = is_unlike(torch.from_numpy(difference), torch.from_numpy(gradient).abs(), rule)
    np.testing.assert_array_equal(ours.numpy(), unlike)


def test_the_last_row_and_column_are_inside_and_what_is_beyond_is_not() -> None:
    x, y = np.array([0, 79, 79.1, -0.1, 5, 5], np.float32), np.array([0, 59, 5, 5, 59.1, -0.1], np.float32)
    assert inside(x, y, 60, 80).tolist() == [True, True, False, False, False, False]

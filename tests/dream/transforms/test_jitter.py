"""Shifts: few of them see every phase of a network's strides."""

from __future__ import annotations

import numpy as np
import pytest

from lucidreel.dream.transforms.jitter import draw_transforms

Shift = tuple[int, int]


def _shifts(seed: int, steps: int, jitter_px: int) -> list[Shift]:
    return [
        transform.shift
        for transform in draw_transforms(np.random.default_rng(seed), steps, jitter_px, 0.0, 0.0)
    ]


def _phases(shifts: list[Shift], stride: int) -> set[Shift]:
    return {(y % stride, x % stride) for y, x in shifts}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("jitter_px", [15, 32, 50])
def test_steps_in_a_row_see_other_phases_of_every_stride(seed: int, jitter_px: int) -> None:
    shifts = _shifts(seed, 40, jitter_px)
    for first in range(0, 40, 4):
        assert len(_phases(shifts[first : first + 4], 2)) == 4
    for first in (0, 16):
        for stride in (4, 8, 16):
            assert len(_phases(shifts[first : first + 16], stride)) == 16


def test_four_steps_lie_well_apart_in_strides_of_eight_and_sixteen() -> None:
    for stride, apart in ((8, 3), (16, 5)):
        shifts = _shifts(1, 4, 32)
        for axis in (0, 1):
            ways = [abs(a[axis] - b[axis]) % stride for a in shifts for b in shifts]
            assert {min(way, stride - way) for way in ways} == {0, apart}


@pytest.mark.parametrize("jitter_px", [0, 1, 2, 5, 14, 15, 16, 33])
def test_shifts_reach_from_nothing_to_the_jitter_and_no_further(jitter_px: int) -> None:
    shifts = _shifts(3, 2000, jitter_px)
    assert {value for shift in shifts for value in shift} == set(range(jitter_px + 1))


def test_another_seed_begins_elsewhere_and_no_steps_are_no_moves() -> None:
    assert _shifts(1, 12, 32) == _shifts(1, 12, 32) != _shifts(2, 12, 32)
    assert _shifts(1, 0, 32) == []

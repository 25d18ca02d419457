"""Deepdraw's random crops."""

from __future__ import annotations

import numpy as np
import pytest

from lucidreel.dream.tiling.random_crops import RandomCrops, crops_per_step

from .plain_gradient import PlainGradient, options


@pytest.mark.parametrize(
    ("picture", "crops"), [((227, 227), 1), ((268, 268), 1), ((322, 322), 2), ((480, 640), 6), ((9, 9), 1)]
)
def test_a_step_takes_as_many_crops_as_have_the_pictures_area(picture: tuple[int, int], crops: int) -> None:
    assert crops_per_step(picture, (227, 227)) == crops


def test_crops_stay_inside_reach_every_pixel_and_favour_the_middle() -> None:
    covered = np.zeros((100, 150), int)
    tiling = RandomCrops(PlainGradient(), options(tile=48))
    for number in range(400):
        for view in tiling.views((100, 150), 8, (3, 3), number):
            rows, columns = view.region
            assert (rows.stop - rows.start, columns.stop - columns.start) == view.size == (48, 48)
            covered[rows, columns] += 1
    assert covered.min() >= 1
    assert covered[50, 75] > 3 * covered[8, 8]


def test_a_picture_smaller_than_a_crop_lies_in_its_middle() -> None:
    (view,) = RandomCrops(PlainGradient(), options(tile=48)).views((20, 31), 0, (0, 0), 0)
    assert view.size == (48, 48)
    assert view.before == (14, 9)
    assert view.region == (slice(0, 20), slice(0, 31))

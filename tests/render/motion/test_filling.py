"""Flow for flat places, from what is around them; what is new stays new."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lucidreel.render.frames.frames import Picture
from lucidreel.render.motion.opencv_confidence import filled
from lucidreel.render.motion.opencv_flow import OpenCVFlowEstimator
from lucidreel.render.settings.flow import FlowConfig

from ..textured import textured

RULE = FlowConfig(softness_px=0)
GREY = np.full((60, 80), 100, np.uint8)


def _hole(right_px: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a field that is wild in a hole, and its confidence."""
    back, confidence = np.zeros((60, 80, 2), np.float32), np.ones((60, 80), np.float32)
    back[..., 0] = -right_px
    back[20:40, 30:50], confidence[20:40, 30:50] = 17, 0
    return back, confidence


def test_a_flat_hole_takes_the_flow_of_what_is_around_it() -> None:
    back, confidence = filled(*_hole(3), GREY, GREY, RULE)
    np.testing.assert_allclose(back[20:40, 30:50], np.broadcast_to((-3, 0), (20, 20, 2)), atol=1e-4)
    assert confidence[20:40, 30:50].min() == 1


def test_believed_flow_stays_as_it_is_to_the_bit() -> None:
    before, confidence = _hole(3)
    after, _ = filled(before, confidence, GREY, GREY, RULE)
    np.testing.assert_array_equal(after[confidence == 1], before[confidence == 1])


def test_a_hole_that_shows_something_else_stays_new() -> None:
    other = GREY.copy()
    other[20:40, 30:50] = 120
    back, confidence = filled(*_hole(0), other, GREY, RULE)
    assert confidence[23:37, 33:47].max() == 0 and back[23:37, 33:47].min() == 17


def test_nothing_is_filled_without_levels_or_where_nothing_is_known() -> None:
    _, confidence = filled(*_hole(3), GREY, GREY, FlowConfig(fill_levels=0))
    assert confidence[20:40, 30:50].max() == 0
    wild, nowhere = np.full((60, 80, 2), 9, np.float32), np.zeros((60, 80), np.float32)
    back, confidence = filled(wild, nowhere, GREY, GREY, RULE)
    assert confidence.max() == 0 and back.min() == 9


def test_what_leads_out_of_the_picture_stays_new() -> None:
    back, confidence = np.zeros((60, 80, 2), np.float32), np.ones((60, 80), np.float32)
    back[..., 0], confidence[:, 70:] = 12, 0
    _, mended = filled(back, confidence, GREY, GREY, RULE)
    assert mended[:, 70:].max() == 0


def _panned(seed: int, flat: float) -> tuple[Picture, Picture]:
    """Return a pan over clouds with a nearly flat wall in their midst, under a little noise."""
    whole = textured(seed, width=166)
    whole[:, 20:100, 30:130] = flat
    noise = np.random.default_rng(seed)
    before, now = (
        (whole[:, :, at : at + 160] + noise.normal(0, 0.006, (3, 120, 160))).astype(np.float32)
        for at in (0, 6)
    )
    return before, now


def test_a_noisy_wall_in_a_pan_is_carried_along() -> None:
    before, now = _panned(5, 0.5)
    doubted = OpenCVFlowEstimator(FlowConfig(softness_px=0, fill_levels=0)).between(before, now)
    flow = OpenCVFlowEstimator(RULE).between(before, now)
    wall = (slice(26, 94), slice(30, 118))
    new, still_new = 1 - doubted.confidence[wall].mean(), 1 - flow.confidence[wall].mean()
    assert new > 0.04 and still_new < new / 4


def test_what_a_dark_thing_uncovers_of_a_wall_is_not_carried_from_the_thing() -> None:
    before, now = _panned(6, 0.6)
    before[:, 40:80, 50:80], now[:, 40:80, 60:90] = 0.1, 0.1  # it goes right while the wall goes left
    flow = OpenCVFlowEstimator(RULE).between(before, now)
    dark = np.zeros((1, 120, 160), np.float32)
    dark[:, 40:80, 50:80] = 1
    left_behind = (flow.carried(dark)[0] * flow.confidence)[44:76, 46:57]
    assert left_behind.mean() < 0.1

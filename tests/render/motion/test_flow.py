"""Flow between frames, known by construction, and what the flow carry makes of it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.render.carry.carry import Dreamt
from lucidreel.render.carry.flow_carry import FlowCarry
from lucidreel.render.carry.history import History
from lucidreel.render.frames.frames import Frame, Picture
from lucidreel.render.loop import dream_from
from lucidreel.render.motion.flow import Flow, still_flow
from lucidreel.render.motion.flow_field import lengths
from lucidreel.render.motion.opencv_confidence import consistent
from lucidreel.render.motion.opencv_flow import OpenCVFlowEstimator
from lucidreel.render.settings.flow import FlowConfig

from ..stand_in import Asked, StandIn
from ..textured import WIDTH, textured


def placed(values: NDArray[np.float32], away: int) -> NDArray[np.float32]:
    """Return the same values so many bytes behind a multiple of 64."""
    room = np.empty(values.nbytes + 128, np.uint8)
    first = -room.ctypes.data % 64 + away
    there = room[first : first + values.nbytes].view(np.float32).reshape(values.shape)
    there[:] = values
    return there


def test_lengths_do_not_hang_on_where_in_memory_vectors_lie() -> None:
    across, down = np.random.default_rng(2).normal(0, 5, (2, 71, 97)).astype(np.float32)
    measured = lengths(across, down)
    np.testing.assert_allclose(measured, np.hypot(across, down), rtol=1e-6)
    for away in range(0, 64, 4):
        assert np.array_equal(lengths(placed(across, away), placed(down, 16)), measured)


def test_a_pan_is_measured_everywhere_and_what_comes_in_is_new() -> None:
    whole = textured(width=WIDTH + 8)
    before, now = whole[:, :, :WIDTH], whole[:, :, 8:]  # the camera turns right: content goes left
    flow = OpenCVFlowEstimator(FlowConfig(softness_px=0)).between(before, now)
    inside = (slice(8, -8), slice(8, -24))
    np.testing.assert_allclose(flow.back_px[(*inside, 0)], 8, atol=0.3)
    np.testing.assert_allclose(flow.back_px[(*inside, 1)], 0, atol=0.3)
    assert flow.confidence[inside].mean() > 0.99
    assert flow.confidence[:, -7:].mean() < 0.05
    assert np.abs(flow.carried(before) - now)[:, 8:-8, 8:-24].mean() < 0.01


def test_large_frames_are_measured_small_with_flow_in_their_own_pixels() -> None:
    whole = textured(height=240, width=328)
    before, now = whole[:, :, :320], whole[:, :, 8:]
    flow = OpenCVFlowEstimator(FlowConfig(size_px=160)).between(before, now)
    assert flow.back_px.shape == (240, 320, 2) and flow.confidence.shape == (240, 320)
    assert float(np.median(flow.back_px[..., 0])) == pytest.approx(8, abs=0.5)


def test_long_narrow_frames_are_not_measured_smaller_than_their_motion_can_be_seen() -> None:
    whole = textured(height=48, width=648)
    before, now = whole[:, :, :640], whole[:, :, 8:]
    flow = OpenCVFlowEstimator(FlowConfig(size_px=160)).between(before, now)
    assert float(np.median(flow.back_px[..., 0])) == pytest.approx(8, abs=0.5)


def test_what_something_moving_uncovers_is_not_believed() -> None:
    ground, thing = textured(1), textured(2)
    before, now = ground.copy(), ground.copy()
    before[:, 40:80, 40:80] = thing[:, 40:80, 40:80]
    now[:, 40:80, 46:86] = thing[:, 40:80, 40:80]
    confidence = OpenCVFlowEstimator(FlowConfig(softness_px=0)).between(before, now).confidence
    assert confidence[44:76, 41:45].mean() < 0.3  # uncovered
    assert confidence[46:74, 52:80].mean() > 0.9  # the thing itself
    assert confidence[:, 110:].mean() > 0.95  # ground far away


def test_flow_that_does_not_return_is_not_believed() -> None:
    back = np.zeros((32, 32, 2), np.float32)
    back[..., 0] = 3
    rule = FlowConfig()
    assert consistent(back, -back, rule)[:, :28].min() == 1
    assert consistent(back, back, rule).max() == 0
    assert consistent(back, -back, rule)[:, 29:].max() == 0  # led beyond the border
    assert consistent(back, -1.2 * back, FlowConfig(tolerance=0, slack_px2=0.3)).max() == 0


def test_soft_edges_never_reach_into_what_is_new() -> None:
    ground, thing = textured(1), textured(2)
    before, now = ground.copy(), ground.copy()
    now[:, 30:90, 40:110] = thing[:, 30:90, 40:110]
    hard = OpenCVFlowEstimator(FlowConfig(softness_px=0)).between(before, now).confidence
    soft = OpenCVFlowEstimator(FlowConfig(softness_px=2)).between(before, now).confidence
    assert (soft <= hard).all() and (soft < hard).any() and soft.max() > 0.99


def test_still_pictures_lie_still() -> None:
    picture = textured()
    flow = OpenCVFlowEstimator(FlowConfig()).between(picture, picture)
    np.testing.assert_allclose(flow.back_px, 0, atol=1e-3)
    assert flow.confidence.min() > 0.999
    np.testing.assert_allclose(flow.carried(picture), picture, atol=2e-3)


def _flow(back_x: float, confidence: float) -> Flow:
    back = np.zeros((8, 8, 2), np.float32)
    back[..., 0] = back_x
    return Flow(back, np.full((8, 8), confidence, np.float32))


def _grey(level: float, index: int) -> Frame:
    return Frame(index, Fraction(index, 25), np.full((3, 8, 8), level, np.float32))


def test_residual_moves_with_the_source_and_only_where_it_is_believed() -> None:
    last = _grey(0.5, 0)
    dreamt = last.picture.copy()
    dreamt[:, :, 5] += 0.4
    carry = FlowCarry(FlowConfig(strength=0.5, disocclusion_share=0))
    start = carry.start(_grey(0.3, 1), Dreamt(last, dreamt), _flow(2, 1))
    assert start.init is not None and start.iterations_share == FlowConfig().iterations_share
    np.testing.assert_allclose(start.init[:, :, 3], 0.3 + 0.5 * 0.4, atol=1e-5)
    np.testing.assert_allclose(start.init[:, :, 5:], 0.3, atol=1e-5)
    start = carry.start(_grey(0.3, 1), Dreamt(last, dreamt), _flow(2, 0))
    assert start.init is not None
    np.testing.assert_allclose(start.init, 0.3, atol=1e-6)


def _aged(age: float) -> Dreamt:
    """Return a grey frame with a dream that has been there for so many frames."""
    before = _grey(0.5, 0)
    begun = History.begun(before.picture)
    aged = History(begun.age + np.float32(age), begun.look)
    return Dreamt(before, _grey(0.6, 0).picture, aged.maps)


def test_what_stands_still_is_damped_more_than_what_moves_and_what_is_new_not_at_all() -> None:
    carry = FlowCarry(FlowConfig(strength=0.5, hold=0.4, hold_still=0.8, settling_frames=0))
    for back_x, confidence, amount in ((0, 1, 0.8), (-0.25, 1, 0.6), (3, 1, 0.4), (3, 0.5, 0.2), (0, 0, 0)):
        damping = carry.start(_grey(0.5, 1), _aged(0), _flow(back_x, confidence)).damping
        assert damping is not None
        np.testing.assert_allclose(damping.amount, amount, atol=1e-6)
        np.testing.assert_allclose(damping.target, 0.5 + confidence * 0.1, atol=1e-6)


def test_a_dream_settles_the_longer_it_has_been_there() -> None:
    carry = FlowCarry(FlowConfig(hold_new=0.4, hold=0.8, hold_still=0.9, settling_frames=10))
    cases = ((0, 0, 1 - 0.6 * 10 / 11), (0, 9, 0.7), (5, 9, 0.7), (0, 200, 0.9), (5, 200, 0.8))
    for back_x, age, amount in cases:
        damping = carry.start(_grey(0.5, 1), _aged(age), _flow(back_x, 1)).damping
        assert damping is not None
        np.testing.assert_allclose(damping.amount, amount, atol=1e-6)


def test_hold_counts_where_it_is_more_or_less_than_what_would_be_damped_otherwise() -> None:
    for hold, age, amount in ((0.9, 90, 0.9), (0.2, 0, 0.2), (0, 90, 0)):
        carry = FlowCarry(FlowConfig(hold=hold, hold_new=0.4, hold_still=0.0, settling_frames=1))
        damping = carry.start(_grey(0.5, 1), _aged(age), _flow(0, 1)).damping
        assert damping is not None
        np.testing.assert_allclose(damping.amount, amount, atol=1e-6)


def test_what_dissolves_is_carried_on_no_more_and_gets_extra_work() -> None:
    carry = FlowCarry(FlowConfig(strength=0.9, likeness=0.8))
    before, after = (Frame(index, Fraction(index), textured(index, 64, 64)) for index in (0, 1))
    dreamt = Dreamt(before, np.minimum(before.picture + np.float32(0.1), 1))
    start = carry.start(after, dreamt, still_flow(after.picture))
    assert start.init is not None and start.history is not None and start.fill is not None
    assert np.abs(start.init - after.picture).mean() < 0.002
    assert History.of(start.history).age.mean() < 0.1 and start.fill.where.mean() > 0.95
    kept = FlowCarry(FlowConfig(strength=0.9, likeness=0)).start(after, dreamt, still_flow(after.picture))
    assert kept.init is not None and np.abs(kept.init - after.picture).mean() > 0.05


def test_new_regions_are_filled_and_known_ones_are_not() -> None:
    carry = FlowCarry(FlowConfig(disocclusion_share=0.6))
    last = Dreamt(_grey(0.5, 0), _grey(0.6, 0).picture)
    assert carry.start(_grey(0.5, 1), last, _flow(0, 1)).fill is None
    fill = carry.start(_grey(0.5, 1), last, _flow(3, 0.25)).fill
    assert fill is not None and fill.iterations_share == 0.6
    np.testing.assert_allclose(fill.where, 0.75)


def test_first_frame_of_a_shot_starts_from_itself_with_all_iterations() -> None:
    start = FlowCarry(FlowConfig()).start(_grey(0.4, 7), None, None)
    assert start.init is None and start.iterations_share == 1 and start.damping is None
    assert (start.spectrum_added, start.sigma_added_px) == (0, 0)


def test_frames_that_carry_a_dream_are_dreamt_with_broader_strokes_in_extra_work_too() -> None:
    asked: list[Asked] = []

    def dream(one: Asked) -> Picture:
        asked.append(one)
        return one.start

    carry = FlowCarry(FlowConfig(spectrum_added=0.75, sigma_added_px=0.5))
    start = carry.start(_grey(0.5, 1), Dreamt(_grey(0.5, 0), _grey(0.6, 0).picture), _flow(3, 0.25))
    dream_from(StandIn(dream), start, {})
    assert [(each.spectrum_added, each.sigma_added_px) for each in asked] == [(0.75, 0.5)] * 2
    assert [each.where is not None for each in asked] == [True, False]

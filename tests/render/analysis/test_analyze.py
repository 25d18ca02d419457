"""What is known about a frame before it is dreamt, and what the loop does with it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from lucidreel.dream.quantize import quantized
from lucidreel.render.analysis.analyze import Analyzer
from lucidreel.render.carry.blend import BlendCarry
from lucidreel.render.carry.carry import Damping, Start
from lucidreel.render.carry.disocclusion import DisocclusionFill
from lucidreel.render.carry.flow_carry import FlowCarry
from lucidreel.render.frames.frames import FilmFormat, Frame, Picture
from lucidreel.render.loop import Resumption, dream_from, render_frames
from lucidreel.render.motion.flow import Flow
from lucidreel.render.settings.flow import FlowConfig

from ..stand_in import Asked, Gathered, StandIn


def _still_flow(before: Picture, now: Picture) -> Flow:
    return Flow(np.zeros((4, 4, 2), np.float32), np.ones((4, 4), np.float32))


class Levels:
    """A film of grey frames."""

    def __init__(self, *levels: float) -> None:
        self._levels = levels
        self.film = FilmFormat(4, 4, Fraction(1, 25), Fraction(1, 25), len(levels))

    def frames(self, first: int = 0) -> Iterator[Frame]:
        for index in range(first, len(self._levels)):
            level = self._levels[index]
            yield Frame(index, Fraction(index, 25), np.full((3, 4, 4), level, np.float32))


def brightened(asked: Asked) -> Picture:
    """Dream a tenth brighter."""
    return asked.start + np.float32(0.1) * (np.float32(1) if asked.where is None else asked.where)


class SameAsLast:
    """Repeats are pictures equal to the kept one, or nearly so."""

    def __init__(self, nearly: float = 0.0) -> None:
        self._nearly = nearly
        self._kept: Picture | None = None
        self._newest: Picture | None = None

    def is_repeat(self, picture: Picture) -> bool:
        self._newest = picture
        return self._kept is not None and bool(abs(self._kept - picture).max() <= self._nearly)

    def keep(self) -> None:
        self._kept = self._newest


def test_carry_begins_anew_at_a_cut() -> None:
    sink = Gathered()
    analyzer = Analyzer(cuts=[2])
    render_frames(Levels(0, 0, 0, 0), BlendCarry(1.0), StandIn(brightened), lambda: sink, analyzer=analyzer)
    assert sink.levels == [0.1, 0.2, 0.1, 0.2]


def test_repeats_take_over_the_dream_and_leave_no_trace() -> None:
    sink, dreamer = Gathered(), StandIn(brightened)
    analyzer = Analyzer(estimate_flow=_still_flow, repeats=SameAsLast)
    carry = FlowCarry(FlowConfig(strength=1, hold=0, hold_still=0, iterations_share=0.5))
    render_frames(Levels(0.2, 0.2, 0.2, 0.5), carry, dreamer, lambda: sink, analyzer=analyzer)
    assert sink.levels == [0.3, 0.3, 0.3, 0.7]
    assert dreamer.shares == [1, 0.5]
    assert [frame.repeats for frame in sink.frames] == [False, True, True, False]


def test_a_cut_between_equal_frames_is_dreamt() -> None:
    seen = list(
        Analyzer(cuts=[1], repeats=SameAsLast).analyze((f, {}) for f in Levels(0.5, 0.5, 0.5).frames())
    )
    assert [each.begins_shot for each in seen] == [True, True, False]
    assert [each.frame.repeats for each in seen] == [False, False, True]


def test_a_repeat_under_another_map_is_dreamt() -> None:
    maps = [np.full((4, 4), level, np.float32) for level in (0.2, 0.2, 0.7)]
    frames = ((frame, {"mask.mp4": each}) for frame, each in zip(Levels(0, 0, 0).frames(), maps, strict=True))
    assert [each.frame.repeats for each in Analyzer(repeats=SameAsLast).analyze(frames)] == [
        False,
        True,
        False,
    ]


def test_flow_leads_from_each_frame_to_the_last_that_was_dreamt() -> None:
    asked: list[tuple[float, float]] = []

    def measure(before: Picture, now: Picture) -> Flow:
        asked.append((round(float(before.mean()), 2), round(float(now.mean()), 2)))
        return _still_flow(before, now)

    frames: Iterator[tuple[Frame, dict[str, Picture]]] = (
        (frame, {}) for frame in Levels(0.1, 0.1, 0.3, 0.4, 0.5).frames()
    )
    seen = list(Analyzer(cuts=[3], estimate_flow=measure, repeats=SameAsLast).analyze(frames))
    assert asked == [(0.1, 0.3), (0.4, 0.5)]
    assert [each.flow is not None for each in seen] == [False, False, True, False, True]


def test_catching_up_comes_first_and_only_where_it_is_asked_for() -> None:
    image = np.zeros((3, 4, 4), np.float32)
    where = np.zeros((4, 4), np.float32)
    where[:, 2:] = 1
    dreamer = StandIn(brightened)
    picture = dream_from(dreamer, Start(image, image, 0.5, DisocclusionFill(where, 0.25)), {})
    assert dreamer.shares == [0.25, 0.5]
    np.testing.assert_allclose(picture[:, :, :2], 0.1, atol=1e-5)
    np.testing.assert_allclose(picture[:, :, 2:], 0.2, atol=1e-5)


def test_dreams_are_smoothed_towards_what_is_carried() -> None:
    image = np.zeros((3, 4, 4), np.float32)
    damping = Damping(image + np.float32(0.8), np.full((4, 4), 0.75, np.float32))
    picture = dream_from(StandIn(brightened), Start(image, image + np.float32(0.4), damping=damping), {})
    np.testing.assert_allclose(picture, 0.25 * 0.5 + 0.75 * 0.8, atol=1e-5)


def test_nothing_is_smoothed_where_the_mask_is_black() -> None:
    image = np.full((3, 4, 4), 0.2, np.float32)
    mask = np.zeros((4, 4), np.float32)
    mask[:, 2:] = 1
    damping = Damping(image + np.float32(0.4), np.full((4, 4), 0.5, np.float32))
    picture = dream_from(StandIn(brightened), Start(image, damping=damping), {"shape.png": mask}, "shape.png")
    np.testing.assert_array_equal(picture[:, :, :2], quantized(image + np.float32(0.1))[:, :, :2])
    np.testing.assert_allclose(picture[:, :, 2:], 0.5 * 0.3 + 0.5 * 0.6, atol=1e-5)


@pytest.mark.parametrize("cuts", [(), (1, 3), (1, 2, 4)])
def test_a_resumed_render_goes_on_with_the_frames_of_an_uninterrupted_one(cuts: tuple[int, ...]) -> None:
    levels = (0.1, 0.14, 0.16, 0.2, 0.24, 0.3)
    carry = FlowCarry(FlowConfig(strength=0.9, hold=0.25))

    def render(resumption: Resumption | None) -> Gathered:
        sink = Gathered()
        analyzer = Analyzer(cuts, _still_flow, partial(SameAsLast, nearly=0.05))
        count, length_s = render_frames(
            Levels(*levels),
            carry,
            StandIn(brightened),
            lambda: sink,
            analyzer=analyzer,
            resumption=resumption,
        )
        assert (count, length_s) == (6, Fraction(6, 25))
        return sink

    whole = render(None).frames
    for next_index in range(1, 7):
        dreamt = max(frame.index for frame in whole[:next_index] if not frame.repeats)
        rest = render(Resumption(next_index, dreamt, whole[dreamt].picture, whole[dreamt].history)).frames
        assert [frame.index for frame in rest] == list(range(next_index, 6))
        for ours, theirs in zip(rest, whole[next_index:], strict=True):
            np.testing.assert_array_equal(ours.picture, theirs.picture)


def test_repeats_are_the_same_from_any_dreamt_frame_on_where_a_map_changes_over_nearly_equal_ones() -> None:
    masks = [np.full((4, 4), level, np.float32) for level in (0.2, 0.7, 0.7, 0.7, 0.2, 0.2)]
    frames = [
        (frame, {"mask.mp4": mask})
        for frame, mask in zip(Levels(0.1, 0.14, 0.16, 0.2, 0.24, 0.3).frames(), masks, strict=True)
    ]
    analyzer = Analyzer(repeats=partial(SameAsLast, nearly=0.05))
    repeats = [each.frame.repeats for each in analyzer.analyze(frames)]
    assert repeats == [False, False, True, False, False, False]
    for first in (index for index, each in enumerate(repeats) if not each):
        assert [each.frame.repeats for each in analyzer.analyze(frames[first:])] == repeats[first:]

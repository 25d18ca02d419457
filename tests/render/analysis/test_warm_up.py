"""Shots are warmed up on frames that are thrown away: which, how, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import MediaError
from lucidreel.models.zoo.registry import load_network
from lucidreel.render.analysis.analyze import Analyzer
from lucidreel.render.analysis.clip_analysis import analysis_of
from lucidreel.render.analysis.warm_up import Peekable, warm_up_order
from lucidreel.render.carry.blend import BlendCarry
from lucidreel.render.carry.carry import NoCarry
from lucidreel.render.carry.flow_carry import FlowCarry
from lucidreel.render.events.events import Event, WarmUpFrame
from lucidreel.render.frames.frames import FilmFormat, Frame, Map, Picture
from lucidreel.render.loop import render_frames
from lucidreel.render.media.sources import open_source
from lucidreel.render.motion.choose import choose_estimator
from lucidreel.render.motion.flow import Flow
from lucidreel.render.outputs import checkpoint_folder
from lucidreel.render.settings.flow import FlowConfig
from lucidreel.render.settings.settings import ClipConfig

from ..kept_renders import folding, pixels, render
from ..stand_in import Asked, Gathered, StandIn

NEBULA = Path(__file__).parents[3] / "examples" / "nebula.mp4"


class Shot:
    """A film of grey frames, each of its own level."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.film = FilmFormat(4, 4, Fraction(1, 25), Fraction(1, 25), count)

    def frames(self, first: int = 0) -> Iterator[Frame]:
        for index in range(first, self._count):
            yield Frame(index, Fraction(index, 25), np.full((3, 4, 4), index / 100, np.float32))

    def decoded(self, first: int = 0) -> Iterator[tuple[Frame, dict[str, Map]]]:
        return ((frame, {}) for frame in self.frames(first))


def still(before: Picture, now: Picture) -> Flow:
    return Flow(np.zeros((4, 4, 2), np.float32), np.ones((4, 4), np.float32))


def same(sink: Gathered) -> Gathered:
    return sink


def brightened(asked: Asked) -> Picture:
    return asked.start + np.float32(0.05)


@given(count=st.integers(1, 60), ahead=st.integers(1, 12))
def test_a_shot_is_run_through_to_and_fro_and_backwards_in_the_end(count: int, ahead: int) -> None:
    way = [*warm_up_order(count, ahead), 0]
    assert len(way) == count + 1
    assert min(way) >= 0 and max(way) == min(count, ahead)
    assert all(abs(after - before) == 1 for before, after in pairwise(way))


def test_a_shot_of_a_single_frame_is_warmed_up_on_that() -> None:
    assert warm_up_order(3, 0) == [0, 0, 0]


def test_looking_ahead_takes_nothing_away() -> None:
    coming = Peekable(range(5))
    assert next(coming) == 0
    assert coming.peek(2) == (1, 2)
    assert next(coming) == 1
    assert coming.peek(9) == (2, 3, 4)
    assert list(coming) == [2, 3, 4]


def test_each_shot_is_warmed_up_on_its_own_frames_with_the_flow_from_one_to_the_next() -> None:
    asked: list[tuple[int, int]] = []

    def measure(before: Picture, now: Picture) -> Flow:
        asked.append((round(float(before.mean()) * 100), round(float(now.mean()) * 100)))
        return still(before, now)

    seen = list(Analyzer(cuts=[2, 3], estimate_flow=measure, warm_up_frames=3).analyze(Shot(9).decoded(), 0))
    told = [(each.frame.index, each.warm_up_left, each.begins_shot) for each in seen]
    assert told[:5] == [(1, 3, True), (0, 2, False), (1, 1, False), (0, 0, False), (1, 0, False)]
    assert told[5:9] == [(2, 3, True), (2, 2, False), (2, 1, False), (2, 0, False)]
    assert told[9:13] == [(6, 3, True), (5, 2, False), (4, 1, False), (3, 0, False)]
    assert [index for index, left, _ in told if not left] == list(range(9))
    assert asked[:4] == [(1, 0), (0, 1), (1, 0), (0, 1)]
    assert asked[7:11] == [(6, 5), (5, 4), (4, 3), (3, 4)]


def test_shots_that_begin_before_a_frame_are_not_warmed_up() -> None:
    analyzer = Analyzer(cuts=[4], warm_up_frames=2)
    assert all(not each.warm_up_left for each in analyzer.analyze(Shot(8).decoded()))
    seen = [each.frame.index for each in analyzer.analyze(Shot(8).decoded(2), 4) if each.warm_up_left]
    assert seen == [6, 5]


def test_a_dream_begins_as_strong_as_it_goes_on_and_nothing_thrown_away_is_seen() -> None:
    """What is added and what fades are equal at 0.05 / (1 - 0.8)."""
    told: list[int] = []

    def listen(event: Event) -> None:
        if isinstance(event, WarmUpFrame):
            told.append(event.left)

    for run_in, first in ((30, 0.25), (0, 0.05)):
        sink, dreamer = Gathered(), StandIn(brightened)
        carry = FlowCarry(FlowConfig(strength=0.8))
        analyzer = Analyzer(cuts=[3], estimate_flow=still, warm_up_frames=run_in)
        render_frames(Shot(6), carry, dreamer, partial(same, sink), listen, analyzer=analyzer)
        added = [float(frame.picture.mean()) - frame.index / 100 for frame in sink.frames]
        assert [frame.index for frame in sink.frames] == list(range(6))
        assert dreamer.dreamt == 6 + 2 * run_in
        assert added[0] == pytest.approx(first, abs=0.02) and added[3] == pytest.approx(first, abs=0.02)
    assert told == [*range(30, 0, -1), *range(30, 0, -1)]


def test_a_carry_is_warmed_up_for_as_long_as_a_dream_lasts_in_it(short_clip: Path) -> None:
    for carry, frames in ((NoCarry(), 0), (BlendCarry(0.3), 2), (BlendCarry(0), 0), (BlendCarry(1), 8)):
        assert analysis_of(short_clip, carry, ClipConfig(), "cpu").analyzer().warm_up_frames == frames
    flow = FlowCarry(FlowConfig())
    assert analysis_of(short_clip, flow, ClipConfig(), "cpu").analyzer().warm_up_frames == 5
    assert analysis_of(short_clip, flow, ClipConfig(run_in_frames=3), "cpu").analyzer().warm_up_frames == 3


@pytest.mark.parametrize("into", [0, 1, 5, 8])
def test_a_render_that_breaks_while_a_shot_is_warmed_up_goes_on_with_the_same_frames(
    into: int, clouds: Path, tmp_path: Path
) -> None:
    part: dict[str, Any] = {"start_s": 1.4, "end_s": 2.2, "cuts": [1.8], "run_in_frames": 8}
    whole, torn, first_shot = folding(), tmp_path / "torn.mkv", folding()
    render(clouds, tmp_path / "whole.mkv", whole, **part)
    render(clouds, tmp_path / "first.mkv", first_shot, start_s=1.4, end_s=1.8, cuts="none", run_in_frames=8)
    with pytest.raises(MediaError):
        render(clouds, torn, folding(fail_at=first_shot.dreamt + into), **part)
    assert checkpoint_folder(torn).is_dir()
    render(clouds, torn, folding(), **part)
    ours, theirs = pixels(torn), pixels(tmp_path / "whole.mkv")
    assert len(ours) == len(theirs) == 20
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def _added(flow: FlowConfig, run_in: int) -> list[float]:
    """Return how much the network adds to each frame of a shot."""
    rule = DreamConfig(octaves=1, iterations=6, border_px=8, jitter_px=8, precision="fp32")
    dreamer = Dreamer(load_network("bestiary"), Targets(classes={"eye": 1.0}), rule, torch.device("cpu"))
    source, sink = open_source(NEBULA, ClipConfig(size_px=(96, 54), end_s=0.6)), Gathered()
    analyzer = Analyzer(estimate_flow=choose_estimator(flow, "cpu").between, warm_up_frames=run_in)
    render_frames(source, FlowCarry(flow), dreamer, partial(same, sink), analyzer=analyzer)
    return [
        float(np.square(dream.picture - frame.picture).mean()) ** 0.5
        for dream, frame in zip(sink.frames, source.frames(), strict=True)
    ]


def test_shots_dreamt_by_the_network_begin_as_strong_as_they_go_on() -> None:
    for run_in, least, most in ((8, 0.88, 1.12), (0, 0, 0.8)):
        added = _added(FlowConfig(strength=0.9), run_in)
        assert least <= added[0] / float(np.mean(added)) <= most


def test_a_film_settles_within_one_and_a_half_decibels_of_a_single_picture() -> None:
    added = _added(FlowConfig(), run_in=0)
    assert 0.85 < float(np.mean(added[-4:])) / added[0] < 10 ** (1.5 / 20)

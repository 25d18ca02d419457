"""Moments of a clip are led up to from the beginning of their shot, and are what the film shows there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lucidreel.errors import UsageError
from lucidreel.render.analysis.clip_analysis import analysis_of
from lucidreel.render.carry.choose import choose_carry
from lucidreel.render.events.events import Event, PreviewFrameDone
from lucidreel.render.frames.frames import Frame
from lucidreel.render.loop import render_frames
from lucidreel.render.maps import MapSupply
from lucidreel.render.media.sources import open_source
from lucidreel.render.preview.preroll import Preroll, Segment, segments

from ..kept_renders import folding, settings
from ..stand_in import StandIn


def film(clip: Path, **keys: object) -> list[Frame]:
    """Return the frames of a whole film."""
    frames: list[Frame] = []

    class Sink:
        def write(self, frame: Frame) -> None:
            frames.append(frame)

        def finish(self) -> None: ...

        def discard(self) -> None: ...

    asked = settings(**keys).clip
    carry = choose_carry(asked)
    analyzer = analysis_of(clip, carry, asked, "cpu").analyzer()
    render_frames(open_source(clip, asked), carry, folding(), Sink, analyzer=analyzer)
    return frames


def test_moments_are_led_up_to_from_the_beginning_of_their_shot() -> None:
    assert segments([4], []) == [Segment(0, (4,), True)]
    assert segments([30, 4, 4], [10]) == [Segment(0, (4,), True), Segment(10, (30,), True)]
    assert segments([10], [10]) == [Segment(10, (10,), True)]


def test_moments_of_one_shot_share_the_way() -> None:
    (segment,) = segments([12, 36, 37], [])
    assert segment.paths == (tuple(range(13)), tuple(12 + 4 * done // 3 for done in range(19)), (36, 37))
    assert (segment.count, segment.is_whole) == (32, False)


def test_a_moment_far_into_its_shot_is_approached_from_a_few_seconds_before() -> None:
    assert segments([5, 1000], [300]) == [Segment(0, (5,), True), Segment(928, (1000,), False)]
    (segment,) = segments([1000], [])
    assert segment.paths == (tuple(range(928, 1001, 4)),)


@pytest.mark.parametrize("keys", [{}, {"carry": "blend"}, {"fps": "20"}, {"cuts": [1.8]}, {"start_s": 1.6}])
def test_moments_near_a_cut_are_the_very_frames_of_the_film(keys: dict[str, object], clouds: Path) -> None:
    times_s = [1.83, 2.1, 1.78]
    preroll = Preroll(clouds, times_s, settings(**{"end_s": 2.6, "run_in_frames": 8, **keys}))
    assert preroll.segments[-1].is_whole
    whole = film(clouds, end_s=2.6, run_in_frames=8, **keys)
    shown = preroll.dreamt(folding(), MapSupply())
    for time_s, picture in zip(times_s[:2], shown, strict=False):
        zero_s = keys.get("start_s", 0)
        assert isinstance(zero_s, int | float)
        frame = [each for each in whole if float(each.time_s) + zero_s <= time_s][-1]
        np.testing.assert_array_equal(picture, frame.picture)


def test_all_frames_that_are_dreamt_are_told_and_forecast(clouds: Path) -> None:
    asked = settings(repeats=False, cuts="none", run_in_frames=8)
    preroll, dreamer, told = Preroll(clouds, [0.2, 1.2], asked), StandIn(), list[Event]()
    preroll.dreamt(dreamer, MapSupply(), told.append)
    count = 5 + 1 + preroll.numbers[0] + 18
    assert preroll.frames == dreamer.dreamt == count
    assert told == [PreviewFrameDone(done, count) for done in range(count + 1)]
    assert preroll.dreams(np.zeros((3, 72, 96), np.float32)) == {1.0: 1.0, 0.5: count - 1.0}


def test_times_outside_the_clip_are_refused(clouds: Path) -> None:
    with pytest.raises(UsageError, match="no frame at 99 s"):
        Preroll(clouds, [99.0], settings())

"""Frames from any number on are the very frames that come when the clip is read from its start."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.settings.settings import ClipConfig

from .interlaced_clips import KINDS, interlaced_clip

COUNT = 100


def source(clip: Path, **keys: object) -> ClipSource:
    return ClipSource(probe(clip), ClipConfig.read(keys, "the test"))


def assert_same_from(clip: Path, firsts: Iterable[int] | None = None, **keys: Any) -> None:
    whole = list(source(clip, **keys).frames())
    for first in firsts or sorted({1, 2, *range(23, len(whole), 37), len(whole) - 1, len(whole)}):
        rest = list(source(clip, **keys).frames(first))
        assert [(each.index, each.time_s) for each in rest] == [(e.index, e.time_s) for e in whole[first:]]
        for ours, theirs in zip(rest, whole[first:], strict=True):
            np.testing.assert_array_equal(ours.picture, theirs.picture)


@pytest.fixture(scope="module", params=["25 per second", "2 per second", "open groups"])
def moving(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    write_clip: Callable[..., Path],
    numbered_frames: Callable[..., list[NDArray[np.uint8]]],
) -> Path:
    """Lossy H.264 with B-frames and many keyframes, where every frame depends on those before it."""
    options = {"crf": "30", "g": "12", "bf": "3", "x264-params": "b-pyramid=normal:scenecut=0"}
    if request.param == "open groups":
        options["x264-params"] += ":open-gop=1"
    time_base = Fraction(1, 2) if request.param == "2 per second" else Fraction(1, 25)
    path = tmp_path_factory.mktemp("moving") / "clip.mp4"
    return write_clip(path, numbered_frames(COUNT), time_base=time_base, options=options)


@pytest.mark.parametrize(
    "keys", [{}, {"start_s": 1.1}, {"start_s": 1.1, "end_s": 3.0}, {"fps": "7"}, {"fps": "10"}]
)
def test_frames_with_references_are_the_same_from_any_number_on(keys: dict[str, Any], moving: Path) -> None:
    assert_same_from(moving, **keys)


@pytest.mark.parametrize("fps", [None, "12"])
def test_frames_of_a_variable_rate_are_the_same_from_any_number_on(fps: str | None, shared: Path) -> None:
    assert_same_from(shared / "clips" / "fire2.mp4", size_px=(64, 36), fps=fps)


def test_frames_that_begin_after_the_sound_are_the_same_from_any_number_on(
    tmp_path: Path, write_clip: Callable[..., Path], numbered_frames: Callable[..., list[NDArray[np.uint8]]]
) -> None:
    ticks = list(range(20, 60))
    sound = np.zeros(48_000 * 2, np.float32)
    clip = write_clip(tmp_path / "late.mkv", numbered_frames(40), ticks=ticks, sound=sound)
    assert_same_from(clip, range(1, 41, 13))
    assert_same_from(clip, fps="50")


@pytest.mark.parametrize("kind", KINDS)
def test_interlaced_frames_are_the_same_from_any_number_on(kind: str, tmp_path: Path) -> None:
    assert_same_from(interlaced_clip(kind, tmp_path, 60), [1, 30, 59])


def test_frames_without_times_are_counted(moving: Path, tmp_path: Path) -> None:
    raw = tmp_path / "raw.h264"
    with av.open(str(moving)) as container, av.open(str(raw), mode="w", format="h264") as stream:
        video = stream.add_stream_from_template(container.streams.video[0])
        for packet in container.demux(video=0):
            if packet.size:
                packet.stream = video
                stream.mux(packet)
    assert not probe(raw).is_timed
    assert_same_from(raw, [1, 50, COUNT])


def test_what_comes_long_before_is_not_decoded(tmp_path: Path) -> None:
    clip = source(interlaced_clip("ProRes, 10 bits", tmp_path, 80))
    assert next(clip.frames(79)).index == 79
    assert clip.interlaced_frames < 50

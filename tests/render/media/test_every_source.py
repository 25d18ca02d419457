"""What every source of frames that was there before the film keeps to, whatever it reads."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lucidreel.errors import UsageError
from lucidreel.render.media.media_source import MediaSource
from lucidreel.render.media.sources import open_source
from lucidreel.render.settings.settings import ClipConfig

COUNT = 12
TICKS = [0, 40, 80, 90, 160, 200, 300, 320, 360, 400, 450, 480]
"""In milliseconds, of the clip whose rate varies."""
CONFIGS: dict[str, dict[str, object]] = {
    "whole": {},
    "resampled": {"fps": "10"},
    "part": {"start_s": 0.1, "end_s": 0.3},
    "part, resampled": {"start_s": 0.1, "end_s": 0.3, "fps": "30"},
}


def _clip(folder: Path, pictures: list[Any], write_clip: Callable[..., Path]) -> Path:
    return write_clip(folder / "clip.mp4", pictures)


def _variable(folder: Path, pictures: list[Any], write_clip: Callable[..., Path]) -> Path:
    return write_clip(folder / "clip.mkv", pictures, ticks=TICKS, time_base=Fraction(1, 1000), codec="ffv1")


def _animation(folder: Path, pictures: list[Any], _: object) -> Path:
    first, *rest = (Image.fromarray(each) for each in pictures)
    lasting = [40] * (COUNT - 1) + [90]
    first.save(folder / "moving.webp", save_all=True, append_images=rest, duration=lasting, lossless=True)
    return folder / "moving.webp"


def _folder(folder: Path, pictures: list[Any], _: object) -> Path:
    for number, each in enumerate(pictures, 1):
        Image.fromarray(each).save(folder / f"{number}.png")
    return folder


@pytest.fixture(
    params=[_clip, _variable, _animation, _folder], ids=["clip", "variable", "animation", "folder"]
)
def path(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    write_clip: Callable[..., Path],
    numbered_frames: Callable[..., Any],
) -> Path:
    made: Path = request.param(tmp_path, numbered_frames(COUNT), write_clip)
    return made


@pytest.fixture(params=list(CONFIGS))
def source(request: pytest.FixtureRequest, path: Path) -> MediaSource:
    return open_source(path, ClipConfig.read(CONFIGS[request.param], "the test"))


def test_frames_are_as_many_as_the_film_has_and_begin_at_its_zero(source: MediaSource) -> None:
    frames = list(source.frames())
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert len(frames) == source.film.frame_count
    times_s = [frame.time_s for frame in frames]
    assert times_s[0] == 0 and times_s == sorted(set(times_s))
    width, height = source.film.width_px, source.film.height_px
    assert {frame.picture.shape for frame in frames} == {(3, height, width)}


def test_frames_from_any_number_on_are_those_of_the_whole(source: MediaSource) -> None:
    frames = list(source.frames())
    for first in (1, len(frames) // 2, len(frames) - 1):
        for here, there in zip(source.frames(first), frames[first:], strict=True):
            assert (here.index, here.time_s) == (there.index, there.time_s)
            np.testing.assert_array_equal(here.picture, there.picture)


def test_a_moment_is_the_frame_that_the_film_shows_there(source: MediaSource) -> None:
    for frame in source.frames():
        time_s = float(source.film.zero_s + frame.time_s) + 0.0005
        assert source.number_at(time_s) == frame.index
        at = source.at(time_s)
        assert abs(at.time_s - frame.time_s) < 1e-9
        np.testing.assert_array_equal(at.picture, frame.picture)


def test_moments_beyond_its_end_are_refused(source: MediaSource) -> None:
    with pytest.raises(UsageError, match="no frame"):
        source.at(float(source.end_s) + 1)
    assert source.number_at(float(source.middle_s)) < (source.film.frame_count or 0)


def test_at_its_own_rate_no_frame_is_dropped_or_shown_twice(source: MediaSource) -> None:
    own = source.at_own_rate((32, 24))
    frames = list(own.frames())
    assert own.resampled_rate is None and [frame.time_s for frame in frames] == list(own.begins_s)
    assert len({frame.picture.tobytes() for frame in frames}) == len(frames)
    assert frames[0].picture.shape == (3, 24, 32)
    if source.resampled_rate is None:
        assert list(source.begins_s) == list(own.begins_s)


def test_it_follows_the_settings_of_clips_and_has_nothing_to_report(source: MediaSource) -> None:
    list(source.frames())
    assert (source.settings_table, source.notes, source.past_the_end) == ("clip", (), None)
    assert not source.has_sound and source.average_rate > 0


def test_an_end_beyond_its_own_is_told(path: Path) -> None:
    source = open_source(path, ClipConfig(end_s=9.0))
    assert source.past_the_end is not None and "9" in source.past_the_end

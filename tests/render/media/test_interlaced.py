"""Interlaced clips: one whole frame for each, showing its first field, at its own time."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

from lucidreel.render.events.events import Summary
from lucidreel.render.frames.frames import Frame, Picture
from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.settings.settings import ClipConfig

from .interlaced_clips import KINDS, SPEED_PX, WIDTH, encoded, interlaced_clip, upright_bar, woven


def _place(picture: Picture) -> float:
    """Return the column of the bar's middle."""
    weight = np.maximum(picture[1].mean(axis=0) - 40 / 255, 0)
    return float((weight * np.arange(WIDTH)).sum() / weight.sum())


def _combing(picture: Picture) -> float:
    """Return how far rows differ from those above and below, in levels: 0 for a bar that stands upright."""
    return float(np.abs(picture[:, 1:-1] - (picture[:, :-2] + picture[:, 2:]) / 2).mean()) * 255


def _frames(path: Path, **clip: object) -> list[Frame]:
    return list(ClipSource(probe(path), ClipConfig.read(clip, "the test")).frames())


@pytest.mark.parametrize("kind", KINDS)
def test_each_interlaced_frame_becomes_one_whole_frame_of_its_first_field(kind: str, tmp_path: Path) -> None:
    clip = interlaced_clip(kind, tmp_path)
    as_coded = woven(10, KINDS[kind][1])
    frames = _frames(clip)
    assert [frame.index for frame in frames] == list(range(10))
    assert tuple(frame.time_s for frame in frames) == probe(clip).packet_times_s
    for number, frame in enumerate(frames):
        assert _place(frame.picture) == pytest.approx(20 + SPEED_PX * 2 * number, abs=0.7)
        assert _combing(as_coded[number].transpose(2, 0, 1).astype(np.float32) / np.float32(255)) > 5
        assert _combing(frame.picture) < 0.7


def test_film_of_an_interlaced_clip_keeps_its_times_and_says_so(
    tmp_path: Path, rendered: Callable[..., Summary], film_facts: Callable[[Path], Any]
) -> None:
    clip = interlaced_clip("H.264, top first", tmp_path)
    summary = rendered(clip, "film.mp4")
    assert film_facts(summary.output).times_s == film_facts(clip).times_s
    assert summary.notes == ("the clip is interlaced: of each frame the first field was made whole (bwdif)",)
    assert not probe(summary.output).header_field_order
    assert max(_combing(frame.picture) for frame in _frames(summary.output)) < 0.7


@pytest.mark.parametrize("count", [1, 2])
def test_clips_of_one_or_two_interlaced_frames_lose_none(count: int, tmp_path: Path) -> None:
    frames = _frames(interlaced_clip("H.264, top first", tmp_path, count))
    assert [frame.time_s for frame in frames] == [Fraction(n, 25) for n in range(count)]


def test_part_of_an_interlaced_clip_shows_the_frames_of_the_whole(tmp_path: Path) -> None:
    name, order, arguments = KINDS["H.264, top first"]
    frames = (woven(10, order) * 8)[:75]
    clip = encoded(tmp_path / name, frames, "-vf", f"setfield={order}", *arguments, "-g", "10")
    whole, part = _frames(clip), _frames(clip, start_s=2.2, end_s=2.6)
    assert len(part) == 10
    for late, early in zip(part, whole[55:65], strict=True):
        np.testing.assert_array_equal(late.picture, early.picture)


def test_progressive_frames_may_come_before_interlaced_ones(tmp_path: Path) -> None:
    """ProRes flags every frame: the first five are progressive, the others interlaced."""
    encoder = ["-c:v", "prores_ks", "-pix_fmt", "yuv422p10le"]
    encoded(tmp_path / "1.mkv", [upright_bar(40)] * 5, *encoder)
    encoded(tmp_path / "2.mkv", woven(5, "tff"), "-vf", "setfield=tff", *encoder, "-flags", "+ildct")
    (tmp_path / "list.txt").write_text("file 1.mkv\nfile 2.mkv\n")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "concat"]
    mixed = tmp_path / "mixed.mkv"
    subprocess.run([*command, "-i", tmp_path / "list.txt", "-c", "copy", mixed], check=True)
    source = ClipSource(probe(mixed), ClipConfig())
    frames = list(source.frames())
    assert [frame.time_s for frame in frames] == [Fraction(n, 25) for n in range(10)]
    assert source.interlaced_frames == 5
    assert all(_combing(frame.picture) < 0.7 for frame in frames)
    places = [_place(frame.picture) for frame in frames]
    assert places == pytest.approx([40] * 5 + [20, 26, 32, 38, 44], abs=0.7)


def test_progressive_clips_are_not_filtered(short_clip: Path) -> None:
    source = ClipSource(probe(short_clip), ClipConfig())
    assert len(list(source.frames())) == 20
    assert source.interlaced_frames == 0

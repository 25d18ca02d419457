"""Sound: copied packet by packet, in step, cut at the same place, or encoded anew where it must be."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.render.films import Summary

RATE = 48_000


def _flash_and_beep(
    flash_frames: list[int], count: int
) -> tuple[list[NDArray[np.uint8]], NDArray[np.float32]]:
    """Return black frames with white ones among them, and silence with a beep at each white frame."""
    frames = [np.full((48, 64, 3), 255 if n in flash_frames else 0, dtype=np.uint8) for n in range(count)]
    sound = np.zeros(count * RATE // 25, dtype=np.float32)
    for n in flash_frames:
        start = n * RATE // 25
        sound[start : start + RATE // 25] = np.sin(np.arange(RATE // 25) * 0.4) * 0.8
    return frames, sound


def _flash_times(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        seen = [
            (frame.time or 0.0, frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)
        ]
    return [time for time, level in seen if level > 128]


def _beep_starts(path: Path) -> list[float]:
    """Return when the sound becomes loud, in seconds of presentation time."""
    with av.open(str(path)) as container:
        pieces = [
            ((frame.pts or 0) * (frame.time_base or 0), frame.to_ndarray().mean(axis=0))
            for frame in container.decode(audio=0)
        ]
    start = float(pieces[0][0])
    loud = np.abs(np.concatenate([piece for _, piece in pieces])) > 0.3
    onsets = [n for n in np.flatnonzero(loud) if not loud[max(0, n - 480) : n].any()]
    return [start + n / RATE for n in onsets]


@pytest.fixture
def beeps(tmp_path: Path, write_clip: Callable[..., Path]) -> Path:
    """A clip of 60 frames that flashes and beeps three times."""
    frames, sound = _flash_and_beep([10, 30, 45], 60)
    return write_clip(tmp_path / "beeps.mp4", frames, sound=sound)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
def test_flashes_and_beeps_stay_together(suffix: str, beeps: Path, rendered: Callable[..., Summary]) -> None:
    output = rendered(beeps, f"film{suffix}").output
    assert _flash_times(output) == pytest.approx([0.4, 1.2, 1.8], abs=0.001)
    assert _beep_starts(output) == pytest.approx(_beep_starts(beeps), abs=0.008)


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_sound_is_cut_where_the_picture_is(
    suffix: str, beeps: Path, rendered: Callable[..., Summary]
) -> None:
    output = rendered(beeps, f"film{suffix}", start_s=1.0, end_s=1.6).output
    assert _flash_times(output) == pytest.approx([0.2], abs=0.001)
    assert _beep_starts(output) == pytest.approx([0.2], abs=0.008)
    with av.open(str(output)) as container:
        assert container.duration is not None
        assert container.duration / av.time_base == pytest.approx(0.6, abs=0.03)


def test_cut_sound_keeps_its_packets_untouched(
    shared: Path,
    rendered: Callable[..., Summary],
    film_facts: Callable[[Path], Any],
) -> None:
    clip = shared / "clips" / "chaplin.mp4"
    output = rendered(clip, "film.mp4", size_px=(64, 36), start_s=2, end_s=5).output
    ((_, own_times, own_packets),) = film_facts(clip).sounds
    ((_, times, packets),) = film_facts(output).sounds
    first = own_packets.index(packets[0])
    assert packets == own_packets[first : first + len(packets)]
    assert 0 <= times[0] < Fraction(27, 1000)
    assert float(own_times[first] - times[0]) == pytest.approx(2, abs=0.0001)
    assert float(own_times[first + len(packets)]) >= 5


def test_sound_is_left_whole_at_an_end_that_is_not_cut(
    shared: Path,
    rendered: Callable[..., Summary],
    film_facts: Callable[[Path], Any],
) -> None:
    clip = shared / "clips" / "chaplin.mp4"
    ((_, _, own_packets),) = film_facts(clip).sounds
    for name, part in {"first.mp4": {"start_s": 0, "end_s": 1.0}, "last.mp4": {"start_s": 9.0}}.items():
        output = rendered(clip, name, size_px=(64, 36), **part).output
        ((_, _, packets),) = film_facts(output).sounds
        kept = own_packets[: len(packets)] if "end_s" in part else own_packets[-len(packets) :]
        assert packets == kept
        assert 15 < len(packets) < 60


@pytest.mark.parametrize("sound_start", [Fraction(1, 2), Fraction(0)])
def test_streams_that_start_at_different_times_stay_apart(
    sound_start: Fraction,
    tmp_path: Path,
    write_clip: Callable[..., Path],
    rendered: Callable[..., Summary],
) -> None:
    frames, sound = _flash_and_beep([10], 30)
    picture_start = 0 if sound_start else 8
    ticks = [picture_start + n for n in range(30)]
    clip = write_clip(
        tmp_path / "offset.mkv",
        frames,
        ticks=ticks,
        sound=sound,
        sound_codec="pcm_s16le",
        sound_start_s=sound_start,
    )
    output = rendered(clip, "film.mkv").output
    assert _flash_times(output) == pytest.approx(_flash_times(clip), abs=0.001)
    assert _flash_times(clip) == pytest.approx([0.4 + picture_start / 25], abs=0.001)
    assert _beep_starts(output) == pytest.approx(_beep_starts(clip), abs=0.001)
    assert _beep_starts(clip) == pytest.approx([0.4 + float(sound_start)], abs=0.002)


def test_transport_stream_with_a_late_clock_begins_at_zero(
    tmp_path: Path, write_clip: Callable[..., Path], rendered: Callable[..., Summary]
) -> None:
    frames, sound = _flash_and_beep([10], 30)
    clip = write_clip(
        tmp_path / "late.ts", frames, sound=sound, pixel_format="yuv420p", options={"crf": "10"}
    )
    gap = _beep_starts(clip)[0] - _flash_times(clip)[0]
    output = rendered(clip, "film.mp4").output
    assert 0.4 <= _flash_times(output)[0] < 0.45
    assert _beep_starts(output)[0] - _flash_times(output)[0] == pytest.approx(gap, abs=0.001)


@pytest.mark.parametrize(
    ("sound_codec", "clip_suffix", "film_suffix", "film_codec", "note"),
    [
        ("aac", ".mp4", ".webm", "opus", ".webm cannot hold aac sound: encoded as opus"),
        ("flac", ".mkv", ".webm", "opus", ".webm cannot hold flac sound: encoded as opus"),
        ("aac", ".mp4", ".mkv", "aac", None),
        ("libopus", ".mkv", ".mp4", "opus", None),
    ],
)
def test_sound_is_copied_where_the_container_can_hold_it(
    sound_codec: str,
    clip_suffix: str,
    film_suffix: str,
    film_codec: str,
    note: str | None,
    tmp_path: Path,
    write_clip: Callable[..., Path],
    rendered: Callable[..., Summary],
    film_facts: Callable[[Path], Any],
) -> None:
    frames, sound = _flash_and_beep([5], 15)
    clip = write_clip(tmp_path / f"clip{clip_suffix}", frames, sound=sound, sound_codec=sound_codec)
    summary = rendered(clip, f"film{film_suffix}")
    ((codec, _, packets),) = film_facts(summary.output).sounds
    assert codec == film_codec
    if note is None:
        assert summary.notes == ()
        assert packets == film_facts(clip).sounds[0][2]
    else:
        assert len(summary.notes) == 1 and note in summary.notes[0]


def test_sound_can_be_left_out(
    short_clip: Path,
    rendered: Callable[..., Summary],
    film_facts: Callable[[Path], Any],
) -> None:
    output = rendered(short_clip, "film.mp4", output={"sound": False}).output
    assert film_facts(output).sounds == ()


def test_silent_containers_say_that_the_sound_is_left_out(
    short_clip: Path, rendered: Callable[..., Summary]
) -> None:
    for name in ("film.gif", "pictures"):
        summary = rendered(short_clip, name)
        assert len(summary.notes) == 1 and "sound" in summary.notes[0]

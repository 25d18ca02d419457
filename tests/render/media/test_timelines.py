"""Clips whose packets tell their times badly: every frame once, evenly spaced, with the sound in step."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from lucidreel.render.events.events import Summary
from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.settings.settings import ClipConfig
from lucidreel.tests.render.media.flash_and_chirp import EVENTS_S, FRAMES, made
from lucidreel.tests.render.media.sound_meter import flash_times_s, heard

_H264 = "-c:v libx264 -bf 2"
_MPEG2 = "-c:v mpeg2video -bf 2 -g 12"


def joined(path: Path, *parts: Path) -> Path:
    """Join files end to end, as `cat` does."""
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "several frames in one packet, one of them timed": (".mpg", (f"{_H264} -c:a mp2",)),
    "B-frames in AVI": (".avi", (f"{_H264} -c:a pcm_s16le",)),
    "joined TS": (".ts", (f"{_H264} -c:a aac",) * 2),
    "joined TS, three times, MPEG-2": (".ts", (f"{_MPEG2} -c:a mp2",) * 3),
    "joined PS": (".mpg", (f"{_MPEG2} -c:a mp2",) * 2),
    "joined PS, hardly timed": (".mpg", (f"{_H264} -c:a mp2",) * 2),
    "joined MKV": (".mkv", (f"{_H264} -c:a pcm_s16le",) * 2),
    "a leap of 5 s": (".ts", (f"{_H264} -c:a aac", f"{_H264} -c:a aac -output_ts_offset 5")),
    "a leap of 300 s in PS": (".mpg", (f"{_MPEG2} -c:a mp2", f"{_MPEG2} -c:a mp2 -output_ts_offset 300")),
    "1000 s back": (".ts", (f"{_H264} -c:a aac -output_ts_offset 1000", f"{_H264} -c:a aac")),
    "a clock that wraps around": (".ts", (f"{_H264} -c:a aac -output_ts_offset 95441.7",)),
    "a clock that wraps around after a jump": (
        ".ts",
        (f"{_H264} -c:a aac", f"{_H264} -c:a aac -output_ts_offset 95441.7"),
    ),
}


@pytest.fixture(scope="module", params=KINDS)
def clip(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of some kind, 1.2 s or as often as it is joined."""
    suffix, parts = KINDS[request.param]
    folder = tmp_path_factory.mktemp("kind")
    files = [made(folder / f"part{n}{suffix}", words) for n, words in enumerate(parts)]
    return joined(folder / f"clip{suffix}", *files)


def _parts(clip: Path) -> int:
    return len(list(clip.parent.glob("part*")))


def _source(clip: Path, **keys: object) -> ClipSource:
    return ClipSource(probe(clip), ClipConfig.read(keys, "the test"))


def test_as_many_frames_are_made_as_are_told_each_40_ms_after_the_last(clip: Path) -> None:
    source = _source(clip)
    frames = list(source.frames())
    assert source.film.frame_count == len(frames)
    assert FRAMES * _parts(clip) - len(frames) in (
        (0, 2) if clip.suffix == ".avi" else (0,)
    )  # xvid drops two
    steps = [after.time_s - before.time_s for before, after in pairwise(frames)]
    at_joints = sorted(steps)[len(steps) + 1 - _parts(clip) :]
    assert sum(abs(step - Fraction(1, 25)) > Fraction(1, 10_000) for step in steps) <= len(at_joints)
    assert all(Fraction(1, 25) <= step < Fraction(1, 10) for step in at_joints)


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.webm"])
def test_sound_is_in_step_and_packets_are_a_codec_frame_apart(
    name: str, clip: Path, rendered: Callable[..., Summary]
) -> None:
    film = rendered(clip, name).output
    sound, flashes = heard(film), flash_times_s(film)
    assert len(flashes) == len(EVENTS_S) * _parts(clip)
    gaps = [chirp - flash for chirp, flash in zip(sound.chirps_s, flashes, strict=True)]
    assert gaps == pytest.approx([0] * len(gaps), abs=0.001)
    steps = sorted(sound.packet_steps_s)
    assert steps[-2] - steps[1] < 0.0012
    assert sound.decoded_s == pytest.approx(1.2 * _parts(clip), abs=0.045 * _parts(clip))
    assert sound.ends_s - sound.begins_s == pytest.approx(sound.decoded_s, abs=0.002)


@pytest.mark.parametrize(("start_s", "end_s"), [(0.6, None), (None, 0.9), (0.6, 1.1)])
def test_parts_are_cut_where_they_are_asked_for(
    start_s: float | None, end_s: float | None, clip: Path, rendered: Callable[..., Summary]
) -> None:
    whole = list(_source(clip).frames())
    wanted = [frame for frame in whole if (start_s or 0) <= frame.time_s < (end_s or 100)]
    film = rendered(clip, "film.mkv", start_s=start_s, end_s=end_s)
    assert film.frames == len(wanted)
    zero_s = wanted[0].time_s if start_s else Fraction(0)
    flashes = [float(frame.time_s - zero_s) for frame in wanted if frame.picture.mean() > 0.5]
    assert flash_times_s(film.output) == pytest.approx(flashes, abs=0.001)
    assert heard(film.output).chirps_s == pytest.approx(flashes, abs=0.0015)


def test_frames_are_the_same_from_any_number_on(clip: Path) -> None:
    whole = list(_source(clip, size_px=(32, 24)).frames())
    for first in (1, len(whole) // 2, len(whole) - 1):
        rest = list(_source(clip, size_px=(32, 24)).frames(first))
        assert [(each.index, each.time_s) for each in rest] == [(e.index, e.time_s) for e in whole[first:]]
        for ours, theirs in zip(rest, whole[first:], strict=True):
            np.testing.assert_array_equal(ours.picture, theirs.picture)


@pytest.mark.parametrize("name", ["film.mkv", "film.mp4"])
def test_sound_whose_packets_are_of_several_lengths_is_in_step_behind_a_joint(
    name: str, tmp_path: Path, rendered: Callable[..., Summary]
) -> None:
    part = made(tmp_path / "part.mkv", f"{_H264} -c:a libvorbis")
    film = rendered(joined(tmp_path / "clip.mkv", part, part), name).output
    flashes = flash_times_s(film)
    assert len(flashes) == 4
    assert heard(film).chirps_s == pytest.approx(flashes, abs=0.0015)


def test_sound_stays_with_its_own_picture_when_another_part_has_none(
    tmp_path: Path, rendered: Callable[..., Summary]
) -> None:
    """All three parts tell the same times: where the sound belongs shows in the order of the file alone."""
    whole, silent = made(tmp_path / "whole.ts", f"{_H264} -c:a aac"), made(tmp_path / "s.ts", f"{_H264} -an")
    film = rendered(joined(tmp_path / "clip.ts", whole, silent, whole), "film.mp4").output
    flashes = flash_times_s(film)
    assert len(flashes) == 6
    assert heard(film).chirps_s == pytest.approx([*flashes[:2], *flashes[4:]], abs=0.001)


@pytest.mark.parametrize(
    ("suffix", "words"),
    [
        (".m1v", "-c:v mpeg1video"),
        (".m2v", _MPEG2),
        (".drc", "-c:v vc2 -strict -2"),
        (".mjpg", "-c:v mjpeg -pix_fmt yuvj420p -f mjpeg"),
        (".h264", _H264),
    ],
)
def test_streams_without_a_container_have_their_frames_at_their_rate(
    suffix: str, words: str, tmp_path: Path
) -> None:
    frames = list(_source(made(tmp_path / f"clip{suffix}", f"{words} -an")).frames())
    assert [frame.time_s for frame in frames] == [Fraction(number, 25) for number in range(FRAMES)]


def test_frames_that_theora_repeats_by_empty_packets_stay_on_the_screen(tmp_path: Path) -> None:
    source = _source(made(tmp_path / "clip.ogv", "-c:v libtheora -an"))
    frames = list(source.frames())
    assert len(frames) == source.film.frame_count
    assert [float(frame.time_s) for frame in frames if frame.picture.mean() > 0.5] == [0.4, 0.8]
    assert float(source.info.end_s) == pytest.approx(1.2)


@pytest.mark.parametrize("cut", [0.2, 0.4])
@pytest.mark.parametrize(
    "words", ["-c:v mpeg2video -bf 2 -g 4 -c:a mp2", f"{_H264} -x264-params keyint=4:open-gop=1 -c:a mp2"]
)
def test_recording_that_begins_between_keyframes_has_as_many_frames_as_are_told(
    words: str, cut: float, tmp_path: Path, rendered: Callable[..., Summary]
) -> None:
    whole = made(tmp_path / "whole.ts", words).read_bytes()
    tables, place = whole[: 3 * 188], int(len(whole) * cut) // 188 * 188
    clip = tmp_path / "clip.ts"
    clip.write_bytes(tables + whole[place:])
    source = _source(clip)
    assert source.film.frame_count == len(list(source.frames()))
    assert 5 < len(source.part.packet_times_s) < FRAMES
    film = rendered(clip, "film.mkv").output
    flashes = flash_times_s(film)
    assert flashes
    assert heard(film).chirps_s[-len(flashes) :] == pytest.approx(flashes, abs=0.0015)


def test_film_shown_as_video_keeps_two_and_three_fields_in_turn(tmp_path: Path) -> None:
    """Soft telecine: 24 frames per second told as 30, every other one with the flag to repeat a field."""
    raw = made(tmp_path / "raw.m2v", "-an -c:v mpeg2video -r 30000/1001 -f mpeg2video")
    data, count = bytearray(raw.read_bytes()), 0
    for start in [place for place in range(len(data) - 8) if data[place : place + 4] == b"\x00\x00\x01\xb5"]:
        kind = data[start + 4] >> 4
        if kind == 1:  # the sequence: not progressive
            data[start + 5] &= ~0x08
        if kind == 8:  # a picture: which field is first, whether one is repeated
            top_first, repeats = [(1, 1), (0, 0), (0, 1), (1, 0)][count % 4]
            data[start + 7] = data[start + 7] & ~0x82 | top_first << 7 | repeats << 1
            data[start + 8] |= 0x80
            count += 1
    (tmp_path / "film.m2v").write_bytes(data)
    clip = made(
        tmp_path / "film.mpg", f"-f mpegvideo -i {tmp_path / 'film.m2v'} -map 2 -map 1 -c:v copy -c:a mp2"
    )
    times = [frame.time_s for frame in _source(clip).frames()]
    assert len(times) == count
    steps = [after - before for before, after in pairwise(times)]
    assert steps[:4] == [Fraction(3003, 60_000), Fraction(2002, 60_000)] * 2


@pytest.mark.parametrize(
    ("name", "count", "begins_s", "end_s"),
    [
        ("avchd.ts", 12, 0.01, 0.49),
        ("ps2.mpg", 20, 0.01, 0.81),
        ("h264.mpg", 15, 0.01, 0.61),
        ("paff.ts", 12, 0.011, 0.491),
        ("bf264.avi", 20, 0.0, 0.8),
    ],
)
def test_camcorder_clips_have_all_their_frames_40_ms_apart(
    name: str, count: int, begins_s: float, end_s: float, shared: Path
) -> None:
    info = probe(shared / "faults" / name)
    times = info.packet_times_s
    assert len(times) == len(list(ClipSource(info, ClipConfig()).frames())) == count
    assert [float(b - a) for a, b in pairwise(times)] == pytest.approx([0.04] * (count - 1), abs=0.0001)
    assert (float(times[0]), float(info.end_s)) == pytest.approx((begins_s, end_s), abs=0.001)
    part = ClipSource(info, ClipConfig(start_s=0.19, end_s=0.41))
    assert [frame.time_s for frame in part.frames()] == [
        time - part.part.zero_s for time in times if 0.19 <= time < 0.41
    ]


@pytest.mark.parametrize("name", ["avchd.ts", "paff.ts", "ps2.mpg", "spliced.ts"])
def test_joined_camcorder_clips_go_on_with_their_sound(
    name: str, shared: Path, tmp_path: Path, rendered: Callable[..., Summary], film_facts: Callable[..., Any]
) -> None:
    clip = shared / "faults" / name
    both = joined(tmp_path / name, clip, clip)
    one, two = (_source(path).film.frame_count or 0 for path in (clip, both))
    assert two == 2 * one == len(list(_source(both).frames()))
    film = rendered(both, "film.mkv").output
    ((_, times, packets),) = film_facts(film).sounds
    assert list(packets) == list(film_facts(clip).sounds[0][2]) * 2
    assert max(float(b - a) for a, b in pairwise(times)) < 0.05


def test_matroska_whose_every_frame_is_marked_as_a_keyframe_has_no_joints(tmp_path: Path) -> None:
    clip, marked = made(tmp_path / "clip.mkv", f"{_H264} -an"), tmp_path / "marked.mkv"
    with av.open(str(clip)) as read, av.open(str(marked), mode="w") as written:
        stream = written.add_stream_from_template(read.streams.video[0])
        for packet in read.demux(video=0):
            if packet.size:
                packet.is_keyframe, packet.stream = True, stream
                written.mux(packet)
    source = _source(marked)
    assert [frame.time_s for frame in source.frames()] == [frame.time_s for frame in _source(clip).frames()]
    assert source.film.frame_count == FRAMES

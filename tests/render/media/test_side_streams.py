"""What goes with the picture: several sounds and subtitles, chapters, titles, each at its time."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import pytest

from lucidreel.render.events.events import Summary

METADATA = r""";FFMETADATA1
title=A = film\; \#1 \\ ü
artist=me
comment=two\
lines
[CHAPTER]
TIMEBASE=1/1000
START=0
END=1000
title=One \= ü
[CHAPTER]
TIMEBASE=1/1000
START=1000
END=2000
title=Two
[CHAPTER]
TIMEBASE=1/1000
START=2000
END=3000
title=Three
"""
SUBTITLES = "".join(
    f"{n}\n00:00:0{start},000 --> 00:00:0{start},800\nline {n}\n\n" for n, start in enumerate((0, 1, 2), 1)
)
SUBTITLE_CODECS = {".mp4": "mov_text", ".mkv": "subrip", ".webm": "webvtt"}


@dataclass(frozen=True)
class Sides:
    """What PyAV says of a film apart from its picture."""

    metadata: dict[str, str]
    chapters: list[tuple[Fraction, Fraction, str]]
    sounds: list[tuple[str, str, bool]]
    """Codec, language, whether players take it by default."""
    subtitles: list[tuple[str, str]]
    texts: list[list[tuple[float, bytes]]]
    """Times and words of every stream of subtitles."""


def _sides(path: Path) -> Sides:
    with av.open(str(path)) as container:
        texts = []
        for stream in container.streams.subtitles:
            container.seek(0)
            packets = [packet for packet in container.demux(stream) if packet.size]
            texts.append([(float((p.pts or 0) * p.time_base), bytes(p).lstrip(b"\x00")) for p in packets])
        chapters = [
            (
                chapter["start"] * (chapter["time_base"] or Fraction(0)),
                chapter["end"] * (chapter["time_base"] or Fraction(0)),
                chapter["metadata"].get("title", ""),
            )
            for chapter in container.chapters()
        ]
        return Sides(
            metadata={key.lower(): value for key, value in container.metadata.items()},
            chapters=chapters,
            sounds=[
                (
                    stream.codec_context.codec.canonical_name,
                    stream.metadata.get("language", ""),
                    bool(stream.disposition & type(stream.disposition).default),
                )
                for stream in container.streams.audio
            ],
            subtitles=[
                (stream.codec_context.codec.canonical_name, stream.metadata.get("language", ""))
                for stream in container.streams.subtitles
            ],
            texts=texts,
        )


def _subtitles_end_s(path: Path) -> float:
    """Return when the last words leave the screen."""
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(container.streams.subtitles[0]) if p.size]
        return max(float(((p.pts or 0) + (p.duration or 0)) * p.time_base) for p in packets)


@pytest.fixture
def feature(tmp_path: Path) -> Callable[[str], Path]:
    """Make a film of three seconds with two sounds, subtitles, three chapters and a title."""

    def make(suffix: str) -> Path:
        (tmp_path / "metadata.txt").write_text(METADATA, encoding="utf-8")
        (tmp_path / "words.srt").write_text(SUBTITLES)
        path = tmp_path / f"feature{suffix}"
        sound = "libopus" if suffix == ".webm" else "aac"
        command = [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error"),
            *("-f", "lavfi", "-i", "color=gray:s=32x32:d=3:r=25"),
            *("-f", "lavfi", "-i", "sine=300:d=3", "-f", "lavfi", "-i", "sine=600:d=3"),
            *("-i", str(tmp_path / "words.srt"), "-i", str(tmp_path / "metadata.txt")),
            *("-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map_metadata", "4"),
            *("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu"),
            *("-metadata:s:s:0", "language=fra", "-disposition:a:0", "0", "-disposition:a:1", "default"),
            *("-c:a", sound, "-c:s", SUBTITLE_CODECS[suffix], str(path)),
        ]
        subprocess.run(command, check=True)
        return path

    return make


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_sounds_subtitles_chapters_and_titles_are_kept(
    suffix: str,
    feature: Callable[[str], Path],
    rendered: Callable[..., Summary],
    film_facts: Callable[..., Any],
) -> None:
    clip = feature(suffix)
    summary = rendered(clip, f"film{suffix}")
    before, after = _sides(clip), _sides(summary.output)
    assert len(before.sounds) == 2 and len(before.chapters) == 3 and len(before.subtitles) == 1
    assert (after.sounds, after.subtitles) == (before.sounds, before.subtitles)
    assert after.texts == before.texts
    assert after.chapters == before.chapters
    for key in ("title", "artist"):
        assert after.metadata[key] == before.metadata[key]
    assert after.metadata["comment"].startswith(f"{before.metadata['comment']}\nlucidreel ")
    assert after.metadata["title"] == r"A = film; #1 \ ü"
    for copied, original in zip(film_facts(summary.output).sounds, film_facts(clip).sounds, strict=True):
        assert copied == original
    assert summary.notes == ()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
@pytest.mark.parametrize(
    ("part", "chapters"),
    [
        ({"start_s": 1.0}, [("0", "1", "Two"), ("1", "2", "Three")]),
        ({"end_s": 2.0}, [("0", "1", "One = ü"), ("1", "2", "Two")]),
        ({"start_s": 1.0, "end_s": 2.0}, [("0", "1", "Two")]),
        (
            {"start_s": 0.4, "end_s": 2.2},
            [("0", "0.6", "One = ü"), ("0.6", "1.6", "Two"), ("1.6", "1.8", "Three")],
        ),
        ({"start_s": 1.2, "end_s": 1.6}, [("0", "0.4", "Two")]),
    ],
)
def test_chapters_are_moved_and_cut_with_the_part(
    suffix: str,
    part: dict[str, float],
    chapters: list[tuple[str, str, str]],
    feature: Callable[[str], Path],
    rendered: Callable[..., Summary],
) -> None:
    output = rendered(feature(suffix), f"film{suffix}", **part).output
    expected = [(Fraction(start), Fraction(end), title) for start, end, title in chapters]
    assert _sides(output).chapters == expected


def test_chapters_follow_a_start_between_two_frames(
    feature: Callable[[str], Path], rendered: Callable[..., Summary]
) -> None:
    """The film's zero is the first frame after the start, for the chapters too: here 0.52 s."""
    output = rendered(feature(".mkv"), "film.mkv", start_s=0.505).output
    assert [start for start, _, _ in _sides(output).chapters] == [0, Fraction("0.48"), Fraction("1.48")]


def test_both_sounds_and_the_subtitles_are_cut_where_the_picture_is(
    feature: Callable[[str], Path], rendered: Callable[..., Summary], film_facts: Callable[..., Any]
) -> None:
    clip = feature(".mkv")
    output = rendered(clip, "film.mkv", start_s=0.6, end_s=2.4).output
    for (_, times, packets), (_, own_times, own_packets) in zip(
        film_facts(output).sounds, film_facts(clip).sounds, strict=True
    ):
        first = own_packets.index(packets[0])
        assert packets == own_packets[first : first + len(packets)]
        assert float(own_times[first] - times[0]) == pytest.approx(0.6, abs=0.0011)
        assert 0 <= times[0] < Fraction(3, 100) and abs(float(times[-1]) - 1.8) < 0.05
    (texts,) = _sides(output).texts
    assert [(time, words.strip()) for time, words in texts] == [(0.4, b"line 2"), (1.4, b"line 3")]


@pytest.mark.parametrize(
    ("source", "target", "sound_codec"),
    [(".mkv", ".mp4", "aac"), (".mp4", ".mkv", "aac"), (".mkv", ".webm", "opus")],
)
def test_what_another_container_writes_otherwise_keeps_words_and_times(
    source: str,
    target: str,
    sound_codec: str,
    feature: Callable[[str], Path],
    rendered: Callable[..., Summary],
) -> None:
    clip = feature(source)
    summary = rendered(clip, f"film{target}", start_s=1.0, end_s=2.6)
    before, after = _sides(clip), _sides(summary.output)
    assert after.sounds == [(sound_codec, language, default) for _, language, default in before.sounds]
    assert after.subtitles == [(SUBTITLE_CODECS[target], "fra")]
    (texts,) = after.texts
    shown = [(time, words) for time, words in texts if b"line" in words]
    assert [time for time, _ in shown] == pytest.approx([0, 1], abs=0.001)
    assert [b"line 2" in shown[0][1], b"line 3" in shown[1][1]] == [True, True]
    assert _subtitles_end_s(summary.output) == pytest.approx(1.6, abs=0.002)
    assert after.metadata["title"] == before.metadata["title"]
    assert f"cannot hold {SUBTITLE_CODECS[source]} subtitles: written as" in " ".join(summary.notes)


def test_all_sounds_and_subtitles_of_a_real_clip_are_copied_whole(
    shared: Path, rendered: Callable[..., Summary], film_facts: Callable[..., Any]
) -> None:
    clip = shared / "clips" / "nasa_13013.mp4"
    output = rendered(clip, "film.mp4", size_px=(64, 36)).output
    before, after = _sides(clip), _sides(output)
    assert len(after.sounds) == len(after.subtitles) == len(after.texts) == 2
    assert film_facts(output).sounds == film_facts(clip).sounds
    assert (after.sounds, after.subtitles) == (before.sounds, before.subtitles)
    for own, copied in zip(before.texts, after.texts, strict=True):
        theirs, ours = ([(round(s, 2), words) for s, words in each if words] for each in (own, copied))
        assert theirs == ours and theirs


def test_two_sounds_and_two_subtitles_of_a_real_clip_are_cut_together(
    shared: Path, rendered: Callable[..., Summary], film_facts: Callable[..., Any]
) -> None:
    clip = shared / "clips" / "nasa_13013.mp4"
    output = rendered(clip, "film.mp4", size_px=(64, 36), start_s=4, end_s=8.6).output
    before, after = film_facts(clip), film_facts(output)
    assert len(after.sounds) == 2 and after.subtitles == 2
    for (_, times, packets), (_, own_times, own_packets) in zip(after.sounds, before.sounds, strict=True):
        first = own_packets.index(packets[0])
        assert packets == own_packets[first : first + len(packets)]
        assert float(own_times[first] - times[0]) == pytest.approx(4, abs=0.0005)
    for own, copied in zip(_sides(clip).texts, _sides(output).texts, strict=True):
        shown = [(time + 4, words) for time, words in copied if words]
        assert [words for _, words in shown] == [words for time, words in own if 4 <= time < 8.6]
        assert [time for time, _ in shown] == pytest.approx([4.26, 8.35], abs=0.001)
    assert _subtitles_end_s(output) == pytest.approx(4.6, abs=0.002)

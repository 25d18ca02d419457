"""Which sounds are copied, packet by packet, and which are encoded anew or left out."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from lucidreel.render.events.events import Summary
from lucidreel.tests.render.media.flash_and_chirp import EVENTS_S, LENGTH_S, made
from lucidreel.tests.render.media.sound_meter import heard, later_s


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
    assert later_s(output, clip) == pytest.approx(-2, abs=0.001)
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
        assert later_s(output, clip) == pytest.approx(-float(part["start_s"]), abs=0.001)


@pytest.mark.parametrize(
    ("encoder", "clip_suffix", "film_suffix", "film_codec", "note"),
    [
        ("aac", ".mp4", ".webm", "opus", ".webm cannot hold aac sound: encoded as opus, not copied"),
        ("flac", ".mkv", ".webm", "opus", ".webm cannot hold flac sound: encoded as opus, not copied"),
        ("libopus", ".mkv", ".mov", "aac", ".mov cannot hold opus sound: encoded as aac, not copied"),
        ("libvorbis", ".mkv", ".mp4", "aac", ".mp4 cannot hold vorbis sound: encoded as aac, not copied"),
        ("aac", ".mp4", ".mkv", "aac", None),
        ("libopus", ".mkv", ".mp4", "opus", None),
        ("libmp3lame", ".mkv", ".mov", "mp3", None),
        ("ac3", ".mkv", ".mp4", "ac3", None),
        ("libvorbis", ".mkv", ".webm", "vorbis", None),
    ],
)
def test_sound_is_copied_where_the_container_can_hold_it(
    encoder: str,
    clip_suffix: str,
    film_suffix: str,
    film_codec: str,
    note: str | None,
    tmp_path: Path,
    rendered: Callable[..., Summary],
    film_facts: Callable[[Path], Any],
) -> None:
    clip = made(tmp_path / f"clip{clip_suffix}", f"-c:v libx264 -c:a {encoder}")
    summary = rendered(clip, f"film{film_suffix}")
    sound = heard(summary.output)
    assert sound.codec == film_codec
    assert sound.chirps_s == pytest.approx(EVENTS_S, abs=0.0011)
    assert LENGTH_S - 0.0015 <= sound.decoded_s < LENGTH_S + 0.1
    assert summary.notes == (() if note is None else (note,))
    if note is None:
        assert film_facts(summary.output).sounds[0][2] == film_facts(clip).sounds[0][2]


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

"""Streams that a film cannot take as they are: empty, unreadable, foreign, of a kind the container lacks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from lucidreel.dream.targets.regions import read_region
from lucidreel.errors import MediaError
from lucidreel.render.events.events import Summary
from lucidreel.render.film.film import prepare_clip
from lucidreel.render.maps import MapSupply
from lucidreel.render.media.clip.probe import probe

from .broadcast import DECLARATIONS, declare, ffmpeg

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.6")
TONE = ("-f", "lavfi", "-i", "sine=440:d=0.6")
SECOND_TONE = ("-f", "lavfi", "-i", "sine=880:d=0.6")


def _sounds(path: Path) -> list[tuple[str, float]]:
    """Return codec and decoded length of every sound."""
    with av.open(str(path)) as container:
        indices = [stream.index for stream in container.streams.audio]
    found = []
    for index in indices:
        with av.open(str(path)) as container:
            stream = container.streams[index]
            length_s = sum(
                frame.samples / frame.sample_rate
                for packet in container.demux(stream)
                for frame in packet.decode()
                if isinstance(frame, av.AudioFrame)
            )
            found.append((stream.codec_context.codec.canonical_name, length_s))
    return found


def _pictures(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def _kinds(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        return [stream.type for stream in container.streams]


def _whole(path: Path, *codecs: str) -> None:
    """Assert that a film has all its 15 pictures and these sounds, whole."""
    assert _pictures(path) == 15
    assert [codec for codec, _ in _sounds(path)] == list(codecs)
    for _, length_s in _sounds(path):
        assert length_s == pytest.approx(0.6, abs=0.06)


def _renamed(path: Path, *renamings: tuple[bytes, bytes]) -> Path:
    """Rename the last box or sample entry of a kind."""
    data = path.read_bytes()
    for old, new in renamings:
        place = data.rindex(old)
        data = data[:place] + new + data[place + len(old) :]
    path.write_bytes(data)
    return path


def _unreadable(two_sounds: Path, tag: bytes = b"apac") -> Path:
    """Turn the second sound into one that there is no decoder for."""
    return _renamed(two_sounds, (b"mp4a", tag), (b"esds", b"free"))


@pytest.fixture
def two_sounds(tmp_path: Path) -> Path:
    """A clip with a picture and two sounds."""
    path = tmp_path / "two.mp4"
    ffmpeg(*PICTURE, *TONE, *SECOND_TONE, "-map", "0", "-map", "1", "-map", "2", "-shortest", path)
    return path


@pytest.fixture
def broadcast(tmp_path: Path) -> Path:
    """A transport stream with a picture and a sound."""
    path = tmp_path / "broadcast.ts"
    ffmpeg(*PICTURE, *TONE, "-c:a", "mp2", path)
    return path


@pytest.mark.parametrize(("tag", "codec"), [(b"apac", "apple_apac"), (b"zzz9", "zzz9")])
@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
def test_a_sound_that_nothing_decodes_is_left_out(
    suffix: str, tag: bytes, codec: str, two_sounds: Path, rendered: Callable[..., Summary]
) -> None:
    summary = rendered(_unreadable(two_sounds, tag), f"film{suffix}")
    _whole(summary.output, "opus" if suffix == ".webm" else "aac")
    assert f"sound 2 of 2 ({codec}): left out, nothing here can decode it" in summary.notes


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_sound_that_is_encrypted_is_left_out(
    suffix: str, tmp_path: Path, rendered: Callable[..., Summary]
) -> None:
    key = "00112233445566778899aabbccddeeff"
    cipher = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key, "-encryption_kid", key)
    ffmpeg(*TONE, *cipher, tmp_path / "locked.mp4")
    clip = tmp_path / "clip.mp4"
    ffmpeg(
        *(*PICTURE, *TONE, "-i", tmp_path / "locked.mp4"),
        *("-map", "0", "-map", "1", "-map", "2", "-c:a:1", "copy", clip),
    )
    summary = rendered(clip, f"film{suffix}")
    _whole(summary.output, "aac")
    assert summary.notes == ("sound 2 of 2 (aac): left out, nothing here can decode it",)


def test_a_picture_that_is_encrypted_is_an_error(tmp_path: Path) -> None:
    key = "00112233445566778899aabbccddeeff"
    cipher = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key, "-encryption_kid", key)
    ffmpeg(*PICTURE, *TONE, *cipher, tmp_path / "locked.mp4")
    with pytest.raises(MediaError, match=r"\(h264\), but not one frame in it can be decoded"):
        probe(tmp_path / "locked.mp4")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("codec", list(DECLARATIONS))
def test_a_stream_that_is_declared_but_empty_is_left_out(
    suffix: str, codec: str, broadcast: Path, tmp_path: Path, rendered: Callable[..., Summary]
) -> None:
    clip = declare(broadcast, tmp_path / "declared.ts", codec)
    summary = rendered(clip, f"film{suffix}")
    _whole(summary.output, "aac" if suffix == ".mp4" else "mp2")
    assert _kinds(summary.output) == ["video", "audio"]
    left_out = [note for note in summary.notes if "left out" in note]
    assert len(left_out) == 1 and f"({codec}): left out, declared in the file but empty" in left_out[0]


def test_a_clip_with_unreadable_streams_can_be_a_map(
    broadcast: Path, two_sounds: Path, tmp_path: Path
) -> None:
    for clip in (
        declare(broadcast, tmp_path / "declared.ts", "dvb_teletext"),
        _unreadable(two_sounds),
    ):
        maps = MapSupply([read_region(str(clip))])
        assert maps.reader().at(probe(clip).packet_times_s[3], (64, 48))[str(clip)].max() > 0


@pytest.mark.parametrize(
    ("sound", "source", "film"),
    [
        ("nellymoser", "clip.flv", "film.mkv"),
        ("adpcm_ima_qt", "clip.mov", "film.mkv"),
        ("pcm_s16be", "clip.mov", "film.mkv"),
        ("adpcm_swf", "clip.flv", "film.mkv"),
        ("pcm_alaw", "clip.mov", "film.mkv"),
        ("wmav2", "clip.wmv", "film.mkv"),
        ("nellymoser", "clip.flv", "film.mp4"),
        ("adpcm_ima_qt", "clip.mov", "film.webm"),
        ("adpcm_ima_qt", "clip.mov", "film.mov"),
        ("pcm_mulaw", "clip.mov", "film.mov"),
        ("mp2", "clip.mkv", "film.mp4"),
        ("pcm_s16be", "clip.mov", "film.mp4"),
    ],
)
def test_a_sound_that_the_container_lacks_is_encoded_and_any_other_copied(
    sound: str, source: str, film: str, tmp_path: Path, rendered: Callable[..., Summary]
) -> None:
    clip = tmp_path / source
    ffmpeg(*PICTURE, *TONE, "-ar", "44100", "-c:a", sound, "-strict", "-2", clip)
    summary = rendered(clip, film)
    ((codec, length_s),) = _sounds(summary.output)
    assert _pictures(summary.output) == 15
    assert length_s == pytest.approx(_sounds(clip)[0][1], abs=0.05)
    encoded = "opus" if film.endswith(".webm") else "aac"
    if codec == encoded:
        assert summary.notes == (
            f"{Path(film).suffix} cannot hold {sound} sound: encoded as {encoded}, not copied",
        )
    else:
        assert (codec, summary.notes) == (sound, ())


@pytest.mark.parametrize(("sound", "kept"), [("mp2", "mp2"), ("s302m", None)])
def test_sounds_of_joined_files_are_tried_as_they_are_joined(
    sound: str, kept: str | None, tmp_path: Path, rendered: Callable[..., Summary]
) -> None:
    """What cannot be brought on one clock, since no file keeps it, is found before anything is dreamt."""
    part = tmp_path / "part.ts"
    ffmpeg(*PICTURE, *TONE, "-c:a", sound, "-strict", "-2", "-ar", "48000", "-ac", "2", part)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(part.read_bytes() * 2)
    summary = rendered(joined, "film.mkv")
    assert _pictures(summary.output) == 30
    left_out = [note for note in summary.notes if "left out" in note]
    if kept is None:
        assert _sounds(summary.output) == []
        assert left_out == [
            f"the sound ({sound}): left out, it can be neither copied into .mkv nor encoded for it"
        ]
    else:
        ((codec, length_s),) = _sounds(summary.output)
        assert codec == kept and length_s == pytest.approx(1.2, abs=0.06)
        assert not left_out


def test_what_becomes_of_the_sounds_is_known_before_anything_is_dreamt(
    two_sounds: Path, tmp_path: Path, plain: Callable[..., Any]
) -> None:
    film = prepare_clip(_unreadable(two_sounds), tmp_path / "film.webm", plain(), overwrite=False)
    assert film.notes_ahead == (
        ".webm cannot hold aac sound: encoded as opus, not copied",
        "sound 2 of 2 (apple_apac): left out, nothing here can decode it",
    )


def test_a_sound_that_begins_late_is_copied_all_the_same(
    tmp_path: Path, rendered: Callable[..., Summary], film_facts: Callable[[Path], Any]
) -> None:
    """By itself ffmpeg looks for a sound's facts in the first seconds alone."""
    clip = tmp_path / "late.ts"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=5:d=9.6")
    late = ("-filter:a", "asetpts=PTS+9/TB", "-copyts", "-c:a", "aac")
    ffmpeg(*picture, *TONE, *late, clip)
    summary = rendered(clip, "film.mp4")
    ((codec, length_s),) = _sounds(summary.output)
    assert (codec, summary.notes) == ("aac", ())
    assert length_s == pytest.approx(0.6, abs=0.06)
    film, own = film_facts(summary.output), film_facts(clip)
    ((_, times, _),), ((_, own_times, _),) = film.sounds, own.sounds
    assert float(times[0] - film.times_s[0]) == pytest.approx(float(own_times[0] - own.times_s[0]), abs=0.001)


def test_sounds_of_other_programmes_are_left_out(tmp_path: Path, rendered: Callable[..., Summary]) -> None:
    clip = tmp_path / "programmes.ts"
    second = ("-f", "lavfi", "-i", "testsrc=s=32x32:r=25:d=0.6")
    ffmpeg(
        *(*PICTURE, *TONE, *second, *SECOND_TONE),
        *("-map", "0", "-map", "1", "-map", "2", "-map", "3", "-c:a", "mp2", "-flags", "+bitexact"),
        *("-program", "title=A:st=0:st=1", "-program", "title=B:st=2:st=3", clip),
    )
    summary = rendered(clip, "film.mkv")
    _whole(summary.output, "mp2")
    assert "1 of 2 sound streams left out: of other programmes than the picture" in summary.notes


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("source", [".mkv", ".mov", ".mp4"])
def test_time_codes_are_left_out(
    source: str, suffix: str, tmp_path: Path, rendered: Callable[..., Summary]
) -> None:
    clip = tmp_path / f"coded{source}"
    ffmpeg(*PICTURE, "-timecode", "01:00:00:00", "-metadata", "title=kept", clip)
    output = rendered(clip, f"film{suffix}").output
    assert _kinds(output) == ["video"]
    with av.open(str(output)) as film:
        names = {key.lower() for stream in (film, film.streams[0]) for key in stream.metadata}
        assert film.metadata["title"] == "kept"
    assert "timecode" not in names


def test_a_picture_that_nothing_decodes_is_an_error_that_names_its_codec(tmp_path: Path) -> None:
    clip = tmp_path / "strange.mp4"
    ffmpeg(*PICTURE, *TONE, clip)
    with pytest.raises(MediaError, match=r"no decoder for its codec \(xyz9\)"):
        probe(_renamed(clip, (b"avc1\x00", b"xyz9\x00")))


TAKEN = "video stream 2 of 2 was taken (64x48), since nothing can be decoded of any other"


def test_of_two_pictures_the_one_that_decodes_is_taken(
    tmp_path: Path, rendered: Callable[..., Summary]
) -> None:
    clip = tmp_path / "two.mov"
    ffmpeg(*PICTURE, *PICTURE, "-map", "0", "-map", "1", "-c:v:0", "mjpeg", clip)
    data = clip.read_bytes()
    clip.write_bytes(data.replace(b"jpeg\x00\x00", b"xyz9\x00\x00"))
    summary = rendered(clip, "film.mp4")
    assert _pictures(summary.output) == 15
    assert TAKEN in summary.notes


def test_of_two_pictures_the_one_that_holds_something_is_taken(
    tmp_path: Path, rendered: Callable[..., Summary]
) -> None:
    clip = tmp_path / "two.mkv"
    ffmpeg(*PICTURE, *PICTURE, "-map", "0", "-map", "1", "-filter:v:0", "trim=end=0", clip)
    summary = rendered(clip, "film.mp4", start_s=0.2)
    assert _pictures(summary.output) == 10
    assert TAKEN in summary.notes


@pytest.mark.parametrize(
    ("name", "maps", "words"),
    [
        ("song.mp3", ("1", "0"), "song.mp3 holds sound and a cover picture, but no moving picture"),
        ("song.m4a", ("1", "0"), "holds .*a cover picture.*, but no moving picture"),
        ("song.flac", ("1",), "song.flac has no moving picture, only sound"),
    ],
)
def test_a_file_without_moving_pictures_is_told_in_a_sentence(
    name: str, maps: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    cover = ("-f", "lavfi", "-i", "color=red:s=64x64:d=0.04")
    chosen = [word for each in maps for word in ("-map", each)]
    as_cover = ("-c:v", "mjpeg", "-frames:v", "1", "-disposition:v:0", "attached_pic") if "0" in maps else ()
    ffmpeg(*cover, *TONE, *chosen, *as_cover, tmp_path / name)
    with pytest.raises(MediaError, match=words):
        probe(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "film", "sounds", "pictures", "words"),
    [
        ("apac.mp4", "film.mp4", ["aac"], 12, "(apple_apac): left out, nothing here can decode it"),
        ("teletext.ts", "film.mkv", ["mp2"], 12, "(dvb_teletext): left out, declared in the file but empty"),
        ("silentpid.ts", "film.mp4", ["aac"], 12, "(aac): left out, declared in the file but empty"),
        ("ac3.ts", "film.mkv", ["mp2"], 12, "(ac3): left out, declared in the file but empty"),
        ("nelly.flv", "film.mkv", ["aac"], 12, ".mkv cannot hold nellymoser sound: encoded as aac"),
        ("ima4.mov", "film.mkv", ["aac"], 12, ".mkv cannot hold adpcm_ima_qt sound: encoded as aac"),
        ("mpts.ts", "film.mp4", ["aac"], 10, "1 of 2 sound streams left out: of other programmes"),
        ("tc17.mkv", "film.mp4", [], 11, ""),
    ],
)
def test_clips_that_went_wrong_before_become_whole_films(
    name: str,
    film: str,
    sounds: list[str],
    pictures: int,
    words: str,
    shared: Path,
    rendered: Callable[..., Summary],
) -> None:
    clip = shared / "faults" / name
    if not clip.exists():
        pytest.skip(f"{clip} is absent")
    summary = rendered(clip, film)
    assert _pictures(summary.output) == pictures
    assert [codec for codec, _ in _sounds(summary.output)] == sounds
    assert _kinds(summary.output) == ["video", *["audio"] * len(sounds)]
    for _, length_s in _sounds(summary.output):
        assert length_s == pytest.approx(pictures / 25, abs=0.06)
    assert words in " ".join(summary.notes)


def test_sound_of_a_codec_without_a_name_is_told_as_unknown(
    tmp_path: Path, rendered: Callable[..., Summary]
) -> None:
    clip = tmp_path / "clip.mkv"
    ffmpeg(*PICTURE, *TONE, "-c:a", "flac", "-shortest", clip)
    clip.write_bytes(clip.read_bytes().replace(b"A_FLAC", b"A_WORD"))
    summary = rendered(clip, "film.mp4")
    assert any("the sound (unknown): left out" in note for note in summary.notes)
    assert _pictures(summary.output) == 15 and _kinds(summary.output) == ["video"]

"""Sound: all of it, in step to a millisecond, cut where the picture is, copied or encoded anew.

Every film is decoded, and what is heard is compared with what is heard of the clip.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lucidreel.render.events.events import Summary
from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.settings.settings import ClipConfig
from lucidreel.tests.render.media.flash_and_chirp import LENGTH_S, made
from lucidreel.tests.render.media.sound_meter import flash_times_s, heard

# Two clocks of milliseconds, as of an mkv made of an mkv, and one sample more.
_ROUNDED = 0.0011
_H264 = "-c:v libx264 -bf 2"
# Where a packet is a sound of its own length, or its length is told in milliseconds.
_UNEVEN = {"vorbis", "wmav2"}

KINDS: dict[str, tuple[str, str, float, float]] = {
    "AAC with priming in mp4": (".mp4", f"{_H264} -c:a aac", 0, 0),
    "AAC in mkv": (".mkv", f"{_H264} -c:a aac", 0, 0),
    "AAC in TS": (".ts", f"{_H264} -c:a aac", 0, 0),
    "Opus with pre-skip in webm": (".webm", "-c:v libvpx -c:a libopus", 0, 0),
    "Opus in mp4": (".mp4", f"{_H264} -c:a libopus", 0, 0),
    "MP3 with its encoder's delay in mp4": (".mp4", f"{_H264} -c:a libmp3lame", 0, 0),
    "MP3 in mkv": (".mkv", f"{_H264} -c:a libmp3lame", 0, 0),
    "MP3 in AVI": (".avi", "-c:v mpeg4 -c:a libmp3lame", 0, 0),
    "Vorbis in mkv": (".mkv", f"{_H264} -c:a libvorbis", 0, 0),
    "FLAC in mkv": (".mkv", f"{_H264} -c:a flac", 0, 0),
    "PCM in mov": (".mov", f"{_H264} -c:a pcm_s16le", 0, 0),
    "8-bit PCM in AVI": (".avi", "-c:v mjpeg -c:a pcm_u8 -ar 11025", 0, 0),
    "mp2 in a program stream": (".mpg", "-c:v mpeg2video -bf 2 -c:a mp2", 0, 0),
    "AC-3 in TS, sound later": (".ts", f"{_H264} -c:a ac3", 0, 0.3),
    "sound later in mkv": (".mkv", f"{_H264} -c:a aac", 0, 0.3),
    "sound later in mp4": (".mp4", f"{_H264} -c:a aac", 0, 0.3),
    "picture later in mkv": (".mkv", f"{_H264} -c:a libopus", 0.32, 0),
    "picture later in mp4": (".mp4", f"{_H264} -c:a aac", 0.32, 0),
}


@pytest.fixture(scope="module", params=KINDS)
def clip(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of 1.2 s, whose flashes and chirps are together unless one of its streams begins later."""
    suffix, words, picture_late_s, sound_late_s = KINDS[request.param]
    folder = tmp_path_factory.mktemp("kind")
    return made(folder / f"clip{suffix}", words, picture_late_s, sound_late_s)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
def test_all_of_the_sound_is_there_in_step_with_the_picture(
    suffix: str, clip: Path, rendered: Callable[..., Summary]
) -> None:
    film = rendered(clip, f"film{suffix}").output
    sound, own = heard(film), heard(clip)
    flashes = zip(flash_times_s(film), flash_times_s(clip), own.chirps_s, strict=True)
    chirps = [chirp + flash - own_flash for flash, own_flash, chirp in flashes]
    assert sound.chirps_s == pytest.approx(chirps, abs=_ROUNDED)
    # an encoder fills up its last frame
    assert LENGTH_S - 0.0015 <= sound.decoded_s < LENGTH_S + 0.1
    _assert_even(sound.codec, sound.packet_steps_s, sound.ends_s - sound.begins_s - sound.decoded_s)


def _assert_even(codec: str, steps: list[float], missing_s: float) -> None:
    """Hold that packets follow each other a frame of the codec apart, and what is decoded has no gaps."""
    assert abs(missing_s) < 0.0021
    if codec not in _UNEVEN and not codec.startswith("pcm"):
        assert max(steps[:-1]) - min(steps[:-1]) < _ROUNDED


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
@pytest.mark.parametrize(
    "keys", [{"fps": "24"}, {"start_s": 0.53}, {"start_s": 0.21, "end_s": 1.0, "fps": "50"}]
)
def test_parts_and_other_rates_leave_the_sound_where_it_is_in_the_clip(
    keys: dict[str, Any], suffix: str, clip: Path, rendered: Callable[..., Summary]
) -> None:
    part, info = ClipSource(probe(clip), ClipConfig.read(keys, "the test")).part, probe(clip)
    film = rendered(clip, f"film{suffix}", **keys).output
    own = heard(clip)
    length_s = float(part.end_s - part.zero_s)
    moved = [chirp - float(info.origin_s + part.zero_s) for chirp in own.chirps_s]
    inside = [chirp for chirp in moved if chirp > 0.06 and chirp < length_s - 0.155]
    sound = heard(film)
    assert [chirp for chirp in sound.chirps_s if 0.06 < chirp < length_s - 0.155] == pytest.approx(
        inside, abs=_ROUNDED
    )
    if "end_s" in keys:
        assert sound.ends_s == pytest.approx(length_s, abs=0.1)
    if "start_s" in keys:
        assert -0.0011 < sound.begins_s < 0.1 + max(0.0, own.begins_s - float(info.origin_s + part.zero_s))
    _assert_even(sound.codec, sound.packet_steps_s, sound.ends_s - sound.begins_s - sound.decoded_s)

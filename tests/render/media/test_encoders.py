"""Encoders by name: used when they are there and work, refused before anything is dreamt when not."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from lucidreel.errors import LucidreelError, MediaError, UsageError
from lucidreel.render.events.events import Summary
from lucidreel.render.frames.frames import FilmFormat
from lucidreel.render.media.containers import CONTAINERS
from lucidreel.render.media.encode.codecs import CODECS
from lucidreel.render.media.encode.command import encode_arguments
from lucidreel.render.media.encode.encoders import known_encoders, quality_arguments
from lucidreel.render.media.encode.encoding import choose_encoding
from lucidreel.render.settings.settings import OutputConfig


def _present(name: str) -> str:
    if name not in known_encoders():
        pytest.skip(f"this ffmpeg has no {name}")
    return name


def test_usual_encoders_are_listed_with_the_codecs_they_write() -> None:
    known = known_encoders()
    for codec in CODECS.values():
        assert known[codec.encoder] == codec.name


@pytest.mark.parametrize(
    ("name", "suffix", "codec"),
    [("libopenh264", ".mp4", "h264"), ("libkvazaar", ".mkv", "hevc"), ("libx265", ".mov", "hevc")],
)
def test_named_encoder_makes_the_film(
    name: str,
    suffix: str,
    codec: str,
    short_clip: Path,
    rendered: Callable[..., Summary],
    film_facts: Callable[[Path], Any],
) -> None:
    summary = rendered(short_clip, f"film{suffix}", end_s=0.2, output={"encoder": _present(name)})
    facts = film_facts(summary.output)
    assert (facts.codec, len(facts.times_s), facts.colour) == (codec, 5, (1, 1, 1, 1))


def test_named_encoder_takes_the_place_of_the_usual_one(
    short_clip: Path, rendered: Callable[..., Summary]
) -> None:
    usual = rendered(short_clip, "usual.mp4", end_s=0.2).output.read_bytes()
    named = rendered(
        short_clip, "named.mp4", end_s=0.2, output={"encoder": _present("libopenh264")}
    ).output.read_bytes()
    assert b"x264 - core" in usual and b"x264 - core" not in named


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ({"encoder": "h264_nvnec"}, r"has no such encoder\. Nearest: h264_nvenc|It has .*libx264"),
        ({"encoder": "mpeg4"}, r"--encoder mpeg4: this ffmpeg has no such encoder.*libx264"),
        ({"encoder": "libx265", "codec": "h264"}, r"libx265 writes H\.265, and --codec h264 asks for H\.264"),
        ({"encoder": "libvpx-vp9", "crf": 70}, r"less than or equal to 63"),
        ({"encoder": "ffv1"}, r"--encoder ffv1: FFV1 does not go into \.mp4"),
    ],
)
def test_encoders_that_cannot_be_used_are_refused(
    output: dict[str, object], words: str, short_clip: Path, rendered: Callable[..., Summary], tmp_path: Path
) -> None:
    with pytest.raises(LucidreelError, match=words):
        rendered(short_clip, "film.mp4", output=output)
    assert list(tmp_path.iterdir()) == []


def test_encoder_without_its_hardware_is_found_out_before_the_first_dream(
    short_clip: Path, rendered: Callable[..., Summary], tmp_path: Path
) -> None:
    for name in ("h264_nvenc", "h264_amf", "hevc_videotoolbox", "h264_qsv"):
        if name in known_encoders():
            try:
                rendered(short_clip, f"{name}.mp4", end_s=0.04, output={"encoder": name})
            except MediaError as error:
                assert f"the encoder {name} does not work on this machine for 64x48" in str(error)
                assert "ffmpeg's last words: " in str(error) and error.stderr_tail
                assert list(tmp_path.iterdir()) == []
                return
    pytest.skip("every hardware encoder of this ffmpeg works here, or there is none")


def test_encoder_that_drops_bits_is_found_out(
    short_clip: Path, rendered: Callable[..., Summary], tmp_path: Path
) -> None:
    with pytest.raises(MediaError, match="libopenh264 writes 8 bits, not the 10 asked for"):
        rendered(short_clip, "film.mp4", output={"encoder": _present("libopenh264"), "bit_depth": 10})
    assert list(tmp_path.iterdir()) == []


def test_quality_is_asked_for_in_each_makers_words() -> None:
    h264 = CODECS["h264"]
    cases = {
        "h264_nvenc": "-rc:v vbr -b:v 0 -cq:v 21",
        "h264_qsv": "-global_quality:v 21",
        "h264_amf": "-rc:v cqp -qp_i:v 21 -qp_p:v 21",
    }
    for encoder, words in cases.items():
        assert " ".join(quality_arguments(encoder, h264, OutputConfig(crf=21))) == words
    assert quality_arguments("h264_videotoolbox", h264, OutputConfig()) == ("-q:v", "70")
    with pytest.raises(UsageError, match="h264_videotoolbox has no such scale"):
        quality_arguments("h264_videotoolbox", h264, OutputConfig(crf=21))


def test_usual_encoder_by_its_name_is_the_usual_encoding() -> None:
    container = CONTAINERS[".mp4"]
    assert choose_encoding(container, OutputConfig(encoder="libx264")) == choose_encoding(
        container, OutputConfig()
    )


@pytest.mark.parametrize("name", CODECS)
def test_every_option_of_the_picture_names_its_stream(name: str) -> None:
    """An option without one is the sound's too: on the picture's clock, sound was torn to pieces."""
    codec = CODECS[name]
    container = CONTAINERS[codec.suffixes[0]]
    film = FilmFormat(64, 48, Fraction(1, 24), Fraction(1, 24), 10)
    encoding = choose_encoding(
        container, OutputConfig.read({} if name == "gif" else {"codec": name}, "the test")
    )
    words = encode_arguments(film, container, encoding, None, Path("chapters"), Path("sounds"), Path("film"))
    of_file = {"-movflags", "-video_track_timescale", "-write_tmcd", "-f"}
    after_map = words[words.index("-map") + 2 :]
    options = {word for word in after_map if word.startswith("-") and word not in of_file}
    assert options and {word for word in options if ":v" not in word} == set()


@pytest.mark.parametrize(
    "encoder", ["h264_nvenc", "h264_qsv", "h264_amf", "h264_videotoolbox", "libopenh264"]
)
def test_every_option_of_a_named_encoder_names_its_stream(encoder: str) -> None:
    words = quality_arguments(encoder, CODECS["h264"], OutputConfig(encoder_preset="slow"))
    assert [word for word in words if word.startswith("-") and ":v" not in word] == []

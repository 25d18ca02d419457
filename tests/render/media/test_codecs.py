"""Codecs: each in the containers that hold it, with the bits, the quality and the speed asked for."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from lucidreel.errors import ConfigError, UsageError
from lucidreel.render.events.events import Summary
from lucidreel.render.frames.frames import FilmFormat, Frame, Picture
from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.media.containers import CONTAINERS
from lucidreel.render.media.encode.codecs import CODECS, Codec
from lucidreel.render.media.encode.film_writer import FilmWriter
from lucidreel.render.settings.settings import ClipConfig, OutputConfig
from lucidreel.tests.render.rendering import render_clip

from ..stand_in import unwanted

HELD = [(codec.name, suffix) for codec in CODECS.values() for suffix in codec.suffixes if codec.name != "gif"]
TEN_BITS = {
    ("h264", ".mp4"): "yuv420p10le",
    ("h265", ".mp4"): "yuv420p10le",
    ("vp9", ".webm"): "yuv420p10le",
    ("av1", ".mkv"): "yuv420p10le",
    ("prores", ".mov"): "yuv422p10le",
    ("ffv1", ".mkv"): "gbrp10le",
}
FFMPEG_NAMES = {"h265": "hevc"}


def _write(path: Path, pictures: list[Picture], **output: Any) -> Path:
    _, height, width = pictures[0].shape
    film = FilmFormat(width, height, Fraction(1, 25), Fraction(1, 25), len(pictures))
    config = OutputConfig.read(output, "the test")
    writer = FilmWriter(path, film, CONTAINERS[path.suffix], config, None)
    for index, picture in enumerate(pictures):
        writer.write(Frame(index, Fraction(index, 25), picture))
    writer.finish()
    return path


def _read(path: Path) -> list[Picture]:
    return [frame.picture for frame in ClipSource(probe(path), ClipConfig()).frames()]


def _ramp() -> Picture:
    """Return 1024 greys from black to white, each two columns wide."""
    greys = np.repeat(np.linspace(0, 1, 1024, dtype=np.float32), 2)
    return np.ascontiguousarray(np.broadcast_to(greys, (3, 32, 2048)))


@pytest.mark.parametrize(("codec", "suffix"), HELD)
def test_every_codec_is_written_to_every_container_that_holds_it(
    codec: str,
    suffix: str,
    short_clip: Path,
    rendered: Callable[..., Summary],
    film_facts: Callable[..., Any],
) -> None:
    output = rendered(short_clip, f"film{suffix}", end_s=0.2, output={"codec": codec}).output
    facts = film_facts(output)
    assert facts.codec == FFMPEG_NAMES.get(codec, codec)
    assert facts.size_px == (64, 48)
    assert [float(time) for time in facts.times_s] == pytest.approx([n / 25 for n in range(5)], abs=0.0005)
    greys = [picture[:, -8:].mean() * 255 for picture in _read(output)]
    assert greys == pytest.approx([0, 5, 10, 15, 20], abs=1.5)
    assert facts.colour == ((2, 0, 1, 1) if codec == "ffv1" else (1, 1, 1, 1))


@pytest.mark.parametrize(("codec", "suffix"), TEN_BITS)
def test_ten_bits_hold_greys_that_eight_cannot(
    codec: str, suffix: str, tmp_path: Path, film_facts: Callable[..., Any]
) -> None:
    deep = _write(tmp_path / f"deep{suffix}", [_ramp()], codec=codec, bit_depth=10)
    assert film_facts(deep).pixel_format == TEN_BITS[codec, suffix]
    (picture,) = _read(deep)
    assert np.abs(picture - _ramp()).max() * 255 < 0.75
    assert abs((picture - _ramp()).mean()) * 255 < 0.03
    assert len(np.unique(picture[1, 16])) > 700


def test_eight_bits_are_the_usual_ones_and_ten_for_prores(
    tmp_path: Path, film_facts: Callable[..., Any]
) -> None:
    grey = np.full((3, 48, 64), 0.5, dtype=np.float32)
    for codec, suffix, expected in (
        ("h265", ".mp4", "yuv420p"),
        ("av1", ".mp4", "yuv420p"),
        ("ffv1", ".mkv", "bgr0"),
        ("prores", ".mkv", "yuv422p10le"),
    ):
        film = _write(tmp_path / f"{codec}{suffix}", [grey], codec=codec)
        assert film_facts(film).pixel_format == expected


@pytest.mark.parametrize("bits", [8, 10, 16])
def test_ffv1_keeps_every_level_exactly(bits: int, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).random((3, 48, 64), dtype=np.float32)
    (picture,) = _read(_write(tmp_path / "film.mkv", [noise], codec="ffv1", bit_depth=bits))
    top = 2**bits - 1
    np.testing.assert_array_equal(np.rint(picture * top), np.rint(noise * top))


@pytest.mark.parametrize("codec", ["h264", "h265", "vp9", "av1", "prores", "ffv1"])
def test_odd_sizes_are_kept_by_every_codec_at_ten_bits(
    codec: str, tmp_path: Path, film_facts: Callable[..., Any]
) -> None:
    suffix = ".mov" if codec == "prores" else ".mkv"
    grey = np.full((3, 47, 63), 0.5, dtype=np.float32)
    assert film_facts(_write(tmp_path / f"film{suffix}", [grey], codec=codec, bit_depth=10)).size_px == (
        63,
        47,
    )


def test_rate_factor_and_preset_reach_the_encoder(tmp_path: Path) -> None:
    """x264 and x265 write their settings into the film, ProRes its profile into the codec's tag."""
    grey = [np.full((3, 48, 64), 0.5, dtype=np.float32)]
    for codec, words in {"h264": (b"crf=33.0", b"subme=8"), "h265": (b"crf=33.0", b"subme=3")}.items():
        film = _write(tmp_path / f"{codec}.mp4", grey, codec=codec, crf=33, encoder_preset="slow")
        assert all(word in film.read_bytes() for word in words)
    for preset, tag in {None: "apch", "proxy": "apco", "4444": "ap4h"}.items():
        output = {"codec": "prores", **({} if preset is None else {"encoder_preset": preset})}
        with av.open(str(_write(tmp_path / f"{preset}.mov", grey, **output))) as container:
            assert container.streams.video[0].codec_context.codec_tag == tag


@pytest.mark.parametrize(("codec", "suffix"), [("vp9", ".webm"), ("av1", ".mp4"), ("h265", ".mp4")])
def test_higher_rate_factors_make_smaller_films(codec: str, suffix: str, tmp_path: Path) -> None:
    noise = [np.random.default_rng(n).random((3, 96, 128), dtype=np.float32) for n in range(3)]
    sizes = [
        _write(tmp_path / f"{crf}{suffix}", noise, codec=codec, crf=crf).stat().st_size for crf in (10, 45)
    ]
    assert sizes[0] > 2 * sizes[1]


def test_h265_in_mp4_has_the_name_that_apple_opens(tmp_path: Path) -> None:
    film = _write(tmp_path / "film.mp4", [np.zeros((3, 48, 64), dtype=np.float32)], codec="h265")
    with av.open(str(film)) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"


REFUSED = [
    ("film.mp4", {"codec": "prores"}, r"ProRes does not go into \.mp4, which gets H\.264.*\.mov or \.mkv"),
    ("film.webm", {"codec": "h264"}, r"H\.264 does not go into \.webm.*\.mp4, \.m4v, \.mov or \.mkv"),
    ("film.mov", {"codec": "ffv1"}, r"ends in \.mkv"),
    ("film.gif", {"codec": "vp9"}, r"VP9 does not go into \.gif"),
    ("film.mp4", {"crf": 60}, r"--crf 60: for H\.264 it is from 0, the best, to 51"),
    ("film.mov", {"codec": "prores", "crf": 20}, r"no constant rate factor.*--encoder-preset proxy\|lt"),
    ("film.gif", {"crf": 20}, r"--crf 20: GIF has no constant rate factor\."),
    ("film.mp4", {"encoder_preset": "slwo"}, r"H\.264 has none of that name\. Nearest: slow.* medium"),
    ("film.webm", {"encoder_preset": "slow"}, r"VP9 has none of that name.*It has 0, 1, 2, 3, 4, 5"),
    ("film.mkv", {"codec": "ffv1", "encoder_preset": "slow"}, "FFV1 has none. Leave it out"),
    ("film.mov", {"codec": "prores", "bit_depth": 8}, "ProRes is written with 10 bits here"),
    ("film.mp4", {"bit_depth": 16}, r"--bit-depth 16: H\.264 is written with 8 or 10 bits here"),
    ("film.gif", {"bit_depth": 10}, r"GIF is written with 8 bits"),
    ("pictures", {"codec": "h264"}, r"--codec h264: a folder of numbered pictures is not encoded"),
    ("pictures", {"crf": 20}, r"--crf 20: a folder of numbered pictures"),
]


@pytest.mark.parametrize(("name", "output", "words"), REFUSED)
def test_what_does_not_go_together_is_refused_before_the_first_dream(
    name: str,
    output: dict[str, object],
    words: str,
    short_clip: Path,
    tmp_path: Path,
    plain: Callable[..., Any],
) -> None:
    with pytest.raises(UsageError, match=words):
        render_clip(short_clip, tmp_path / name, plain(output=output), unwanted(), overwrite=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("output", [{"codec": "h266"}, {"bit_depth": 12}, {"encoder": "-y x"}, {"crf": 64}])
def test_settings_that_no_codec_has_are_no_settings(output: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(output))):
        OutputConfig.read(output, "the test")


@pytest.mark.parametrize("bits", [10, 16])
def test_pictures_of_more_than_eight_bits_have_sixteen(
    bits: int, short_clip: Path, rendered: Callable[..., Summary]
) -> None:
    folder = rendered(short_clip, "pictures", end_s=0.1, output={"bit_depth": bits}).output
    frames = ClipSource(probe(short_clip), ClipConfig(end_s=0.1)).frames()
    for path, original in zip(sorted(folder.iterdir()), frames, strict=True):
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
            assert frame.format.name == "rgb48be"
            levels = frame.to_ndarray().astype(np.int64)
        np.testing.assert_array_equal(levels, np.rint(original.picture.transpose(1, 2, 0) * 65535))


def test_ten_bits_in_come_out_as_ten_bits(tmp_path: Path, rendered: Callable[..., Summary]) -> None:
    clip = _write(tmp_path / "deep.mkv", [_ramp()], codec="h265", bit_depth=10, crf=0)
    deep = rendered(clip, "film.mp4", output={"bit_depth": 10, "crf": 0}).output
    flat = rendered(clip, "flat.mp4", output={"crf": 0}).output
    (before,), (after,), (eight,) = _read(clip), _read(deep), _read(flat)
    assert np.abs(after - before).max() * 255 < 0.6
    assert len(np.unique(after[1])) > 700 > 256 > len(np.unique(eight[1]))


@pytest.mark.parametrize("codec", [codec for codec in CODECS.values() if codec.name != "gif"])
def test_page_about_media_tells_what_each_codec_takes(codec: Codec) -> None:
    page = (Path(__file__).parents[3] / "docs" / "media.md").read_text(encoding="utf-8")
    (row,) = (line for line in page.splitlines() if line.startswith(f"| `{codec.name}`"))
    _, _, suffixes, crf, preset, bits, _ = row.split("|")
    assert {f".{word.strip()}" for word in suffixes.split(",")} == set(codec.suffixes)
    if codec.crf is None:
        assert "none" in crf
    else:
        assert crf.strip() == f"{codec.crf.lowest}..{codec.crf.highest} ({codec.crf.clean})"
    assert preset.strip() == "none" if not codec.presets else preset.strip().endswith(f"({codec.preset})")
    assert bits.partition("(")[0].strip() == ", ".join(str(depth) for depth in codec.pixel_formats)

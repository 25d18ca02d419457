"""Facts of clips, and every kind of file that is none."""

from __future__ import annotations

import itertools
import math
import struct
import subprocess
import wave
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
import pytest

from lucidreel.errors import InputNotFoundError, LucidreelError, MediaError
from lucidreel.render.frames.frames import FrameDreamer
from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.media.clip_info import Orientation
from lucidreel.render.settings.settings import ClipConfig
from lucidreel.tests.render.rendering import render_clip


def test_facts_of_a_phone_clip(shared: Path) -> None:
    info = probe(shared / "clips" / "fire2.mp4")
    assert info.orientation == Orientation(flips_x=True, flips_y=True)
    assert info.time_base == Fraction(1, 90_000)
    assert info.average_rate == Fraction(750_000, 71_393)
    assert info.constant_rate is None
    assert len(info.packet_times_s) == 25
    assert info.end_s == Fraction(214_179, 90_000)
    assert info.readable_s is None
    assert [(sound.index, sound.codec) for sound in info.sounds] == [(1, "aac")]


def test_facts_of_a_film_with_many_streams(shared: Path) -> None:
    info = probe(shared / "clips" / "nasa_13013.mp4")
    assert (info.video_index, info.video_indices) == (0, (0, 3))  # FFmpeg's own choice is the larger 3
    assert info.display_size_px == (320, 180)
    assert info.constant_rate == Fraction(25)
    assert len(info.packet_times_s) == 325
    assert [sound.index for sound in info.sounds] == [1, 4]
    assert [subtitle.codec for subtitle in info.subtitles] == ["mov_text", "mov_text"]


def test_full_range_is_seen(shared: Path) -> None:
    assert probe(shared / "clips" / "volcano.mp4").colour.full_range


@pytest.mark.parametrize(("swap", "flip_x", "flip_y"), list(itertools.product([False, True], repeat=3)))
def test_orientation_obeys_the_display_matrix(swap: bool, flip_x: bool, flip_y: bool) -> None:
    """x' = a x + c y and y' = b x + d y, applied to every pixel's coordinates, then moved back into view."""
    sign_x, sign_y = (-1 if flip_x else 1), (-1 if flip_y else 1)
    a, b, c, d = (0, sign_y, sign_x, 0) if swap else (sign_x, 0, 0, sign_y)
    matrix = np.array([a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30], dtype=np.int32)
    pixels = np.arange(6).reshape(2, 3)
    moved = {(a * x + c * y, b * x + d * y): pixels[y, x] for y, x in itertools.product(range(2), range(3))}
    left, top = (min(key[axis] for key in moved) for axis in (0, 1))
    seen = Orientation.from_display_matrix(matrix).upright(pixels)
    assert {
        (x + left, y + top): seen[y, x] for y in range(seen.shape[0]) for x in range(seen.shape[1])
    } == moved


@pytest.fixture
def bad_inputs(tmp_path: Path, short_clip: Path, write_clip: Callable[..., Path]) -> Path:
    """A folder with one of every kind of file that is not a clip."""
    (tmp_path / "text.mp4").write_text("This is a letter, not a film.\n" * 100)
    (tmp_path / "empty.mp4").touch()
    data = short_clip.read_bytes()
    (tmp_path / "no-index.mp4").write_bytes(data[: len(data) // 2])
    (tmp_path / "folder").mkdir()
    (tmp_path / "photo.jpg").write_bytes(b"whatever is in it")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("missing.mp4", InputNotFoundError, "missing.mp4 does not exist"),
        ("text.mp4", MediaError, "text.mp4 cannot be read as a video"),
        ("empty.mp4", MediaError, r"empty.mp4 is empty \(0 bytes\)"),
        ("no-index.mp4", MediaError, "no-index.mp4 cannot be read as a video: .* cut off before its index"),
        ("folder", InputNotFoundError, "holds no pictures"),
        ("photo.jpg", MediaError, "photo.jpg is a single picture"),
    ],
)
def test_what_is_not_a_clip_is_refused_before_anything_is_written(
    name: str,
    error: type[LucidreelError],
    words: str,
    bad_inputs: Path,
    plain: Callable[..., Any],
    unchanged: FrameDreamer,
) -> None:
    before = sorted(bad_inputs.iterdir())
    with pytest.raises(error, match=words):
        render_clip(bad_inputs / name, bad_inputs / "film.mp4", plain(), unchanged, overwrite=False)
    assert sorted(bad_inputs.iterdir()) == before


def test_sound_without_picture_is_refused(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "song.wav"), "wb") as song:
        song.setnchannels(1)
        song.setsampwidth(2)
        song.setframerate(8000)
        song.writeframes(bytes(16_000))
    with pytest.raises(MediaError, match=r"song.wav has no moving picture, only sound"):
        probe(tmp_path / "song.wav")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_cut_off_clip_is_refused_with_what_is_readable_and_renders_up_to_there(
    suffix: str,
    tmp_path: Path,
    write_clip: Callable[..., Path],
    numbered_frames: Callable[..., Any],
    plain: Callable[..., Any],
    unchanged: FrameDreamer,
) -> None:
    options = {"qp": "0", "bf": "2", "g": "10"}
    whole = tmp_path / f"whole{suffix}"
    if suffix == ".mp4":  # the index must be in front, or nothing is readable
        render_clip(
            write_clip(tmp_path / "raw.mp4", numbered_frames(100), options=options),
            whole,
            plain(),
            unchanged,
            overwrite=False,
        )
    else:
        write_clip(whole, numbered_frames(100), options=options)
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    with pytest.raises(MediaError, match=r"cut short.* render that part with --end") as refusal:
        render_clip(cut, tmp_path / "film.mp4", plain(), unchanged, overwrite=False)
    end_s = float(str(refusal.value).rpartition("--end ")[2].rstrip("s."))
    assert 0.5 <= end_s <= 3.5
    summary = render_clip(cut, tmp_path / "film.mp4", plain(end_s=end_s), unchanged, overwrite=False)
    assert summary.frames == math.ceil(round(end_s * 25, 6))
    full = ClipSource(probe(whole), ClipConfig(end_s=end_s)).frames()
    part = ClipSource(probe(cut), ClipConfig(end_s=end_s)).frames()
    for ours, original in zip(part, full, strict=True):
        np.testing.assert_array_equal(ours.picture, original.picture)


@pytest.mark.parametrize("size", [200_000, 400_000, 480_000])
def test_clip_cut_off_before_or_in_its_first_frame_is_called_cut_short(
    size: int, shared: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes((shared / "clips" / "fire2.mp4").read_bytes()[:size])
    with pytest.raises(MediaError, match=r"cut\.mp4 is cut short: none of its frames is whole"):
        probe(cut)


def test_frames_hidden_by_an_edit_list_are_not_shown(
    tmp_path: Path, write_clip: Callable[..., Path], numbered_frames: Callable[..., Any]
) -> None:
    """A clip cut without encoding keeps frames before the cut for the decoder alone."""

    whole = write_clip(tmp_path / "whole.mp4", numbered_frames(40), options={"qp": "0", "g": "20"})
    cut = tmp_path / "cut.mp4"
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-ss", "0.6", "-i", whole, "-c", "copy", cut],
        check=True,
    )
    info = probe(cut)
    frames = list(ClipSource(info, ClipConfig()).frames())
    numbers = [round(float(frame.picture[:, -8:, :].mean()) * 255 / 5) for frame in frames]
    assert numbers == list(range(15, 40))
    assert [frame.time_s for frame in frames] == [Fraction(n, 25) for n in range(25)]
    assert len(info.packet_times_s) == 25


def test_vp8_frames_that_are_never_shown_are_not_counted(
    tmp_path: Path, write_clip: Callable[..., Path], numbered_frames: Callable[..., Any]
) -> None:
    clip = write_clip(
        tmp_path / "hidden.webm",
        numbered_frames(60),
        codec="libvpx",
        pixel_format="yuv420p",
        options={"auto-alt-ref": "1", "lag-in-frames": "16", "arnr-maxframes": "7", "b": "200k"},
    )
    info = probe(clip)
    assert len(info.packet_times_s) == 60
    assert info.constant_rate == 25
    assert len(list(ClipSource(info, ClipConfig()).frames())) == 60


def test_frames_larger_than_any_real_film_of_that_size_are_refused(tmp_path: Path) -> None:
    """A QuickTime of PNGs: the header says 20000x10000, and nothing of that is in the file."""
    path = tmp_path / "bomb.mov"
    with av.open(str(path), mode="w") as container:
        stream: Any = container.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 16, "rgb24"
        container.mux(stream.encode(av.VideoFrame(32, 16, "rgb24")))
        container.mux(stream.encode(None))
    data = path.read_bytes()
    png = data.index(b"IHDR")
    head = b"IHDR" + struct.pack(">II", 20_000, 10_000) + data[png + 12 : png + 17]
    data = data[:png] + head + struct.pack(">I", zlib.crc32(head)) + data[png + 21 :]
    entry = data.rindex(b"png ") + 4 + 24  # width and height in the sample description
    path.write_bytes(data[:entry] + struct.pack(">HH", 20_000, 10_000) + data[entry + 4 :])
    with pytest.raises(MediaError, match=r"bomb\.mov has 20000x10000 pixels.*Scale it down first"):
        probe(path)

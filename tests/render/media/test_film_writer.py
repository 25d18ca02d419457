"""Film files: sizes, shapes and tags of every container, and an ffmpeg that fails."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from lucidreel.errors import MediaError
from lucidreel.render.frames.frames import FilmFormat, Frame, FrameDreamer
from lucidreel.render.media.containers import CONTAINERS
from lucidreel.render.media.encode.film_writer import FilmWriter
from lucidreel.render.settings.settings import OutputConfig
from lucidreel.tests.render.rendering import render_clip

FORMAT = FilmFormat(64, 48, Fraction(1, 25), Fraction(1, 25), 5)


def _grey(level: float, width: int = 64, height: int = 48) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.full((3, height, width), level, dtype=np.float32)


def _writer(path: Path, film: FilmFormat = FORMAT) -> FilmWriter:
    return FilmWriter(path, film, CONTAINERS[path.suffix], OutputConfig(), None)


@pytest.mark.parametrize("suffix", sorted(CONTAINERS))
@pytest.mark.parametrize("size", [(64, 48), (63, 47), (17, 16)])
def test_sizes_are_kept_exactly_even_odd_ones(
    suffix: str, size: tuple[int, int], tmp_path: Path, film_facts: Callable[[Path], Any]
) -> None:
    film = FilmFormat(*size, Fraction(1, 25), Fraction(1, 25), 5)
    writer = _writer(tmp_path / f"film{suffix}", film)
    for index in range(5):
        writer.write(Frame(index, Fraction(index, 25), _grey(0.2 * index, *size)))
    writer.finish()
    facts = film_facts(tmp_path / f"film{suffix}")
    assert facts.size_px == size
    assert [float(time) for time in facts.times_s] == pytest.approx([n / 25 for n in range(5)], abs=0.0005)
    assert float(facts.last_frame_s) == pytest.approx(0.04, abs=0.0005)
    if suffix != ".gif":
        assert facts.colour == (1, 1, 1, 1)
        odd_h264 = facts.codec == "h264" and size != (64, 48)
        assert facts.pixel_format == ("yuv444p" if odd_h264 else "yuv420p")


def test_mp4_can_play_while_it_loads(tmp_path: Path) -> None:
    writer = _writer(tmp_path / "film.mp4")
    writer.write(Frame(0, Fraction(0), _grey(0.5)))
    writer.finish()
    data = (tmp_path / "film.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_gif_has_a_palette_for_every_frame(tmp_path: Path) -> None:
    """Five frames of 200 colours each are 1000 colours: one palette of 256 could not hold them."""
    ramp = np.linspace(0, 1, 200 * 3, dtype=np.float32).reshape(1, 200, 3)
    writer = _writer(tmp_path / "film.gif", FilmFormat(200, 16, Fraction(1, 25), Fraction(1, 25), 5))
    frames = []
    for index in range(5):
        picture = np.ascontiguousarray(np.roll(np.repeat(ramp, 16, axis=0), index, axis=2).transpose(2, 0, 1))
        picture[index % 3] *= 1 - index / 8
        frames.append(picture)
        writer.write(Frame(index, Fraction(index, 25), picture))
    writer.finish()
    with av.open(str(tmp_path / "film.gif")) as container:
        decoded = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    for pixels, picture in zip(decoded, frames, strict=True):
        assert np.abs(pixels.transpose(2, 0, 1) / 255 - picture).mean() < 0.01


@pytest.mark.parametrize("turn_deg", [90, 180, -90])
def test_pixel_shape_and_rotation_reach_the_film(
    turn_deg: int,
    tmp_path: Path,
    write_clip: Callable[..., Path],
    numbered_frames: Callable[..., Any],
    film_facts: Callable[[Path], Any],
    rendered: Callable[..., Any],
) -> None:
    clip = write_clip(
        tmp_path / "phone.mp4", numbered_frames(4), rotation_deg=turn_deg, pixel_aspect=Fraction(4, 3)
    )
    output = tmp_path / "film.mp4"
    rendered(clip, output.name)
    facts = film_facts(output)
    assert facts.size_px == ((64, 48) if turn_deg == 180 else (48, 64))
    assert facts.pixel_aspect == (Fraction(4, 3) if turn_deg == 180 else Fraction(3, 4))
    with av.open(str(clip)) as before, av.open(str(output)) as after:
        stored, upright = next(before.decode(video=0)), next(after.decode(video=0))
        assert (abs(stored.rotation), upright.rotation) == (abs(turn_deg), 0)
        turned = np.rot90(stored.to_ndarray(format="rgb24"), stored.rotation // 90)
        assert np.abs(turned.astype(int) - upright.to_ndarray(format="rgb24")).mean() < 3


def test_scaling_keeps_the_shape_on_the_screen(
    tmp_path: Path,
    write_clip: Callable[..., Path],
    numbered_frames: Callable[..., Any],
    film_facts: Callable[[Path], Any],
    rendered: Callable[..., Any],
) -> None:
    clip = write_clip(tmp_path / "wide.mp4", numbered_frames(2), pixel_aspect=Fraction(4, 3))
    for size, aspect in {(32, 24): Fraction(4, 3), (86, 48): Fraction(1), (64, 24): Fraction(2, 3)}.items():
        output = tmp_path / f"film-{size[0]}x{size[1]}.mp4"
        rendered(clip, output.name, size_px=size)
        assert film_facts(output).pixel_aspect == aspect


def test_metadata_of_the_clip_is_kept(shared: Path, tmp_path: Path, rendered: Callable[..., Any]) -> None:
    output = tmp_path / "film.mp4"
    rendered(shared / "clips" / "fire2.mp4", output.name, size_px=(32, 18))
    with av.open(str(output)) as container:
        assert container.metadata["creation_time"].startswith("2017-01-05T18:32:43")


@pytest.mark.skipif(os.name != "posix", reason="kills a process by signal")
def test_killed_ffmpeg_is_an_error_that_names_command_and_last_words(tmp_path: Path) -> None:
    writer = _writer(tmp_path / "film.mp4")
    writer.write(Frame(0, Fraction(0), _grey(0.5)))
    os.kill(writer.process_id, signal.SIGKILL)
    with pytest.raises(MediaError, match=r"ffmpeg stopped while writing the film") as caught:
        for index in range(1, 2000):
            writer.write(Frame(index, Fraction(index, 25), _grey(0.5)))
    assert "-fps_mode:v" in caught.value.command
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_ffmpeg_that_refuses_its_input_tells_why(tmp_path: Path) -> None:
    film = FilmFormat(64, 48, Fraction(1, 25), Fraction(1, 25), 5, pixel_aspect=Fraction(1))
    writer = FilmWriter(tmp_path / "no" / "film.mp4", film, CONTAINERS[".mp4"], OutputConfig(), None)
    with pytest.raises(MediaError) as caught:
        writer.write(Frame(0, Fraction(0), _grey(0.5)))
        writer.finish()
    assert "No such file" in caught.value.stderr_tail
    writer.discard()


def test_discarded_writer_leaves_nothing(tmp_path: Path) -> None:
    writer = _writer(tmp_path / "film.mp4")
    writer.write(Frame(0, Fraction(0), _grey(0.5)))
    writer.discard()
    writer.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="lists processes by ps")
def test_writer_that_cannot_be_made_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    endless = FilmFormat(64, 48, Fraction(1, 2**40), Fraction(1, 25), 5)
    with pytest.raises(OverflowError):
        _writer(tmp_path / "film.mp4", endless)
    running = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in running
    assert list(tmp_path.iterdir()) == []


def test_forgotten_writer_takes_its_ffmpeg_along(tmp_path: Path) -> None:
    writer = _writer(tmp_path / "film.mp4")
    process_id = writer.process_id
    del writer
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)


def test_folder_of_pictures_holds_the_exact_levels(
    short_clip: Path, tmp_path: Path, plain: Callable[..., Any], inverted: FrameDreamer
) -> None:
    folder = tmp_path / "pictures"
    render_clip(short_clip, folder, plain(), inverted, overwrite=False)
    names = sorted(path.name for path in folder.iterdir())
    assert names == [f"{n:06d}.png" for n in range(1, 21)]
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]
    for number, name in enumerate(names):
        level = np.asarray(Image.open(folder / name))[-8:].mean()
        assert level == pytest.approx(255 - 5 * number, abs=1)

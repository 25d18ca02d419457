"""Disks that are really full, and limits that are really met: exit code 8, and what space is missing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lucidreel.errors import OutputError
from lucidreel.render.files.atomic import write_text
from lucidreel.render.files.disk_space import ended_on_full_disk
from lucidreel.render.frames.frames import FilmFormat, Frame
from lucidreel.render.media.containers import CONTAINERS
from lucidreel.render.media.encode.film_writer import FilmWriter
from lucidreel.render.media.pictures.picture_folder import PictureFolderWriter
from lucidreel.render.media.pictures.pictures import write_picture
from lucidreel.render.settings.settings import OutputConfig

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mounts a small disk, or limits file sizes")

COUNT = 40
FILM = FilmFormat(64, 48, Fraction(1, 25), Fraction(1, 25), COUNT)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    try:
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("nothing can be mounted here")
    except OSError:
        pytest.skip("there is no mount here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def small_files() -> Iterator[None]:
    """Let no file have more than 16 KiB, the one that the tests report to included: for a moment only."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 * 1024, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _noise(number: int) -> np.ndarray[tuple[int, int, int], np.dtype[np.float32]]:
    return np.random.default_rng(number).random((3, 48, 64), dtype=np.float32)


def _write_film(path: Path) -> None:
    writer = FilmWriter(path, FILM, CONTAINERS[path.suffix], OutputConfig(), None)
    try:
        for number in range(COUNT):
            writer.write(Frame(number, Fraction(number, 25), _noise(number)))
        writer.finish()
    finally:
        writer.discard()


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.webm", "film.gif"])
def test_a_full_disk_at_the_encode_is_told_with_the_space_that_is_missing(
    name: str, small_disk: Path
) -> None:
    with pytest.raises(OutputError) as told:
        _write_film(small_disk / name)
    assert told.value.exit_code == 8
    assert re.search(r"takes about [\d.]+ [KM]iB, and .* is free: make another [\d.]+ ", str(told.value))
    assert list(small_disk.iterdir()) == []


def test_a_limit_on_files_at_the_encode_is_no_fault_of_the_film(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="raise your limit"), small_files():
        _write_film(tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif", "a.bmp"])
def test_a_full_disk_at_a_picture_is_told_and_leaves_nothing(name: str, small_disk: Path) -> None:
    (small_disk / "full").write_bytes(bytes(64 * 1024))
    with pytest.raises(OutputError, match=r"No space left on device: it takes .* make another"):
        write_picture(small_disk / name, _noise(0))
    assert [path.name for path in small_disk.iterdir()] == ["full"]


def test_a_full_disk_at_a_folder_of_pictures_and_at_a_record_is_told(small_disk: Path) -> None:
    writer = PictureFolderWriter(small_disk / "film")
    try:
        with pytest.raises(OutputError, match=r"000\d+\.png cannot be written .*: it takes .* make another"):
            for number in range(COUNT):
                writer.write(Frame(number, Fraction(number, 25), _noise(number)))
        (small_disk / "rest").write_bytes(b"")
        with pytest.raises(OutputError, match="make another"):
            write_text(small_disk / "film.toml", "x" * 20_000)
    finally:
        writer.discard()
    assert [path.name for path in small_disk.iterdir()] == ["rest"]


def test_how_ffmpeg_ends_on_a_full_disk_is_known_apart_from_how_else_it_ends() -> None:
    assert ended_on_full_disk(228, "") and ended_on_full_disk(229, "") and ended_on_full_disk(-25, "")
    assert ended_on_full_disk(1, "av_interleaved_write_frame(): No space left on device")
    assert not any(ended_on_full_disk(code, "Invalid argument") for code in (None, 0, 1, 234, -9, -15))


def test_results_that_find_no_place_on_stdout_are_an_error_and_a_reader_that_has_enough_is_none() -> None:
    command = [sys.executable, "-m", "lucidreel.cli", "presets", "show", "lucid"]
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 8 and "No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr and "ignored" not in ended.stderr
    heard, told = os.pipe()
    os.close(heard)
    ended = subprocess.run(command, stdout=told, stderr=subprocess.PIPE, text=True, check=False)
    os.close(told)
    assert (ended.returncode, ended.stderr) == (0, "")

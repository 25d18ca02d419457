"""Whole renders that meet a full disk, a forbidden folder, a torn frame: told clearly, and gone on with."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.errors import MediaError, OutputError
from lucidreel.render.checkpoint.rule import KeepRule
from lucidreel.render.film.film import prepare_clip
from lucidreel.render.film.film_checkpoint import checkpoint_plan, open_checkpoint
from lucidreel.render.outputs import checkpoint_folder
from lucidreel.tests.render.kept_renders import folding, pixels, render, settings

COUNT = 60
KEYS: dict[str, Any] = {"carry": "blend", "cuts": [0.2, 0.6], "repeats": False}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, write_clip: Callable[..., Path]) -> Path:
    """Noise that drifts, of 96x72: a kept frame takes 21 KiB."""
    still = np.random.default_rng(6).integers(0, 255, (72, 96, 3), dtype=np.uint8)
    frames = [np.roll(still, 2 * index, axis=1) for index in range(COUNT)]
    return write_clip(tmp_path_factory.mktemp("mishaps") / "clip.mp4", frames)


@pytest.fixture(scope="module")
def whole(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> list[NDArray[np.uint8]]:
    """The frames of a render to which nothing happened."""
    output = tmp_path_factory.mktemp("whole") / "film.mkv"
    render(clip, output, folding(), **KEYS)
    return pixels(output)


def goes_on(clip: Path, output: Path, whole: list[NDArray[np.uint8]]) -> tuple[str, ...]:
    """Render on, check that the film is as if nothing had happened, and return the checkpoint's notes."""
    film, rest = prepare_clip(clip, output, settings(**KEYS), overwrite=False), folding()
    with open_checkpoint(
        film, checkpoint_plan(film, settings(**KEYS), {"device": "cpu"}), KeepRule()
    ) as kept:
        notes = kept.checkpoint.notes
        summary = film.render(rest, kept)
    assert summary.frames == len(whole) == COUNT and rest.dreamt < COUNT
    for ours, theirs in zip(pixels(output), whole, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not checkpoint_folder(output).exists()
    return notes


@pytest.fixture
def small_disk(disk_of: Callable[[int], Path]) -> Path:
    return disk_of(5 * 1024)


def test_render_that_fills_its_disk_goes_on_when_there_is_room(
    clip: Path, whole: list[NDArray[np.uint8]], small_disk: Path
) -> None:
    output, ballast = small_disk / "film.mkv", small_disk / "ballast"

    def fill() -> None:
        free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
        ballast.write_bytes(bytes(free - 100 * 1024))

    with pytest.raises((OutputError, MediaError), match="No space left on device"):
        render(clip, output, folding(mishap=fill), **KEYS)
    assert not output.exists()
    kept = len(list(checkpoint_folder(output).glob("*.png")))
    assert 20 <= kept < COUNT
    ballast.unlink()
    goes_on(clip, output, whole)
    assert [path.name for path in small_disk.iterdir()] == [output.name]


def test_disk_that_may_only_be_read_is_refused_before_anything_else(clip: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(OutputError, match=r"disk cannot be written to \(Read-only file system\)"):
        prepare_clip(clip, small_disk / "film.mkv", settings(**KEYS), overwrite=False)


def test_folder_that_may_no_longer_be_written_is_told_and_the_render_goes_on_later(
    clip: Path, whole: list[NDArray[np.uint8]], tmp_path: Path, bound_by_permissions: None
) -> None:
    output = tmp_path / "film.mkv"
    folder = checkpoint_folder(output)
    told = r"frame \d+ cannot be kept: Permission denied\. See to it that the folder can be written"
    with pytest.raises(OutputError, match=told):
        render(clip, output, folding(mishap=lambda: folder.chmod(0o500)), **KEYS)
    with pytest.raises(OutputError, match=r"film\.mkv\.frames: .*Permission denied"):
        render(clip, output, folding(), **KEYS)
    folder.chmod(0o700)
    goes_on(clip, output, whole)


@pytest.mark.parametrize(
    ("name", "begins"), [("000007.png", 6), ("000012.png", 6), ("000029.png", 16), ("carry.state", 16)]
)
def test_torn_file_is_told_and_what_it_held_is_dreamt_again(
    name: str, begins: int, clip: Path, whole: list[NDArray[np.uint8]], tmp_path: Path
) -> None:
    output = tmp_path / "film.mkv"
    with pytest.raises(MediaError, match="the engine broke"):
        render(clip, output, folding(fail_at=40), **KEYS)
    torn = checkpoint_folder(output) / name
    torn.write_bytes(torn.read_bytes()[:1000])
    (note,) = goes_on(clip, output, whole)
    assert name in note and f"dreamt again from frame {begins}" in note

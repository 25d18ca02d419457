"""What is told of pictures on the command line: animations, profiles, sizes; nothing of it in a quiet run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import pytest
from PIL import Image

from .conftest import Ended

Run = Callable[..., Ended]


@pytest.fixture
def animation(tmp_path: Path) -> Path:
    """Three frames, shown for 0.1, 0.2 and 0.3 s."""
    frames = [Image.new("RGB", (48, 32), (80 * number,) * 3) for number in range(3)]
    path = tmp_path / "moving.webp"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[100, 200, 300], lossless=True)
    return path


@pytest.mark.parametrize("words", [[], ["--quiet"]])
def test_a_still_of_an_animation_says_that_it_is_one(
    words: list[str], animation: Path, tmp_path: Path, run: Run, quick: list[str]
) -> None:
    ended = run("still", animation, "-o", tmp_path / "dream.png", "-c", "goldfish", *quick, *words)
    assert ended.code == 0, ended.err
    assert ("moving.webp is animated, with 3 frames" in ended.err) is not bool(words)


def test_an_animation_is_rendered_at_its_own_times_and_previewed_at_any(
    animation: Path, tmp_path: Path, run: Run, quick: list[str]
) -> None:
    film = tmp_path / "film.mp4"
    ended = run("render", animation, "-o", film, "-c", "goldfish", *quick)
    assert ended.code == 0, ended.err
    with av.open(str(film)) as container:
        assert [frame.time for frame in container.decode(video=0)] == pytest.approx([0, 0.1, 0.3])
    look = tmp_path / "look.png"
    assert run("preview", animation, "-o", look, "--at", "0.2s", "-c", "goldfish", *quick).code == 0
    late = run("preview", animation, "-o", tmp_path / "late.png", "--at", "0.6s", "-c", "goldfish", *quick)
    assert late.code == 2 and "moving.webp lasts 0.6 s" in late.err


def test_a_guide_with_a_broken_profile_is_told(tmp_path: Path, run: Run, quick: list[str]) -> None:
    photo = tmp_path / "photo.jpg"
    Image.new("RGB", (48, 32), (200, 90, 40)).save(photo, icc_profile=b"no profile")
    ended = run("still", "noise:48x32", "-o", tmp_path / "dream.png", "--guide", f"{photo}@conv1", *quick)
    assert ended.code == 0, ended.err
    assert "photo.jpg: its colour profile cannot be used" in ended.err

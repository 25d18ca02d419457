"""Chapters: none, and more than a command line holds."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import imageio_ffmpeg
import pytest

from lucidreel.render.events.events import Summary


def _chapters(path: Path) -> list[tuple[float, float, str]]:
    """Return start and end, to a millisecond, and title of every chapter."""
    with av.open(str(path)) as container:
        return [
            (
                round(float(chapter["start"] * (chapter["time_base"] or Fraction(0))), 3),
                round(float(chapter["end"] * (chapter["time_base"] or Fraction(0))), 3),
                chapter["metadata"]["title"],
            )
            for chapter in container.chapters()
        ]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_chapters_are_kept_however_many_and_long(
    suffix: str, tmp_path: Path, rendered: Callable[..., Summary]
) -> None:
    """3,000 of them with long titles: far more than fits into an argument of a program."""
    titles = [f"{number}: " + "words = and # more; \\ü " * 8 for number in range(3000)]
    starts = [f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={n}\nEND={n + 1}\n" for n in range(3000)]
    escaped = [re.sub(r"([=;#\\])", r"\\\1", title) for title in titles]
    words = "".join(f"{start}title={title}\n" for start, title in zip(starts, escaped, strict=True))
    (tmp_path / "chapters.txt").write_text(f";FFMETADATA1\n{words}", encoding="utf-8")
    clip = tmp_path / f"clip{suffix}"
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error"),
        *("-f", "lavfi", "-i", "color=gray:s=32x32:d=3:r=25", "-f", "lavfi", "-i", "sine=300:d=3"),
        *("-i", str(tmp_path / "chapters.txt"), "-map", "0", "-map", "1", "-map_chapters", "2", str(clip)),
    ]
    subprocess.run(command, check=True)
    film = rendered(clip, f"film{suffix}").output
    expected = [(n / 1000, (n + 1) / 1000, title) for n, title in enumerate(titles)]
    assert _chapters(clip) == _chapters(film) == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["chapters.txt", clip.name, f"film{suffix}"]
    )


def test_clip_without_chapters_makes_a_film_without(
    short_clip: Path, rendered: Callable[..., Summary]
) -> None:
    assert _chapters(rendered(short_clip, "film.mkv").output) == []

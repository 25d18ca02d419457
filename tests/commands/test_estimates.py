"""What a run will take is said before it starts, unless quiet is asked for, and it changes no picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lucidreel.commands.report import estimate_line, format_duration, format_memory, memory_warning
from lucidreel.render.events.plan import Estimate

from .conftest import Ended

Run = Callable[..., Ended]
SMALL = ("--size", "96x54")


@pytest.fixture
def everything_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of milliseconds are worth telling."""
    monkeypatch.setattr("lucidreel.dream.estimate.cost.WORTH_TELLING_S", 0.0)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(5).integers(0, 255, (54, 96, 3), np.uint8)).save(path)
    return path


@pytest.mark.usefixtures("everything_told")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("still",), r"About \d\S* s to go, [\d.]+ [MG]iB of memory\."),
        (("preview",), r"About \d\S* s to go, [\d.]+ [MG]iB of memory\."),
        (
            ("zoom", "-d", "0.5s", "--fps", "12"),
            r"About \d\S* s per frame, \d\S* s to go \(6 frames\), [\d.]+ [MG]iB of memory\.",
        ),
    ],
)
def test_the_estimate_stands_between_what_is_dreamt_and_the_first_step(
    words: tuple[str, ...], said: str, tmp_path: Path, photo: Path, quick: tuple[str, ...], run: Run
) -> None:
    suffix = ".mp4" if words[0] == "zoom" else ".png"
    ended = run(words[0], photo, "-o", tmp_path / f"dream{suffix}", *words[1:], *quick)
    assert ended.code == 0, ended.err
    lines = ended.err.splitlines()
    assert lines[0].startswith("Dreaming of")
    assert re.fullmatch(said, lines[1]), lines[1]
    assert all("About" not in line for line in lines[2:])


@pytest.mark.usefixtures("everything_told")
def test_a_clips_estimate_counts_its_frames(
    tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    ended = run("render", sample_clip, "-o", tmp_path / "dream.mkv", "--end", "0.2s", *SMALL, *quick)
    assert re.search(r"^About .* per frame, .* to go \(5 frames\), .* of memory\.$", ended.err, re.MULTILINE)


@pytest.mark.usefixtures("everything_told")
def test_quiet_silences_the_estimate_and_the_picture_is_the_same_with_and_without_it(
    tmp_path: Path, photo: Path, quick: tuple[str, ...], run: Run
) -> None:
    told = run("still", photo, "-o", tmp_path / "told.png", *quick, "-c", "goldfish", "-l", "conv1")
    quiet = run("still", photo, "-o", tmp_path / "quiet.png", *quick, "-c", "goldfish", "-l", "conv1", "-q")
    assert "About" in told.err and quiet.err == ""
    assert (tmp_path / "told.png").read_bytes() == (tmp_path / "quiet.png").read_bytes()


def test_a_run_of_a_moment_is_not_estimated(
    tmp_path: Path, photo: Path, quick: tuple[str, ...], run: Run
) -> None:
    assert "About" not in run("still", photo, "-o", tmp_path / "dream.png", *quick).err


def test_too_little_memory_is_warned_of_before_anything_is_dreamt(
    tmp_path: Path, photo: Path, quick: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lucidreel.dream.memory.free_mib", lambda device: 0.25)
    ended = run("still", photo, "-o", tmp_path / "dream.png", *quick)
    assert ended.code == 0
    assert "Memory is short: " in ended.err.splitlines()[1]


def test_a_warning_names_what_is_needed_what_is_free_and_what_to_do() -> None:
    assert memory_warning(3000.0, 1000.0) == (
        "Memory is short: this takes about 2.9 GiB more, and 1.0 GiB is free. "
        "--memory 600 cuts pictures into smaller tiles, --size makes them smaller."
    )
    little = memory_warning(3000.0, 100.0)
    assert little.endswith("100 MiB is free. --size makes pictures smaller.")


def test_an_estimate_is_one_line_whose_numbers_are_no_finer_than_they_are_known() -> None:
    assert estimate_line(Estimate(96, 4.21, 403.4, 1130.0), "frame") == (
        "About 4.2 s per frame, 6 min 43 s to go (96 frames), 1.1 GiB of memory."
    )
    assert estimate_line(Estimate(None, 4.21, None, 690.4), "frame") == (
        "About 4.2 s per frame, 690 MiB of memory."
    )
    assert estimate_line(Estimate(241, 0.31, 74.5, 610.0, repeats=71), "frame") == (
        "About 0.31 s per frame, 1 min 14 s to go (241 frames, about 71 of them repeats), 610 MiB of memory."
    )
    assert estimate_line(Estimate(1, 4.21, 4.21, 690.4), "picture") == "About 4.2 s to go, 690 MiB of memory."


@pytest.mark.parametrize(
    ("duration_s", "words"),
    [(0.123, "0.12 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.6, "1 min 0 s"), (403.4, "6 min 43 s"),
     (3599.7, "1 h 0 min"), (7500.0, "2 h 5 min"), (86_399.0, "1 d 0 h"), (100_000.0, "1 d 4 h")],
)  # fmt: skip
def test_durations_are_told_in_two_units_at_most(duration_s: float, words: str) -> None:
    assert format_duration(duration_s) == words


def test_memory_is_told_in_gibibytes_from_a_thousand_mebibytes_on() -> None:
    assert [format_memory(mib) for mib in (690.4, 999.0, 1024.0, 10_000.0)] == [
        "690 MiB", "999 MiB", "1.0 GiB", "9.8 GiB"
    ]  # fmt: skip

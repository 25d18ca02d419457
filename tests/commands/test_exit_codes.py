"""How errors are told apart: exit codes, tracebacks on request, mistyped words, a full memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lucidreel.errors import (
    ClassNotFoundError,
    InputNotFoundError,
    MediaError,
    ModelFileError,
    OutOfMemoryError,
    OutputError,
    PresetError,
    UsageError,
)

from .conftest import Ended

Run = Callable[..., Ended]


def test_every_class_of_error_has_an_exit_code_of_its_own() -> None:
    families = (
        UsageError,
        PresetError,
        ModelFileError,
        ClassNotFoundError,
        InputNotFoundError,
        MediaError,
        OutputError,
    )
    codes = [error.exit_code for error in families]
    assert len(set(codes)) == len(codes)
    assert 0 not in codes and 1 not in codes


def test_debug_shows_the_traceback_wherever_it_stands(run: Run) -> None:
    for words in (
        ["--debug", "render", "none.mp4", "-o", "x.mp4"],
        ["render", "none.mp4", "-o", "x.mp4", "--debug"],
    ):
        ended = run(*words)
        assert ended.code == InputNotFoundError.exit_code
        assert "Traceback" in ended.err and "error: " in ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("rendr clip.mp4", ["'rendr'", "Nearest: render", "--help"]),
        ("help render", ["lucidreel render --help"]),
        ("clip.mp4 -o out.mp4", ["lucidreel render clip.mp4 -o"]),
        ("--preset lucid render clip.mp4 -o out.mp4", ["--preset", "lucidreel render"]),
        ("presets lucid", ["'lucid'", "list and show"]),
        ("render clip.mp4 -o out.mp4 -n 20 10 5", ["--iterations 20,10,5"]),
        ("still noise -o out.png -c eye=50%", ["eye=0.5"]),
        ("still noise -o out.png -c eye=0,5", ["eye=0.5"]),
        ("render clip.mp4 -o out.mp4 --clas eye", ["--clas", "--class", "--help"]),
        ("render clip.mp4", ["-o OUT"]),
        ("render clip.mp4 -o", ["-o OUT"]),
        ("render clip.mp4 out.mp4", ["-o out.mp4"]),
        ("render clip.mp4 -o out.mp4 --octaves many", ["--octaves many", "a whole number"]),
        ("still noise -o out.png --blend 50%", ["--blend 50% is not a number: write 0.5"]),
        ("still noise -o out.png --blend 0,5", ["--blend 0,5 is not a number: write 0.5"]),
        ("still a b -o out.png", ["'b'", "lucidreel still --help"]),
        ("still noise -o out.png -c tropical fish", ["--class 'tropical fish'", "tropical,fish"]),
        ("still noise -o out.png -c goldfish 0.5", ["goldfish=0.5"]),
        ("render -o out.mp4 -c great white shark clip.mp4", ["--class 'great white shark'"]),
        ("render clip.mp4 -o my film.mp4", ["--output 'my film.mp4'"]),
        ("still noise -o out.png -c shark -0.5", ["NAME=-0.5"]),
        ("render clip.mp4 -o out.mp4 -p lucid -p reef", ["--preset", "twice", "lucidreel presets show"]),
        ("render clip.mp4 -o out.mp4 --mask a.png --mask b.png", ["--mask", "twice"]),
        ("still noise -o out.png --carry none", ["--carry", "lucidreel render and lucidreel preview"]),
        ("preview clip.mp4 -o out.png --alone --run-in 4", ["--run-in", "--alone"]),
        ("still noise -o out.png --start 2s", ["--start", "lucidreel render and lucidreel preview"]),
        ("zoom noise -o out.mp4 --no-sound", ["--no-sound", "lucidreel render"]),
        ("doctor --preset lucid", ["--preset", "lucidreel render"]),
    ],
)
def test_a_mistyped_command_line_is_explained_with_what_was_meant(
    words: str, said: list[str], run: Run
) -> None:
    ended = run(*words.split())
    assert ended.code == UsageError.exit_code
    assert ended.err.startswith("error: ")
    assert len(ended.err.splitlines()) == 1
    for word in said:
        assert word in ended.err


def test_a_full_memory_is_an_error_of_its_own_and_no_bug(
    tmp_path: Path, quick: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(*_: object) -> None:
        np.empty(2**62, np.uint8)

    monkeypatch.setattr("lucidreel.render.frames.noise.noise_picture", too_large)
    ended = run("still", "noise", "-o", tmp_path / "dream.png", *quick)
    assert ended.code == OutOfMemoryError.exit_code
    assert "memory" in ended.err and "bug" not in ended.err

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
        ("rendr clip.mp4", ["'rendr'", "render"]),
        ("render clip.mp4 -o out.mp4 --clas eye", ["--clas", "--class"]),
        ("render clip.mp4", ["--output"]),
        ("render clip.mp4 -o out.mp4 --octaves many", ["--octaves"]),
        ("still a b -o out.png", ["b"]),
    ],
)
def test_a_mistyped_command_line_is_explained_with_what_was_meant(
    words: str, said: list[str], run: Run
) -> None:
    ended = run(*words.split())
    assert ended.code == UsageError.exit_code
    assert ended.err.startswith("error: ")
    assert len(ended.err.splitlines()) == 1
    for word in [*said, "--help"]:
        assert word in ended.err


def test_a_full_memory_is_an_error_of_its_own_and_no_bug(
    tmp_path: Path, quick: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(*_: object) -> None:
        np.empty(2**62, np.uint8)

    monkeypatch.setattr("lucidreel.commands.start_pictures.noise_picture", too_large)
    ended = run("still", "noise", "-o", tmp_path / "dream.png", *quick)
    assert ended.code == OutOfMemoryError.exit_code
    assert "memory" in ended.err and "bug" not in ended.err

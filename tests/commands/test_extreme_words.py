"""Words of absurd length, numbers of thousands of digits, files without an end: one line and an exit code."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lucidreel.errors import (
    LONGEST_MESSAGE,
    ClassNotFoundError,
    ConfigError,
    InputNotFoundError,
    LayerNotFoundError,
    ModelFileError,
    OutputError,
    PresetError,
    UsageError,
)

from .conftest import Ended

Run = Callable[..., Ended]
DIGITS = "9" * 5000
LONG = "x" * 5000
STILL = ["still", "noise:32x32", "-o", "out.png"]


def refused(ended: Ended, code: int) -> str:
    assert ended.code == code, ended.err
    assert ended.err.startswith("error: ") and len(ended.err.splitlines()) == 1
    assert len(ended.err) < LONGEST_MESSAGE + 20
    return ended.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([*STILL, "--class", DIGITS], ClassNotFoundError.exit_code),
        ([*STILL, "--class", f"random:{DIGITS}"], ClassNotFoundError.exit_code),
        ([*STILL, "--class", f"0-{DIGITS}"], ClassNotFoundError.exit_code),
        ([*STILL, "--class", "0-9," * 3000], UsageError.exit_code),
        ([*STILL, "--class", f"eye={DIGITS}"], UsageError.exit_code),
        ([*STILL, "--class", "eye\n\x1b[31m"], ClassNotFoundError.exit_code),
        ([*STILL, "--layer", LONG], LayerNotFoundError.exit_code),
        ([*STILL, "--channel", f"conv1:{DIGITS}"], UsageError.exit_code),
        ([*STILL, "--neuron", f"conv1:{DIGITS}"], UsageError.exit_code),
        ([*STILL, "--guide", "@" * 100_000], UsageError.exit_code),
        ([*STILL, "--octaves", DIGITS], UsageError.exit_code),
        ([*STILL, "--strength", "1e999"], UsageError.exit_code),
        ([*STILL, "--iterations", f"1..{DIGITS}"], UsageError.exit_code),
        ([*STILL, "--seed", DIGITS], UsageError.exit_code),
        ([*STILL, "--model", LONG], UsageError.exit_code),
        ([*STILL, "--preset", f"{LONG}.toml"], PresetError.exit_code),
        ([*STILL, "--config", f"{LONG}.toml"], ConfigError.exit_code),
        ([*STILL, "--schedule", f"{LONG}.py"], UsageError.exit_code),
        ([*STILL, "--class", f"{LONG}.json"], ConfigError.exit_code),
        ([*STILL, "--class", "~nobody/sea.json"], 6),
        (["models", "classes", LONG], UsageError.exit_code),
        (["models", "add", LONG], ModelFileError.exit_code),
        (["models", "info", LONG], ModelFileError.exit_code),
    ],
    ids=lambda words: " ".join(words)[:40] if isinstance(words, list) else None,
)
def test_extreme_words_are_answered_in_a_line(words: list[str], code: int, run: Run) -> None:
    refused(run(*words), code)


@pytest.mark.parametrize("output", ["", ".", "/"])
def test_an_output_without_a_name_is_refused(output: str, run: Run) -> None:
    refused(run("zoom", "noise:32x32", "-o", output, "--duration", "0.1"), OutputError.exit_code)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
@pytest.mark.parametrize(
    ("flag", "name", "code"),
    [
        ("--preset", "endless.toml", PresetError.exit_code),
        ("--config", "endless.toml", InputNotFoundError.exit_code),
        ("--class", "endless.json", InputNotFoundError.exit_code),
        ("--class", "endless.toml", InputNotFoundError.exit_code),
        ("--schedule", "endless.json", InputNotFoundError.exit_code),
        ("--schedule", "endless.py", InputNotFoundError.exit_code),
    ],
)
def test_pipes_and_devices_are_never_read(
    flag: str, name: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo(name)
    refused(run(*STILL, flag, name), code)
    Path(name).unlink()
    Path(name).symlink_to("/dev/zero")
    refused(run(*STILL, flag, name), code)


@pytest.mark.parametrize(
    ("flag", "name", "text", "code", "said"),
    [
        ("--preset", "a.toml", f"[dream]\noctaves = {DIGITS}", 3, "a whole number is larger"),
        ("--preset", "a.toml", "a" + ".a" * 100_000 + " = 1", 3, "a key has more than 32 parts"),
        ("--preset", "a.toml", f'[targets.classes]\n"{LONG * 3}" = 1', 3, "at most 10,000 letters"),
        ("--preset", "a.toml", f'[dream]\nmask = "{LONG}.png"', 6, "File name too long"),
        ("--config", "a.toml", "a = " + "[" * 9000, 3, "nested more than 32 deep"),
        (
            "--config",
            "a.toml",
            f"[dream]\niterations = '9e99>{'9' * 400}'\n[[dream.schedule]]",
            3,
            "iterations",
        ),
        ("--config", "a.toml", f"[clip]\nfps = '1/{DIGITS}'", 3, "write frames per second"),
        ("--class", "a.json", '{"eye": 1' + "0" * 400 + "}", 3, "a whole number is larger"),
        ("--class", "a.json", '["\\ud800"]', 3, "which is no character"),
        ("--class", "a.json", "[" * 9000, 3, "nested more than 32 deep"),
        ("--schedule", "a.py", "[{'iter_n': " + "9" * 4000 + "}]", 2, "a whole number is larger"),
        ("--schedule", "a.py", "[{'iter_n': " + "-" * 9000 + "1}]", 2, "nested too deep"),
        ("--schedule", "a.json", '[{"iterations": 1e999}]', 2, "iterations"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_extreme_values_in_files_are_answered_in_a_line(
    flag: str, name: str, text: str, code: int, said: str, tmp_path: Path, run: Run
) -> None:
    (tmp_path / name).write_text(text)
    assert said in refused(run(*STILL, flag, tmp_path / name), code)

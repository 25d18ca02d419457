"""A program that is killed between the last frame and its last words; the same command does what is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lucidreel.render.settings.records import read_record

from .conftest import Ended

Run = Callable[..., Ended]
# Kills itself before it opens the file of its film's record.
PROGRAM = """
import os, signal, sys
def watch(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".part.toml") and ".dream.mkv" in str(arguments[0]):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
from lucidreel.cli import main
main()
"""


def killed(words: list[str], home: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], env={**os.environ, "LUCIDREEL_HOME": str(home)}, check=False
    )
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
@pytest.mark.parametrize("command", ["render", "zoom"])
def test_a_film_without_its_record_gets_it_and_its_frames_go(
    command: str, tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], run: Run, home: Path
) -> None:
    output, frames = tmp_path / "dream.mkv", tmp_path / "dream.mkv.frames"
    words = {"render": [str(sample_clip), "--end", "0.1s"], "zoom": ["noise", "--duration", "0.1s"]}[command]
    words = [command, *words, "-o", str(output), "--size", "96x54", "-c", "goldfish", *quick]
    killed(words, home)
    film, record = output.read_bytes(), tmp_path / "dream.mkv.toml"
    assert frames.is_dir() and not record.exists()
    other = run(*words, "--seed", "3")
    assert other.code == 8 and "dream.mkv exists" in other.err and not record.exists()
    rest = run(*words)
    assert (rest.code, rest.out) == (0, f"{output}: complete\n") and "Dreaming" not in rest.err
    assert output.read_bytes() == film
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dream.mkv", "dream.mkv.toml"]
    assert read_record(record).command == command
    again = run(*words)
    assert again.code == 8 and "dream.mkv exists" in again.err


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_a_film_that_somebody_put_in_its_place_is_another_one(
    tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], run: Run, home: Path
) -> None:
    output = tmp_path / "dream.mkv"
    words = [
        "render",
        str(sample_clip),
        "--end",
        "0.1s",
        "-o",
        str(output),
        "--size",
        "96x54",
        "-c",
        "goldfish",
    ]
    killed([*words, *quick], home)
    output.write_bytes(b"theirs")
    refused = run(*words, *quick)
    assert refused.code == 8 and "dream.mkv exists" in refused.err
    assert output.read_bytes() == b"theirs" and not (tmp_path / "dream.mkv.toml").exists()
    output.unlink()
    rest = run(*words, *quick)
    assert rest.code == 0 and "Nothing is left to dream: 3 frames are kept" in rest.err, rest.err

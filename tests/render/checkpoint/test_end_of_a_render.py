"""A render killed at any step after its last frame: the same command ends with film, record and nothing else.

This file is also the program that is killed. Python tells of every file that is opened, renamed or removed
before that happens (audit events), and the process kills itself at the first of them after the film is whole,
the next one at the second, and so on until one lives to its end.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lucidreel.errors import OutputError
from lucidreel.render.checkpoint.completion import Completion
from lucidreel.render.checkpoint.rule import KeepRule
from lucidreel.render.checkpoint.session import clear_up
from lucidreel.render.film.film import prepare_clip
from lucidreel.render.film.film_checkpoint import checkpoint_plan, open_checkpoint
from lucidreel.render.outputs import checkpoint_folder
from lucidreel.render.settings.records import record_path, record_text

from ..kept_renders import folding, pixels, settings

COUNT = 2
KEYS: dict[str, Any] = {"carry": "none", "cuts": "none"}
OLD = b"an older one"
WATCHED = ("open", "os.rename", "os.remove", "os.rmdir", "os.link", "os.mkdir", "os.truncate")


def render(clip: Path, output: Path, overwrite: bool, keep: bool) -> int:
    """Do what the command does; return how many frames were dreamt, -1 where nothing was left to render."""
    rule, asked = KeepRule(keep_frames=keep), settings(**KEYS)
    if clear_up(output, lambda: "the same", rule) is not None:
        return -1
    film, dreamer = prepare_clip(clip, output, asked, overwrite), folding()
    completion = Completion("the same", record_text(output, "render", str(clip), asked))
    with open_checkpoint(film, checkpoint_plan(film, asked, {}), rule, completion) as kept:
        film.render(dreamer, kept)
    return dreamer.dreamt


def kill_at(number: int) -> None:
    """Kill this process before it touches a file for the n-th time since the note of a whole film."""
    counted = itertools.count()
    begun = False

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal begun
        if event not in WATCHED:
            return
        begun = begun or ".complete-" in str(arguments[0])
        if begun and next(counted) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def in_a_process(work: Callable[[], int]) -> int | None:
    """Do some work in a process of its own and return its result plus ten; None where it was killed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = work() + 10
        except OutputError as error:
            code = 2 if "exists" in str(error) or "not empty" in str(error) else 1
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return None if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def looks_whole(output: Path) -> bool:
    if output.is_dir():
        return sorted(path.name for path in output.iterdir()) == [f"{n + 1:06d}.png" for n in range(COUNT)]
    return len(pixels(output)) == COUNT


def looks_old(output: Path) -> bool:
    path = output / "1.png" if output.is_dir() else output
    return path.exists() and path.read_bytes() == OLD


def check_one(number: int, clip: Path, folder: Path, name: str, overwrite: bool, keep: bool) -> bool:
    """Kill a render at one moment, look, and give the same command; return False where it was too late."""
    output = folder / name
    if overwrite:
        old = output if output.suffix else output / "1.png"
        old.parent.mkdir(exist_ok=True)
        old.write_bytes(OLD)

    def killed() -> int:
        kill_at(number)
        return render(clip, output, overwrite, keep)

    if in_a_process(killed) is not None:
        return False
    assert (looks_old(output) if overwrite else not output.exists()) or looks_whole(output)
    frames = checkpoint_folder(output)
    cleared = record_path(output).exists() and not (frames / "complete.txt").exists()
    ended = in_a_process(lambda: render(clip, output, overwrite, keep))
    if cleared:  # there was nothing left to do, as after any render
        assert ended == (10 + COUNT if overwrite and not keep else 2), ended
        if frames.exists() and not keep:
            frames.rmdir()  # it was empty
    else:
        assert ended in (10, 9), ended  # no frame was dreamt again
    assert looks_whole(output)
    expected = {output, record_path(output)} | ({frames} if keep else set())
    assert set(folder.iterdir()) == expected, list(folder.iterdir())
    if keep:
        assert {path.suffix for path in frames.iterdir()} == {".png", ".toml", ".txt"}
        assert not (frames / "complete.txt").exists()
    return True


def main(clip: Path, folder: Path, name: str, overwrite: bool, keep: bool) -> None:
    for number in itertools.count():
        work = folder / str(number)
        work.mkdir()
        try:
            if not check_one(number, clip, work, name, overwrite, keep):
                break
        except AssertionError:
            sys.stdout.write(f"killed at step {number}\n")
            raise
    sys.stdout.write(f"{number}\n")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks, and kills with SIGKILL")
@pytest.mark.parametrize(
    ("name", "overwrite", "keep"),
    [
        ("film.mkv", False, False),
        ("film.mkv", True, False),
        ("film.mkv", False, True),
        ("film", False, False),
        ("film", True, False),
    ],
)
def test_killed_at_every_step_after_the_last_frame(
    name: str, overwrite: bool, keep: bool, tmp_path: Path, write_clip: Callable[..., Path]
) -> None:
    levels = np.random.default_rng(3).integers(0, 256, (COUNT, 24, 32, 3), dtype=np.uint8)
    clip = write_clip(tmp_path / "clip.mp4", list(levels))
    (tmp_path / "work").mkdir()
    words = [str(clip), str(tmp_path / "work"), name, str(overwrite), str(keep)]
    ended = subprocess.run(
        [sys.executable, "-m", "lucidreel.tests.render.checkpoint.test_end_of_a_render", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert int(ended.stdout) > 10


if __name__ == "__main__":
    import av  # noqa: F401 - once, for all that are killed
    import cv2
    import filelock  # noqa: F401

    cv2.setNumThreads(1)
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4] == "True", sys.argv[5] == "True")

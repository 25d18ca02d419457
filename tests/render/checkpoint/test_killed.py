"""Renders that are killed with SIGKILL at random moments go on to the very same frames.

This file is also the program that is killed: it begins a render in a process of its own twenty times, kills
it after a random time, and looks at what lies there.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lucidreel.dream.quantize import quantized
from lucidreel.render.checkpoint.checkpoint import Checkpoint
from lucidreel.render.checkpoint.plan import CheckpointPlan
from lucidreel.render.frames.frames import FilmFormat, Picture

KILLS, LONGEST_S = 20, 0.12
SHOT = 25
FILM = FilmFormat(48, 32, Fraction(1, 24_000), Fraction(1001, 24_000), None)
PLAN = CheckpointPlan({"dream.iterations": "20"}, {"blake2": "00"}, FILM, tuple(range(0, 100_000, SHOT)))


def dream(index: int, before: Picture | None) -> Picture:
    """Return a picture that grows out of the one before it, but for the first of a shot."""
    source = np.random.default_rng(index).random((3, 32, 48), dtype=np.float32)
    if index % SHOT == 0:
        return quantized(source)
    assert before is not None, f"the checkpoint goes on at {index} without the dream before it"
    return quantized(np.float32(0.4) * source + np.float32(0.6) * before)


def pixels(picture: Picture) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.ascontiguousarray(np.rint(picture * 255).astype(np.uint8).transpose(1, 2, 0))


def render(folder: Path, telling: int) -> None:
    """Dream without end, telling of the third frame; a state is written after some frames, not after all."""
    with Checkpoint.open(folder, PLAN, state_interval_s=0.01) as checkpoint:
        before = None if checkpoint.last_state is None else checkpoint.last_state[1]
        first = None
        for index in range(checkpoint.next_index, 100_000):
            before = dream(index, before)
            first = index if first is None else first
            checkpoint.keep(index, Fraction(1001 * index, 24_000), pixels(before), before)
            if index - first == 2:
                os.write(telling, b"3")


def kill_one(folder: Path, after_s: float, is_early: bool) -> None:
    """Kill a render that long after it began, or after its third frame."""
    listening, telling = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            render(folder, telling)
        finally:
            os._exit(1)
    os.close(telling)
    if not is_early:
        os.read(listening, 1)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(listening)
    assert os.WIFSIGNALED(status), "the render ended before it was killed"


def check(folder: Path) -> tuple[int, int]:
    """Compare all that is kept with an uninterrupted render; return the counts of frames and of lines."""
    journal = folder / "journal.txt"
    lines = len(journal.read_text().splitlines()) if journal.exists() else 0
    with Checkpoint.open(folder, PLAN) as checkpoint:
        assert checkpoint.notes == ()
        before = None
        count = 0
        for count, (index, time_s, kept) in enumerate(checkpoint.finished(), start=1):
            assert index == count - 1 and time_s == Fraction(1001 * index, 24_000)
            before = dream(index, before)
            assert np.array_equal(kept, pixels(before)), f"frame {index} differs"
        assert count == checkpoint.next_index
        if checkpoint.last_state is not None:
            assert before is not None and np.array_equal(checkpoint.last_state[1], before)
        else:
            assert count % SHOT == 0
    return count, lines


def main(folder: Path, seed: int) -> None:
    moments = random.Random(seed)
    before = 0
    for number in range(KILLS):
        kill_one(folder, moments.uniform(0, LONGEST_S), is_early=number % 2 == 1)
        kept, lines = check(folder)
        sys.stdout.write(f"{kept} {lines}\n")
        assert kept >= before, "frames that were kept are lost"
        before = kept


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks, and sends POSIX signals")
def test_killed_at_twenty_random_moments_every_kept_frame_is_the_same(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    ended = subprocess.run(
        [sys.executable, __file__, str(tmp_path / "film.mp4.frames"), str(seed)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, ""), f"seed {seed}: {ended.stdout}{ended.stderr}"
    kept = [int(line.split()[0]) for line in ended.stdout.splitlines()]
    assert len(kept) == KILLS and kept[-1] > kept[0], f"seed {seed}: {kept}"


if __name__ == "__main__":
    import cv2  # once, for all that are killed
    import filelock  # noqa: F401

    cv2.setNumThreads(1)
    main(Path(sys.argv[1]), int(sys.argv[2]))

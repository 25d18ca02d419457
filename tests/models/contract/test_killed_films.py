"""A film whose render is killed in the middle of its dreams: nothing is left behind, and it ends the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
import torch
from numpy.typing import NDArray

from lucidreel import cli

from .runners import FileRunner

SAMPLE_CLIP = Path(__file__).resolve().parents[3] / "examples" / "nebula.mp4"
LONGEST_S = 60.0


@pytest.fixture(autouse=True)
def _own_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def frames_of(film: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(film)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


def killed_after(frames: int, words: list[str], kept: Path) -> list[psutil.Process]:
    """Begin a render, kill it when so many frames are there, and return the processes it had started."""
    with subprocess.Popen([sys.executable, "-m", "lucidreel.cli", *words], stderr=subprocess.PIPE) as program:
        assert program.stderr is not None
        waited_until = time.monotonic() + LONGEST_S
        while not (kept / f"{frames:06}.png").exists():
            assert program.poll() is None and time.monotonic() < waited_until, program.stderr.read()
            time.sleep(0.005)
        started = psutil.Process(program.pid).children(recursive=True)
        program.send_signal(signal.SIGKILL)
        program.wait()
    return started


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_a_killed_film_goes_on_to_the_same_frames(
    file_runner: FileRunner, classifier_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    torn, whole = tmp_path / "torn.mkv", tmp_path / "whole.mkv"
    # A cut, since a render that is killed goes on where a shot begins, unless it is some seconds old.
    look = ["--size", "64x36", "--end", "0.5s", "--cuts", "0.125s", "--run-in", "0", "--octaves", "2"]
    dream = ["--iterations", "3", "--layer", "conv3", "--class", "3", "--precision", "fp32"]
    words = ["render", str(SAMPLE_CLIP), *look, *dream, "--model", str(classifier_folder)]
    words += ["--codec", "ffv1", "--backend", file_runner.backend, "-o"]
    begun = [*words, str(torn), "--threads", "1"]  # the rest is made with as many
    left = killed_after(5, begun, torn.with_name("torn.mkv.frames"))
    assert not torn.exists()
    gone, alive = psutil.wait_procs(left, timeout=LONGEST_S)
    assert not alive and gone, "what a killed render has started ends with it"
    assert cli.run([*words, str(torn)]) == 0
    said = capfd.readouterr().err
    assert "Going on with frame" in said
    assert ("on cpu (real Caffe)" in said) == (file_runner.backend == "pycaffe")
    assert cli.run([*words, str(whole), "--threads", "1"]) == 0
    ours, theirs = frames_of(torn), frames_of(whole)
    assert len(ours) == len(theirs) == 12
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert f'backend = "{file_runner.backend}"' in torn.with_name("torn.mkv.toml").read_text()

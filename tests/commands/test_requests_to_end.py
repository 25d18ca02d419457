"""Ctrl-C and SIGTERM at any moment, once and again, sent to the real program: quiet, quick, nothing left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")

BOTH = pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])

# The program, held up by a preamble at the moment that is to be tested.
HELD_UP = """
import sys, threading, time
from lucidreel import cli
{preamble}
sys.argv = ["lucidreel", *sys.argv[1:]]
cli.main()
"""
# A cleanup that takes long: closing the checkpoint waits.
SLOW_CLEANUP = """
from lucidreel.render.checkpoint.checkpoint import Checkpoint
def close(self):
    print("closing", flush=True)
    time.sleep(60)
Checkpoint.close = close
"""
# The main thread hears nothing while it computes in C.
DEAF = """
import hashlib
from lucidreel.dream.engine import Dreamer
def dream(self, *_, **__):
    print("deaf", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 10**9)
Dreamer.dream = dream
"""


@contextmanager
def _started(preamble: str, *words: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Start the program; what is still running at the end, because a test has failed, is killed."""
    program = subprocess.Popen(
        [sys.executable, "-c", HELD_UP.format(preamble=preamble), *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        # A shell's background jobs ignore Ctrl-C and hand that on to their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with program:
        try:
            yield program
        finally:
            program.kill()


def _encoders(program: subprocess.Popen[str]) -> list[int]:
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listing.splitlines()]
    return [int(child) for child, parent in pairs if int(parent) == program.pid]


def _wait_for(word: str, lines: Iterator[str]) -> None:
    assert any(word in line for line in lines), f"the program ended before it said {word!r}"


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


@BOTH
@pytest.mark.parametrize("moment_s", [0.0, 0.4])
def test_a_request_while_the_program_loads_ends_it_without_a_traceback(
    how: signal.Signals, moment_s: float, tmp_path: Path, sample_clip: Path
) -> None:
    begun = 'print("begun", flush=True)'
    with _started(begun, "render", sample_clip, "-o", tmp_path / "o.mp4", "--class", "eye") as program:
        assert program.stdout is not None and program.stderr is not None
        # Before the program's own first line a Ctrl-C is Python's to answer.
        assert program.stdout.readline() == "begun\n"
        time.sleep(0.02 + moment_s)
        program.send_signal(how)
        _, said = program.communicate(timeout=60)
    assert program.returncode in (130, -how)
    assert "Traceback" not in said and "rror" not in said
    assert [path.name for path in tmp_path.iterdir() if path.name != "o.mp4.frames"] == []


@BOTH
@pytest.mark.parametrize("name", ["o.mp4", "pictures"])
def test_a_second_request_during_the_cleanup_ends_at_once_and_leaves_no_encoder_and_no_half_film(
    how: signal.Signals, name: str, tmp_path: Path, tiny: Path
) -> None:
    output = tmp_path / name
    words = ("zoom", "noise:64x48", "-o", output, "-m", tiny, "--octaves", "1", "--duration", "600s")
    with _started(SLOW_CLEANUP, *words) as program:
        assert program.stdout is not None and program.stderr is not None
        _wait_for(": frame ", program.stderr)  # the line of a finished one, not the forecast's "per frame"
        encoders = _encoders(program)
        assert len(encoders) == (1 if name == "o.mp4" else 0)
        program.send_signal(how)
        _wait_for("closing", program.stdout)
        time.sleep(0.4)
        program.send_signal(how)
        code = program.wait(timeout=20)
        rest = program.stderr.read()
    assert code == 130
    assert "Traceback" not in rest
    assert not any(_is_running(encoder) for encoder in encoders)
    assert not output.exists() and not [path for path in tmp_path.iterdir() if ".part" in path.name]


@BOTH
def test_a_second_request_ends_at_once_while_the_main_thread_hears_nothing(
    how: signal.Signals, tmp_path: Path, tiny: Path
) -> None:
    with _started(DEAF, "still", "noise:64x48", "-o", tmp_path / "o.png", "-m", tiny) as program:
        assert program.stdout is not None and program.stderr is not None
        _wait_for("deaf", program.stdout)
        time.sleep(0.5)  # it says so a little before
        program.send_signal(how)
        time.sleep(0.4)
        program.send_signal(how)
        assert program.wait(timeout=20) == 130
        assert "Traceback" not in program.stderr.read()


def test_an_interrupt_that_a_callback_swallows_comes_again(tmp_path: Path, tiny: Path) -> None:
    swallowing = """
import os, signal
from lucidreel.dream.engine import Dreamer
class Deaf:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
def dream(self, *_, **__):
    Deaf()
    print("swallowed", flush=True)
    time.sleep(60)
Dreamer.dream = dream
"""
    with _started(swallowing, "still", "noise:64x48", "-o", tmp_path / "o.png", "-m", tiny) as program:
        said, complaint = program.communicate(timeout=60)
    assert (program.returncode, said) == (130, "swallowed\n")
    assert complaint.splitlines()[-1] == "interrupted" and "Traceback" not in complaint


def test_what_is_to_be_done_at_a_sudden_end_is_forgotten_after_its_block() -> None:
    code = (
        "import os, signal, sys, time\n"
        "from lucidreel.render.signals import *\n"
        "with ends_at_second_request(130), terminate_as_interrupt():\n"
        "    with at_sudden_end(lambda: os.write(1, b'forgotten')): pass\n"
        "    with at_sudden_end(lambda: os.write(1, b'done')):\n"
        "        try:\n"
        "            os.kill(os.getpid(), signal.SIGTERM); time.sleep(9)\n"
        "        except KeyboardInterrupt:\n"
        "            time.sleep(0.4); os.kill(os.getpid(), signal.SIGTERM); time.sleep(9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (130, "done")

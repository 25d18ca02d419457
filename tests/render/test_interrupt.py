"""A real render, really interrupted: no process, no half film, quickly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lucidreel.render.interrupt import terminate_as_interrupt

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")

# A render that would take minutes, saying when it is under way and which process encodes.
PROGRAM = """
import sys, time
from pathlib import Path
from lucidreel.render.media import film_writer
from lucidreel.render.films import render_zoom
from lucidreel.render.noise import noise_picture
from lucidreel.render.settings import Settings

class Slow:
    def dream(self, image, init=None, iterations_share=1.0, maps=None, where=None):
        time.sleep(0.05)
        return image

class Telling:
    count = 0
    def start(self, total, label, done=0): pass
    def frame_done(self):
        self.count += 1
        if self.count == 5:
            print("under way", flush=True)
    def finish(self): print("finished", flush=True)

settings = Settings.read({"zoom": {"duration_s": 600}}, "the test")
render_zoom(noise_picture(64, 48, 0), Path(sys.argv[1]), settings, Slow(), Telling(), False)
"""


def _children(process_id: int) -> list[int]:
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listing.splitlines()]
    return [int(child) for child, parent in pairs if int(parent) == process_id]


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (signal.SIGINT, "film.mp4"),
        (signal.SIGTERM, "film.mp4"),
        (signal.SIGHUP, "film.mp4"),
        (signal.SIGKILL, "film.mp4"),
        (signal.SIGINT, "pictures"),
    ],
)
def test_interrupted_render_leaves_no_process_and_no_half_film(
    number: signal.Signals, name: str, tmp_path: Path
) -> None:
    output = tmp_path / name
    render = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(output)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert render.stdout is not None
    assert render.stdout.readline() == "under way\n"
    encoders = _children(render.pid)
    assert len(encoders) == (1 if name == "film.mp4" else 0)

    render.send_signal(number)
    said, complaint = render.communicate(timeout=20)
    assert render.returncode != 0
    for _ in range(100):  # after SIGKILL ffmpeg notices by itself that its pipe has closed
        if not any(_is_running(encoder) for encoder in encoders):
            break
        time.sleep(0.1)
    assert not any(_is_running(encoder) for encoder in encoders)
    assert not output.exists()
    if number is not signal.SIGKILL:
        assert said == "finished\n"
        assert complaint.rstrip().endswith("KeyboardInterrupt")
        assert complaint.count("Traceback") == 1
        assert list(tmp_path.iterdir()) == []


def test_a_second_request_does_not_stop_the_cleanup_and_handlers_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    cleaned_up = False
    with pytest.raises(KeyboardInterrupt), terminate_as_interrupt():
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)
            cleaned_up = True
    assert cleaned_up
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_request_that_nohup_had_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with terminate_as_interrupt():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)

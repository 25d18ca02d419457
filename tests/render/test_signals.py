"""A real render, really interrupted: no process, no half film, quickly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import imageio_ffmpeg
import pytest

from lucidreel.render.carry.carry import NoCarry
from lucidreel.render.loop import Resumption, render_frames
from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.settings.settings import ClipConfig
from lucidreel.render.signals import terminate_as_interrupt

from .background_threads import background_threads
from .stand_in import Gathered, StandIn

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")

# A render that would take minutes, saying when it is under way and which process encodes.
PROGRAM = """
import sys
from pathlib import Path
from lucidreel.render.media.encode import film_writer  # noqa: F401
from lucidreel.render.film.film import prepare_zoom
from lucidreel.render.frames.noise import noise_picture
from lucidreel.render.settings.settings import Settings
from lucidreel.tests.render.stand_in import StandIn

def listen(event):
    if event.done == 5:
        print("under way", flush=True)

settings = Settings.read({"zoom": {"duration_s": 600}}, "the test")
film = prepare_zoom(noise_picture(64, 48, 0), Path(sys.argv[1]), settings, overwrite=False)
try:
    film.render(StandIn(delay_s=0.05), on_event=listen)
finally:
    print("finished", flush=True)
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
        # Under nohup, or as a shell's background job, the tests' own children would ignore it.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL) if number != signal.SIGKILL else None,
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


def test_interrupt_while_frames_are_skipped_stops_the_decoder(tmp_path: Path) -> None:
    """A raw stream has no times: all frames before the one to go on with are decoded, and none comes out."""
    count, raw = 3000, tmp_path / "raw.h264"
    made = "testsrc=size=320x240:rate=25,setfield=tff"
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "lavfi", "-i", made),
        *("-frames:v", str(count), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
        *("-flags", "+ildct+ilme", "-x264-params", "tff=1", str(raw)),
    ]
    subprocess.run(command, check=True)
    source, sink = ClipSource(probe(raw), ClipConfig()), Gathered()
    assert not source.info.is_timed and source.film.frame_count == count

    def interrupt_when_decoding() -> None:
        while not source.interlaced_frames:
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)

    watcher = threading.Thread(target=interrupt_when_decoding, daemon=True)
    watcher.start()
    with pytest.raises(KeyboardInterrupt):
        render_frames(
            source,
            NoCarry(),
            StandIn(),
            lambda: sink,
            resumption=Resumption(count - 1, count - 1, None),
        )
    watcher.join()
    assert source.interlaced_frames < count * 0.9
    assert sink.discarded and not background_threads()

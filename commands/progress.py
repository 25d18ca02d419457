"""How far a run is: a bar on a terminal, plain lines in a pipe or log, silence on request.

They write to stderr, so that stdout stays free for results. An interrupted bar leaves the terminal as it was.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Protocol

from ..errors import one_line
from ..render.events import CutSearch, Event, FrameDone, OnEvent, PreviewFrameDone, StepDone, WarmUpFrame
from ..render.signals import remember_for_sudden_end

# A log wants a sign of life, not a line per frame: whichever of the two comes first.
LINE_EVERY_S = 5.0
LINE_EVERY_SHARE = 0.1
PATIENCE_S = 1.0


class Progress(Protocol):
    """What draws how far a run is."""

    def start(self, total_frames: int | None, label: str, done: int = 0) -> None:
        """A run of `total_frames` begins (None: unknown), `done` of them before; `label` names the output."""
        ...

    def frame_done(self) -> None:
        """One more frame has been dreamt."""
        ...

    def run_in(self, left: int) -> None:
        """A frame that is thrown away has been dreamt, one of `left` before a shot begins."""

    def finish(self) -> None:
        """The run is over, well or not."""
        ...


class Silence:
    """A progress that shows nothing."""

    def start(self, total_frames: int | None, label: str, done: int = 0) -> None: ...

    def frame_done(self) -> None: ...

    def run_in(self, left: int) -> None: ...

    def finish(self) -> None: ...


def drawing(progress: Progress) -> OnEvent:
    """Return what listens to a run and draws it."""

    def listen(event: Event) -> None:
        match event:
            case CutSearch(source, 0, total):
                progress.start(total, f"cuts in {source.name}")
            case WarmUpFrame(left):
                progress.run_in(left)
            case CutSearch() | FrameDone() | PreviewFrameDone() | StepDone():
                progress.frame_done()

    return listen


@contextmanager
def progress_display(
    quiet: bool, stream: IO[str] | None = None, unit: str = "frame", patient: bool = False
) -> Iterator[Progress]:
    """Yield the display that suits the stream (stderr unless told otherwise); it is ended in any case.

    `unit` is what it counts: a film's frames, or the steps of a single picture. A `patient` one shows nothing
    of what is over in a moment.
    """
    stream = stream or sys.stderr
    display: Progress
    if quiet:
        display = Silence()
    elif stream.isatty():
        display = BarProgress(unit, patient)
    else:
        display = LineProgress(stream, unit, patient or unit != "frame")
    try:
        yield display
    finally:
        display.finish()


class LineProgress:
    """Prints a line at the first frame, then every few seconds or tenth of the film, and at the last.

    Of what is quick, as steps of a picture are, a `patient` one prints only every few seconds.
    """

    def __init__(self, stream: IO[str], unit: str = "frame", patient: bool = False) -> None:
        self._stream = stream
        self._unit, self._patient = unit, patient
        self._label = ""
        self._total: int | None = None
        self._done = self._before = 0
        self._started_s = 0.0
        self._printed_s = 0.0
        self._printed_done = 0

    def start(self, total_frames: int | None, label: str, done: int = 0) -> None:
        """Begin counting."""
        self._label, self._total, self._done = one_line(label), total_frames, done
        self._started_s = self._printed_s = time.monotonic()
        self._before = self._printed_done = done

    def frame_done(self) -> None:
        """Count one more, and print when it is time."""
        self._done += 1
        tenth = (
            self._total is not None and (self._done - self._printed_done) >= LINE_EVERY_SHARE * self._total
        )
        waited = time.monotonic() - self._printed_s >= LINE_EVERY_S
        # Fast films pass a tenth many times a second: a line a second is enough for them.
        tenth = tenth and time.monotonic() - self._printed_s >= 1.0
        if waited or (not self._patient and (self._done == self._before + 1 or tenth)):
            self._print()

    def run_in(self, left: int) -> None:
        """Print how many frames are still run in, when nothing has been said for a while."""
        if time.monotonic() - self._printed_s >= LINE_EVERY_S:
            print(f"{self._label}: {run_in_words(left - 1)}", file=self._stream, flush=True)
            self._printed_s = time.monotonic()

    def finish(self) -> None:
        """Print the last count, unless the last line already said it."""
        unsaid = self._printed_done != self._done
        if unsaid and (not self._patient or self._printed_done):
            self._print()

    def _print(self) -> None:
        now_s = time.monotonic()
        spent_s = now_s - self._started_s
        line = progress_line(self._label, self._done, self._total, spent_s, self._unit, self._before)
        print(line, file=self._stream, flush=True)
        self._printed_s, self._printed_done = now_s, self._done


class BarProgress:
    """A rich progress bar with frames (or steps), their rate, time spent and time left.

    A `patient` one appears after a second.
    """

    def __init__(self, unit: str = "frame", patient: bool = False) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(unit + "s, {task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            # Frames of one film take about the same time: averaged over many, the estimate holds still.
            speed_estimate_period=120,
        )
        self._unit, self._patient = unit, patient
        self._label = ""
        self._started_s = 0.0
        self._forget_sudden_end = remember_for_sudden_end(_show_cursor)

    def start(self, total_frames: int | None, label: str, done: int = 0) -> None:
        """Show the bar."""
        if not self._patient:
            self._bar.start()
        self._before, self._label = done, one_line(label)
        self._task = self._bar.add_task(self._label, total=total_frames, completed=done, rate="…")
        self._started_s = time.monotonic()

    def frame_done(self) -> None:
        """Move the bar by one frame."""
        done = self._bar.tasks[self._task].completed + 1
        spent_s = time.monotonic() - self._started_s
        if self._patient and spent_s >= PATIENCE_S:
            self._bar.start()
        rate = (done - self._before) / max(spent_s, 1e-6)
        self._bar.update(self._task, description=self._label, advance=1, rate=_rate_words(rate, self._unit))

    def run_in(self, left: int) -> None:
        """Say before the bar how many frames are still run in; the next frame takes the words away."""
        self._bar.update(self._task, description=f"{self._label}: {run_in_words(left - 1)}")

    def finish(self) -> None:
        """Leave the bar as it is and give the terminal back."""
        self._bar.stop()
        self._forget_sudden_end()


def _show_cursor() -> None:
    """Give the terminal its cursor back, which a bar hides."""
    os.write(sys.stderr.fileno(), b"\x1b[?25h\n")


def progress_line(
    label: str, done: int, total: int | None, spent_s: float, unit: str = "frame", before: int = 0
) -> str:
    """Return one line of a log: frames (or steps), share, rate, time spent and time left.

    `before` of what is done was done before the time began.
    """
    rate = (done - before) / max(spent_s, 1e-6)
    line = f"{label}: {unit} {done}"
    if total:
        line += f"/{total} ({done / total:.0%})"
    line += f", {_rate_words(rate, unit)}, {clock(spent_s)} elapsed"
    if total and before < done < total:
        line += f", {clock((total - done) / rate)} left"
    return line


def run_in_words(left: int) -> str:
    """Return what is under way before a shot begins, of which nothing is seen in the film."""
    return f"running the shot in, {left} to go" if left else "running the shot in"


def clock(duration_s: float) -> str:
    """Return a duration as people read it: "0:07", "12:34", "1:02:03"."""
    seconds = round(duration_s)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _rate_words(rate: float, unit: str) -> str:
    return f"{rate:.2f} fps" if unit == "frame" else f"{rate:.2f} {unit}s/s"

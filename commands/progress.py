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
from ..render.signals import remember_for_sudden_end
from .report import format_clock

# A log wants a sign of life, not a line per frame: whichever of the two comes first.
LINE_EVERY_S = 5.0
LINE_EVERY_SHARE = 0.1
PATIENCE_S = 1.0


class Display(Protocol):
    """What draws how far a run is."""

    def start(self, total: int | None, label: str, done: int = 0) -> None:
        """Begin a run of `total` frames (None: unknown), `done` of them before; `label` names its output."""
        ...

    def frame_done(self) -> None:
        """Count one more."""
        ...

    def warm_up(self, left: int) -> None:
        """Show that a frame was dreamt that is thrown away, one of `left` before a shot begins."""

    def finish(self) -> None:
        """Show the last count, and be gone."""
        ...


@contextmanager
def open_display(
    stream: IO[str] | None = None, unit: str = "frame", patient: bool = False
) -> Iterator[Display]:
    """Yield the display that suits the stream (stderr unless another is given); it is ended in any case.

    `unit` is what it counts: a film's frames, or the steps of a single picture. A `patient` one shows nothing
    of what is over in a moment.
    """
    stream = stream or sys.stderr
    display: Display
    if stream.isatty():
        display = BarDisplay(unit, patient)
    else:
        display = LineDisplay(stream, unit, patient or unit != "frame")
    try:
        yield display
    finally:
        display.finish()


class LineDisplay:
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

    def start(self, total: int | None, label: str, done: int = 0) -> None:
        """Begin counting."""
        self._label, self._total, self._done = one_line(label), total, done
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

    def warm_up(self, left: int) -> None:
        """Print how many frames are still warmed up on, when nothing has been said for a while."""
        if time.monotonic() - self._printed_s >= LINE_EVERY_S:
            print(f"{self._label}: {warm_up_text(left - 1)}", file=self._stream, flush=True)
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


class BarDisplay:
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
        self._forget_sudden_end = remember_for_sudden_end(show_cursor)

    def start(self, total: int | None, label: str, done: int = 0) -> None:
        """Show the bar."""
        if not self._patient:
            self._bar.start()
        self._before, self._label = done, one_line(label)
        self._task = self._bar.add_task(self._label, total=total, completed=done, rate="…")
        self._started_s = time.monotonic()

    def frame_done(self) -> None:
        """Move the bar by one frame."""
        done = self._bar.tasks[self._task].completed + 1
        spent_s = time.monotonic() - self._started_s
        if self._patient and spent_s >= PATIENCE_S:
            self._bar.start()
        rate = (done - self._before) / max(spent_s, 1e-6)
        self._bar.update(self._task, description=self._label, advance=1, rate=_rate(rate, self._unit))

    def warm_up(self, left: int) -> None:
        """Say before the bar how many frames are still warmed up on; the next frame takes the words away."""
        self._bar.update(self._task, description=f"{self._label}: {warm_up_text(left - 1)}")

    def finish(self) -> None:
        """Leave the bar as it is and give the terminal back."""
        self._bar.stop()
        self._forget_sudden_end()


def show_cursor() -> None:
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
    line += f", {_rate(rate, unit)}, {format_clock(spent_s)} elapsed"
    if total and before < done < total:
        line += f", {format_clock((total - done) / rate)} left"
    return line


def warm_up_text(left: int) -> str:
    """Return what is under way before a shot begins, of which nothing is seen in the film."""
    return f"warming the shot up, {left} to go" if left else "warming the shot up"


def _rate(rate: float, unit: str) -> str:
    return f"{rate:.2f} fps" if unit == "frame" else f"{rate:.2f} {unit}s/s"

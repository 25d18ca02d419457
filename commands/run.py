"""A run on a terminal: what happens is said and drawn on stderr, and what was made is said on stdout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..render.events.events import (
    Cancelled,
    CutSearch,
    Estimated,
    Event,
    Failed,
    FrameDone,
    Loaded,
    MemoryShort,
    Note,
    Planned,
    PreviewFrameDone,
    Resumed,
    Started,
    StepDone,
    WarmUpFrame,
)
from .progress import Display, open_display
from .report import (
    disk_warning,
    estimate_line,
    film_summary,
    kept_line,
    loaded_lines,
    memory_warning,
    plan_lines,
    resumed_line,
)
from .terminal import note, say

if TYPE_CHECKING:
    from ..render.events.plan import Plan
    from ..render.job.job import RenderJob


def make_film(job: RenderJob, dry_run: bool, quiet: bool) -> None:
    """Render a job's film and say what was made, or print its plan alone."""
    with talking(job.output, quiet) as talker:
        if dry_run:
            for line in plan_lines(job.plan(talker.hear)):
                say(line)
            return
        summary = job.run(talker.hear, estimate=not quiet)
    if not quiet:
        say(film_summary(summary))


@contextmanager
def talking(output: Path, quiet: bool) -> Iterator[Talker]:
    """Yield what a run tells on this terminal; a progress display is ended in any case."""
    with ExitStack() as shown:
        yield Talker(output, quiet, shown)


class Talker:
    """Says what happens in a run, and draws its progress; a quiet one says only what is left of a failure."""

    def __init__(self, output: Path, quiet: bool, shown: ExitStack) -> None:
        """`shown` ends the display that is drawn."""
        self._label, self._quiet, self._shown = output.name, quiet, shown
        self._display: Display | None = None

    def hear(self, event: Event) -> None:
        """Say what an event means."""
        match event:
            case CutSearch() | Started() | WarmUpFrame() | FrameDone() | StepDone() | PreviewFrameDone():
                if not self._quiet:
                    self._draw(event)
            case Failed(_, kept) | Cancelled(kept):
                self._end_display()
                left = kept_line(kept, event.error if isinstance(event, Failed) else None)
                if left is not None:
                    note(left)
            case _ if not self._quiet:
                for line in _lines(event):
                    self._end_display()
                    note(line)

    def _draw(self, event: Event) -> None:
        match event:
            case CutSearch(source, 0, total):
                note(f"Looking for cuts in {source.name} …")
                self._begin(f"cuts in {source.name}", total, is_patient=True)
            case StepDone(0, total):
                self._begin(self._label, total, unit="step")
            case PreviewFrameDone(0, total):
                self._begin(self._label, total)
            case Started(_, done, total):
                self._begin(self._label, total, done)
            case WarmUpFrame(left) if self._display is not None:
                self._display.warm_up(left)
            case _ if self._display is not None:
                self._display.frame_done()

    def _begin(
        self, label: str, total: int | None, done: int = 0, unit: str = "frame", is_patient: bool = False
    ) -> None:
        self._end_display()
        self._display = self._shown.enter_context(open_display(unit=unit, patient=is_patient))
        self._display.start(total, label, done)

    def _end_display(self) -> None:
        self._display = None
        self._shown.close()


def _lines(event: Event) -> Iterator[str]:
    """Yield what is said of an event, a line each."""
    match event:
        case Note(text):
            yield text
        case Loaded():
            yield from loaded_lines(event)
        case Resumed():
            yield resumed_line(event)
        case MemoryShort(needed_mib, free_mib):
            yield memory_warning(needed_mib, free_mib)
        case Planned(plan):
            yield from _planned_lines(plan)
        case Estimated(estimate):
            yield estimate_line(estimate, "picture")


def _planned_lines(plan: Plan) -> Iterator[str]:
    warning = disk_warning(plan.disk)
    if warning is not None:
        yield warning
    if plan.estimate is not None:
        yield estimate_line(plan.estimate, "frame")

"""How a run tells that it advances; the command line draws it, render only calls it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the run's milestones, always from the thread that runs the loop."""

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
    """A progress that says nothing."""

    def start(self, total_frames: int | None, label: str, done: int = 0) -> None:
        """Say nothing."""

    def frame_done(self) -> None:
        """Say nothing."""

    def run_in(self, left: int) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """Say nothing."""

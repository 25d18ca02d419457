"""How far a download is: a bar on a terminal, a line for every tenth of a file elsewhere; on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from ...models.zoo.events import BytesCame, DownloadEvent, FileBegins, Listener, ServerFails, Waits
from ...render.signals import remember_for_sudden_end
from ..progress import show_cursor
from ..terminal import note
from .quantities import size_words


@contextmanager
def open_download_display() -> Iterator[Listener]:
    """Yield what draws the events of a download, in the way that suits stderr; it is ended in any case."""
    if not sys.stderr.isatty():
        yield _without_repeats(_Lines())
        return
    bar = _Bar()
    try:
        yield _without_repeats(bar)
    finally:
        bar.end()


class _Lines:
    """Prints a line when a file begins that was begun before, then one for every tenth of it."""

    def __init__(self) -> None:
        self._file = FileBegins("", 0, 0)
        self._tenth = 0

    def __call__(self, event: DownloadEvent) -> None:
        if isinstance(event, FileBegins):
            self._file, self._tenth = event, 10 * event.have_bytes // event.size_bytes
            if event.have_bytes:
                note(f"{event.name}: goes on at {self._of(event.have_bytes)}")
        elif isinstance(event, BytesCame):
            tenth = 10 * event.have_bytes // self._file.size_bytes
            if tenth != self._tenth:
                self._tenth = tenth
                note(f"{self._file.name}: {self._of(event.have_bytes)}")
        else:
            note(trouble_words(event))

    def _of(self, have_bytes: int) -> str:
        return f"{size_words(have_bytes)} of {size_words(self._file.size_bytes)}"


class _Bar:
    """A rich bar for every file, with its size, speed and the time left; trouble is told above them."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True, highlight=False, soft_wrap=True),
        )
        self._forget_sudden_end = remember_for_sudden_end(show_cursor)
        self._bar.start()

    def __call__(self, event: DownloadEvent) -> None:
        if isinstance(event, FileBegins):
            self._task = self._bar.add_task(event.name, total=event.size_bytes, completed=event.have_bytes)
        elif isinstance(event, BytesCame):
            self._bar.update(self._task, completed=event.have_bytes)
        else:
            self._bar.console.print(trouble_words(event), markup=False)

    def end(self) -> None:
        """Leave the bars as they are and give the terminal back."""
        self._bar.stop()
        self._forget_sudden_end()


def _without_repeats(listener: Listener) -> Listener:
    """Return what tells of a host that fails twice in the same way, for two addresses of a file, but once."""
    before = ""

    def tell(event: DownloadEvent) -> None:
        nonlocal before
        words = trouble_words(event) if isinstance(event, (ServerFails, Waits)) else ""
        if not words or words != before:
            listener(event)
        before = words

    return tell


def trouble_words(event: ServerFails | Waits) -> str:
    """Return what is said of a server that fails, and of the pause before all are asked again."""
    if isinstance(event, ServerFails):
        return f"{urlsplit(event.url).hostname}: {event.reason}"
    return f"all servers are asked again in {event.pause_s:g} s"

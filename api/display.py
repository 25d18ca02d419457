"""How runs and films show themselves in a notebook: a bar while they are made, a player when they are."""

from __future__ import annotations

import html
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from ..render.events.events import (
    CutSearch,
    Event,
    Finished,
    FrameDone,
    Loaded,
    PreviewFrameDone,
    Started,
    StepDone,
)

# A notebook keeps what it shows: larger films are named, not shown.
_MOST_BYTES = 32 * 2**20
_PLAYED = {".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".gif": "image/gif"}


def film_html(film: Path, facts: str) -> str:
    """Return a player with the film in it; its name alone where no browser plays it, or it is large."""
    name = html.escape(f"{film.name}, {facts}")
    kind = _PLAYED.get(film.suffix.lower())
    if kind is None or not film.is_file() or film.stat().st_size > _MOST_BYTES:
        return f"<p>{name}</p>"
    data = f"data:{kind};base64,{b64encode(film.read_bytes()).decode()}"
    if kind == "image/gif":
        return f'<img src="{data}" alt="{name}">'
    return f'<video src="{data}" title="{name}" controls loop muted autoplay playsinline></video>'


@contextmanager
def shown_progress(on_event: Callable[[Event], object] | None) -> Iterator[Callable[[Event], Any] | None]:
    """Yield what is to hear of a run: `on_event`, or in a notebook a bar, which goes when the run ends."""
    if on_event is not None or not _in_notebook():
        yield on_event
        return
    bar = _Bar()
    try:
        yield bar.hear
    finally:
        bar.close()


def _in_notebook() -> bool:
    """Tell whether this program runs in a notebook's kernel, which shows more than text."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and hasattr(shell, "kernel")


class _Bar:
    """A line of a notebook that is drawn anew with every event that tells how far a run is."""

    def __init__(self) -> None:
        self._handle: Any = import_module("IPython.display").DisplayHandle()
        self._handle.display(_Html(""))

    def hear(self, event: Event) -> None:
        """Draw what an event says of how far the run is."""
        match event:
            case CutSearch(_, done, total):
                self._draw("Looking for cuts", done, total)
            case Loaded():
                self._draw("Loading the network", 0, None)
            case Started(_, done, total) | FrameDone(done=done, total=total):
                self._draw("Dreaming: frames", done, total)
            case PreviewFrameDone(done, total):
                self._draw("Dreaming: frames", done, total)
            case StepDone(done, total):
                self._draw("Dreaming: steps", done, total)
            case Finished():
                self.close()
            case _:
                pass

    def close(self) -> None:
        """Take the bar away."""
        self._handle.update(_Html(""))

    def _draw(self, words: str, done: int, total: int | None) -> None:
        bar = "" if total is None else f'<progress value="{done}" max="{total}"></progress> '
        count = f"{done}" if total is None else f"{done} of {total}"
        self._handle.update(_Html(f"{bar}{words} {count}"))


class _Html:
    """Something that a notebook shows as HTML."""

    def __init__(self, text: str) -> None:
        self._text = text

    def _repr_html_(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return ""

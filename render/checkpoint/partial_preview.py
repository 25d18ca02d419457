"""Partial previews: films of what is finished so far, written beside the render without holding it up.

One is encoded on a thread of its own, from the frames in the checkpoint, and stops at once when the render
ends. It is a help and no result: whatever goes wrong with one, the render goes on, and says so in the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TypeAlias

from ..frames.frames import FilmSink, Frame, FrameSink
from .checkpoint import Checkpoint
from .folder import partial_preview_path
from .frame_files import picture_of

OpenFilm: TypeAlias = Callable[[Path, Fraction | None], FilmSink]
"""Opens a film at a path, of its whole length or of its first seconds alone."""

# The encoder shares the processor with the engine.
_MOST_OF_THE_TIME = 1 / 5


class PartialPreview:
    """Films of the frames that are finished so far, each in the place of the one before."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        every: int,
        open_film: OpenFilm,
        on_ready: Callable[[Path], None] = lambda path: None,
    ) -> None:
        """`every` is after how many frames; `on_ready` hears of each one that is whole, on its own thread."""
        self._checkpoint, self._every, self._open_film = checkpoint, every, open_film
        self._on_ready = on_ready
        self.path = partial_preview_path(checkpoint.folder)
        self._thread: Thread | None = None
        self._began_s, self._took_s = 0.0, 0.0
        self._sink: FrameSink | None = None
        self._stopping, self._handing_over = Event(), Lock()
        self._fault: str | None = None

    @property
    def busy(self) -> bool:
        """Whether one is being written."""
        return self._thread is not None and self._thread.is_alive()

    def offer(self, count: int) -> None:
        """Begin a film of the first `count` frames if it is time, the last one is complete and was quick.

        One that took a fifth of the time since it began, or more, is not followed by another yet.
        """
        if count % self._every or self._stopping.is_set():
            return
        if self.busy:
            return
        now_s = time.monotonic()
        if self._took_s > (now_s - self._began_s) * _MOST_OF_THE_TIME:
            return
        self._began_s = now_s
        self._thread = Thread(target=self._run, args=(count,), name="preview", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End a film that is being written, at once, and begin no other."""
        with self._handing_over:
            self._stopping.set()
            sink = self._sink
        if sink is not None:
            sink.discard()
        if self._thread is not None:
            self._thread.join()

    def notes(self) -> tuple[str, ...]:
        """Return what kept films of what is finished from being made, in words."""
        return () if self._fault is None else (self._fault,)

    def remove(self) -> None:
        """Remove the last one: the whole film is there."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _run(self, count: int) -> None:
        try:
            self._write(count)
        except Exception as error:
            if not self._stopping.is_set():
                self._fault = f"a film of what was finished so far could not be made: {error}"
        finally:
            self._took_s = time.monotonic() - self._began_s

    def _write(self, count: int) -> None:
        """Write the first `count` frames, unless the render ends meanwhile."""
        length_s = self._checkpoint.time_of(count - 1) + self._checkpoint.film.last_frame_s
        sink = self._open_film(self.path, length_s)
        try:
            with self._handing_over:
                self._sink = sink
            for index, time_s, pixels in self._checkpoint.finished(count):
                if self._stopping.is_set():
                    break
                sink.write(Frame(index, time_s, picture_of(pixels)))
            if self._stopping.is_set():
                sink.discard()
            else:
                sink.finish()
                self._on_ready(self.path)
        except BaseException:
            sink.discard()
            raise
        finally:
            with self._handing_over:
                self._sink = None

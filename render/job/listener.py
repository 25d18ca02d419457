"""How a job tells what happens, and is told to end: one listener, one flag, asked at every event and step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event as Flag
from typing import TYPE_CHECKING

from ...errors import CancelledRenderError
from ..events.events import Event, OnEvent

if TYPE_CHECKING:
    from ...dream.engine import Dreamer


class Listener:
    """Hands events on to a client, and raises CancelledRenderError once the job was cancelled."""

    def __init__(self, on_event: OnEvent | None, cancelled: Flag) -> None:
        self._on_event, self._cancelled = on_event, cancelled
        self._has_failed = False

    def __call__(self, event: Event) -> None:
        """Hand an event on. Raises what the client raises."""
        self.check()
        self.tell(event)
        self.check()

    def tell(self, event: Event) -> None:
        """Hand an event on, whether the job was cancelled or not. Raises what the client raises."""
        if self._on_event is not None:
            try:
                self._on_event(event)
            except Exception:
                self._has_failed = True
                raise

    def check(self) -> None:
        """Raise CancelledRenderError where the job was cancelled."""
        if self._cancelled.is_set():
            raise CancelledRenderError("the render was cancelled. Run the job again to go on with it.")

    def tell_last(self, event: Event) -> None:
        """Hand on how a run has ended early, unless it did so because of the client itself.

        The error that ended it is what counts: another one from the client is dropped.
        """
        if self._on_event is not None and not self._has_failed:
            with suppress(Exception):
                self._on_event(event)

    @contextmanager
    def asked_at_every_step(self, dreamer: Dreamer) -> Iterator[None]:
        """Have a cancelled job end within a step of the dream, not only when the frame is done."""
        before = dreamer.on_step
        dreamer.on_step = lambda done, total: self.check()
        try:
            yield
        finally:
            dreamer.on_step = before

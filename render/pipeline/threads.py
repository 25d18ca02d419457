"""Threads that read ahead of the engine and write behind it, so that it never waits for either.

An error on any of them surfaces at the engine's next step, and leaving the `with` block stops them, whatever
the reason.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from threading import Event, Thread, get_native_id
from types import TracebackType
from typing import Generic, Self, TypeVar

from ..frames.frames import Frame, FrameSink
from .bounded_queue import BoundedQueue, EndOfQueueError, QueueClosedError

T = TypeVar("T")

# Steps down from the engine's priority: of the time that two threads want at once, it gets ten times as much.
_STEPS_BACK = 10

READ_AHEAD, WRITE_BEHIND = 2, 3
"""How many items wait in a queue. A few frames smooth over keyframes and slow writes; a 4K frame is 100 MB as
float32, so no more."""


class ReadAhead(Generic[T]):
    """Iterates over `items` on another thread, a few items ahead of the reader.

    The iterable is opened, advanced and closed on that thread alone.
    """

    def __init__(
        self, items: Callable[[], Iterable[T]], name: str = "read-ahead", capacity: int = READ_AHEAD
    ) -> None:
        self._items = items
        self._queue: BoundedQueue[T] = BoundedQueue(capacity)
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def _run(self) -> None:
        _step_back()
        self._queue.claim_thread()
        try:
            for item in self._items():
                self._queue.put(item)
                del item  # or the thread would hold one more frame while it waits for the next
            self._queue.finish()
        except QueueClosedError:
            pass
        except BaseException as error:
            self._queue.finish(error)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __iter__(self) -> Iterator[T]:
        while True:
            try:
                yield self._queue.get()
            except EndOfQueueError:
                return

    def __exit__(self, *_: object) -> None:
        self._queue.close()
        self._thread.join()


class WriteBehind:
    """Feeds a sink from another thread; finishes it when the block ends well, discards it otherwise.

    The sink is opened on that thread too, which no Ctrl-C interrupts: on this one it could come after a
    sink has started its encoder and before anybody knows of it.
    """

    def __init__(self, open_sink: Callable[[], FrameSink], capacity: int = WRITE_BEHIND) -> None:
        self._open_sink = open_sink
        self._sink: FrameSink | None = None
        self._opened = Event()
        self._queue: BoundedQueue[Frame] = BoundedQueue(capacity)
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="write-behind", daemon=True)

    def _run(self) -> None:
        _step_back()
        try:
            try:
                sink = self._sink = self._open_sink()
            finally:
                self._opened.set()
            while True:
                sink.write(self._queue.get())
        except EndOfQueueError:
            pass
        except BaseException as error:
            self._error = error
            self._queue.close()

    def __enter__(self) -> Self:
        """Open the sink. Raises what keeps it from opening."""
        try:
            self._thread.start()
            self._opened.wait()
            if self._sink is None:
                self._thread.join()
                raise self._error or QueueClosedError
        except BaseException:
            self._abandon()
            raise
        return self

    def write(self, frame: Frame) -> None:
        """Queue a frame, waiting for room. Raises the error that stopped the sink, if one did."""
        try:
            self._queue.put(frame)
        except QueueClosedError:
            raise self._error or QueueClosedError from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._abandon()
            return
        try:
            self._queue.finish()
            self._thread.join()
            if self._error is not None:
                raise self._error
            if self._sink is not None:
                self._sink.finish()
        except BaseException:
            self._abandon()
            raise

    def _abandon(self) -> None:
        self._queue.close()
        if self._thread.is_alive():
            self._opened.wait()
        if self._sink is not None:
            self._sink.discard()  # first: it frees the thread from a write that may block
        if self._thread.is_alive():
            self._thread.join()


def _step_back() -> None:
    """Let the engine's thread go before this one, and before the threads and processes that this one starts.

    While the engine dreams they have time; when it waits for its next start, they would share its cores.
    Linux alone knows the niceness of a thread.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            niceness = os.getpriority(os.PRIO_PROCESS, get_native_id())  # not 0 where the user has asked
            os.setpriority(os.PRIO_PROCESS, get_native_id(), niceness + _STEPS_BACK)

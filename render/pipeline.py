"""Decode ahead and encode behind: two threads around the engine, so that it never waits for either.

    decoder thread --[2 frames]--> scout thread --[2]--> engine (this thread) --[3]--> encoder thread

The queues are bounded, so memory does not grow with the clip. An error on either thread surfaces at the
engine's next step, and leaving the `with` block stops both, whatever the reason.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from threading import Event, Thread, get_native_id
from types import TracebackType
from typing import Generic, Self, TypeVar

from .bounded_queue import Channel, ChannelClosedError, EndOfChannelError
from .frames import Frame, FrameSink

T = TypeVar("T")

# Steps down from the engine's priority: of the time that two threads want at once, it gets ten times as much.
_STEPS_BACK = 10

# A few frames smooth over keyframes and slow writes; a 4K frame is 100 MB as float32, so no more.
_AHEAD, _BEHIND = 2, 3


class ReadAhead(Generic[T]):
    """Iterates over `items` on another thread, a few items ahead of the reader.

    The iterable is opened, advanced and closed on that thread alone.
    """

    def __init__(
        self, items: Callable[[], Iterable[T]], name: str = "read-ahead", capacity: int = _AHEAD
    ) -> None:
        self._items = items
        self._channel: Channel[T] = Channel(capacity)
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def _run(self) -> None:
        _step_back()
        self._channel.take_thread()
        try:
            for item in self._items():
                self._channel.put(item)
                del item  # or the thread would hold one more frame while it waits for the next
            self._channel.finish()
        except ChannelClosedError:
            pass
        except BaseException as error:
            self._channel.finish(error)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __iter__(self) -> Iterator[T]:
        while True:
            try:
                yield self._channel.get()
            except EndOfChannelError:
                return

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self._thread.join()


class WriteBehind:
    """Feeds a sink from another thread; finishes it when the block ends well, discards it otherwise.

    The sink is opened on that thread too, which no Ctrl-C interrupts: on this one it could come after a
    sink has started its encoder and before anybody knows of it.
    """

    def __init__(self, open_sink: Callable[[], FrameSink], capacity: int = _BEHIND) -> None:
        self._open_sink = open_sink
        self._sink: FrameSink | None = None
        self._opened = Event()
        self._channel: Channel[Frame] = Channel(capacity)
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
                sink.write(self._channel.get())
        except EndOfChannelError:
            pass
        except BaseException as error:
            self._error = error
            self._channel.close()

    def __enter__(self) -> Self:
        """Open the sink. Raises what keeps it from opening."""
        try:
            self._thread.start()
            self._opened.wait()
            if self._sink is None:
                self._thread.join()
                raise self._error or ChannelClosedError
        except BaseException:
            self._abandon()
            raise
        return self

    def write(self, frame: Frame) -> None:
        """Queue a frame, waiting for room. Raises the error that stopped the sink, if one did."""
        try:
            self._channel.put(frame)
        except ChannelClosedError:
            raise self._error or ChannelClosedError from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._abandon()
            return
        try:
            self._channel.finish()
            self._thread.join()
            if self._error is not None:
                raise self._error
            if self._sink is not None:
                self._sink.finish()
        except BaseException:
            self._abandon()
            raise

    def _abandon(self) -> None:
        self._channel.close()
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

"""A bounded queue between two threads that ends well: by exhaustion, by an error, or because a side left.

`queue.Queue` cannot be closed (before Python 3.13), so a thread that waits on one for a partner that died
waits forever. Here each side can leave, and the other learns of it at once.
"""

from __future__ import annotations

from collections import deque
from contextvars import ContextVar
from threading import Condition
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# Where a lock's wait cannot be interrupted (Windows), Ctrl-C is noticed after this long.
_WAIT_S = 0.2


class QueueClosedError(Exception):
    """The reader left: nobody will take what is put."""


class EndOfQueueError(Exception):
    """The writer has finished, and everything was taken."""


_of_this_thread: ContextVar[BoundedQueue[Any] | None] = ContextVar("_of_this_thread", default=None)


def stop_if_unread() -> None:
    """Raise QueueClosedError where all that this thread does is for a reader who has left.

    To be called where it takes long from one item to the next.
    """
    queue = _of_this_thread.get()
    if queue is not None and queue.is_closed:
        raise QueueClosedError


class BoundedQueue(Generic[T]):
    """At most `capacity` items on their way from one writing to one reading thread."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: deque[T] = deque()
        self._changed = Condition()
        self._finished = False
        self._closed = False
        self._error: BaseException | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the reader has left."""
        return self._closed

    def claim_thread(self) -> None:
        """Say that this thread does nothing but write into the queue (see `stop_if_unread`)."""
        _of_this_thread.set(self)

    def put(self, item: T) -> None:
        """Hand over an item, waiting for space. Raises QueueClosedError once the reader has left."""
        with self._changed:
            while len(self._items) >= self._capacity and not self._closed:
                self._changed.wait(_WAIT_S)
            if self._closed:
                raise QueueClosedError
            self._items.append(item)
            self._changed.notify_all()

    def get(self) -> T:
        """Take the next item, waiting for it.

        Raises the writer's error as soon as it has one, EndOfQueueError after the last item, and
        QueueClosedError on a thread whose own reader has left.
        """
        with self._changed:
            while not (self._items or self._finished or self._closed):
                stop_if_unread()
                self._changed.wait(_WAIT_S)
            if self._error is not None:
                raise self._error
            if not self._items:
                raise EndOfQueueError
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def finish(self, error: BaseException | None = None) -> None:
        """Say, as the writer, that nothing more comes: with `error`, the reader raises it instead."""
        with self._changed:
            self._finished, self._error = True, error
            self._changed.notify_all()

    def close(self) -> None:
        """Leave, as the reader: what waits is dropped, and the writer's next `put` fails."""
        with self._changed:
            self._closed = True
            self._items.clear()
            self._changed.notify_all()

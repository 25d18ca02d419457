"""A bounded queue between two threads that ends well: by exhaustion, by an error, or because a side left.

`queue.Queue` cannot be closed (before Python 3.13), so a thread that waits on one for a partner that died
waits forever. Here each side can leave, and the other learns of it at once.
"""

from __future__ import annotations

import time
from collections import deque
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")

# Where a lock's wait cannot be interrupted (Windows), Ctrl-C is noticed after this long.
_WAIT_S = 0.2


class ChannelClosedError(Exception):
    """The reader left: nobody will take what is put."""


class EndOfChannelError(Exception):
    """The writer has finished, and everything was taken."""


class Channel(Generic[T]):
    """At most `capacity` items on their way from one writing to one reading thread."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: deque[T] = deque()
        self._changed = Condition()
        self._finished = False
        self._closed = False
        self._error: BaseException | None = None
        self.put_waited_s = self.get_waited_s = 0.0
        """How long either side has waited for the other so far."""

    def put(self, item: T) -> None:
        """Hand over an item, waiting for room. Raises ChannelClosedError once the reader has left."""
        with self._changed:
            began = time.perf_counter()
            while len(self._items) >= self._capacity and not self._closed:
                self._changed.wait(_WAIT_S)
            self.put_waited_s += time.perf_counter() - began
            if self._closed:
                raise ChannelClosedError
            self._items.append(item)
            self._changed.notify_all()

    def get(self) -> T:
        """Take the next item, waiting for it.

        Raises the writer's error as soon as it has one, and EndOfChannelError after the last item.
        """
        with self._changed:
            began = time.perf_counter()
            while not (self._items or self._finished or self._closed):
                self._changed.wait(_WAIT_S)
            self.get_waited_s += time.perf_counter() - began
            if self._error is not None:
                raise self._error
            if not self._items:
                raise EndOfChannelError
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

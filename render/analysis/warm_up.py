"""Frames that are dreamt before a shot's first one and thrown away: a shot begins as strong as it goes on.

    the shot      0  1  2  3  4  5  6  7 …
    warms up on         4  3  2  1             the first of them from nothing, each carried into the next
    and goes on   0  1  2  3  4  5  6  7 …

A dream grows from frame to frame, until as much fades as is added. Begun at its first frame, a shot would
swell for a second or two, and fall back at the next cut. So it is begun a few frames ahead of it. The shot's
own frames are gone through backwards: where they move, less of a dream holds than on a still picture, and a
dream that was warmed up on a single frame would fade when they do. A shot with fewer frames than that is gone
through to and fro; one of a single frame stands still.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_PEEKED = 8
"""How many decoded frames are held for it, of which each of 1920x1080 takes 25 MB. A longer warm-up goes
through them to and fro."""


class Peekable(Generic[T]):
    """An iterator that can tell what is coming without taking it."""

    def __init__(self, items: Iterable[T]) -> None:
        self._items = iter(items)
        self._coming: deque[T] = deque()

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        return self._coming.popleft() if self._coming else next(self._items)

    def peek(self, count: int) -> Sequence[T]:
        """Return the next `count` items, fewer at the end; they come all the same."""
        self._coming.extend(islice(self._items, max(0, count - len(self._coming))))
        return tuple(islice(self._coming, count))


def warm_up_order(count: int, ahead: int) -> list[int]:
    """Return which frames of a shot are gone through, one after another, before its frame 0.

    There are `count` of them, among frame 0 and the `ahead` ones after it.

        count 5, ahead 2     1 2 1 0 1 2 … is read backwards: 1 0 1 2 1
    """
    period = 2 * ahead
    return [0 if ahead == 0 else ahead - abs(step % period - ahead) for step in range(count, 0, -1)]

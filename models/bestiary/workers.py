"""Worker processes that draw ahead of whoever needs the pictures.

Results are asked for by number and in rising order. What a number stands for is a function of the number
alone, so that neither the count of the workers nor their pace can change what anybody gets.
"""

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

import cv2

Job = TypeVar("Job")
Result = TypeVar("Result")

_NICE = 5  # the network goes first: workers take the time that it leaves, unless it waits for them


class DrawnAhead(Generic[Job, Result]):
    """Results of ``work(job(number))`` for numbers below ``end``, made before they are asked for.

    With 0 workers this process makes them, when they are asked for. A worker that fails raises its error
    here, and one that dies raises BrokenProcessPool: at the request of its result, never later. Used as a
    context, it ends the workers.
    """

    def __init__(
        self,
        work: Callable[[Job], Result],
        job: Callable[[int], Job],
        end: int,
        workers: int,
        ahead: int = 16,
    ) -> None:
        self._work, self._job, self._end, self._ahead = work, job, end, ahead
        self._pool = _started(workers) if workers else None
        self._kept: dict[int, Future[Result]] = {}

    def take(self, numbers: Iterable[int]) -> list[Result]:
        """The results of these numbers; everything below the least of them is forgotten."""
        wanted = sorted(numbers)
        for number in [old for old in self._kept if old < wanted[0]]:
            del self._kept[number]
        if self._pool is not None:
            for number in range(wanted[0], min(wanted[-1] + 1 + self._ahead, self._end)):
                if number not in self._kept:
                    self._kept[number] = self._pool.submit(self._work, self._job(number))
        return [self._result(number) for number in wanted]

    def _result(self, number: int) -> Result:
        if number not in self._kept:
            self._kept[number] = Future()
            self._kept[number].set_result(self._work(self._job(number)))
        return self._kept[number].result()

    def __enter__(self) -> "DrawnAhead[Job, Result]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the workers, after the block that each is drawing."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def in_order(work: Callable[[Job], Result], jobs: list[Job], workers: int) -> Iterator[Result]:
    """The results of all jobs, one by one."""
    with DrawnAhead(work, jobs.__getitem__, len(jobs), workers) as drawn:
        for number in range(len(jobs)):
            yield from drawn.take([number])


def _started(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _humble)


def _humble() -> None:
    """One thread each, after everybody else, and no longer than the process that wants the pictures."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    cv2.setNumThreads(1)
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(_NICE)


def _end_with_parent() -> None:
    """A parent that was killed ends no pool, and its workers would draw on for nobody."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

"""Decoding ahead and encoding behind: bounded, in order, and ending well whatever fails."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.errors import MediaError
from lucidreel.render.carry.blend import BlendCarry
from lucidreel.render.carry.carry import NoCarry
from lucidreel.render.frames.frames import FilmFormat, Frame, Picture
from lucidreel.render.loop import render_frames
from lucidreel.render.pipeline.bounded_queue import BoundedQueue, EndOfQueueError, QueueClosedError
from lucidreel.render.pipeline.threads import ReadAhead

from ..background_threads import background_threads
from ..stand_in import Asked, Gathered, StandIn

Image = NDArray[np.float32]


class Counted:
    """A source of small frames that knows how many of its pictures are alive."""

    def __init__(self, count: int, fail_at: int | None = None) -> None:
        self.film = FilmFormat(8, 8, Fraction(1, 25), Fraction(1, 25), count)
        self._count, self._fail_at = count, fail_at
        self._pictures: list[weakref.ref[Image]] = []
        self.most_alive = 0
        self.made = 0

    def frames(self, first: int = 0) -> Iterator[Frame]:
        for index in range(first, self._count):
            if index == self._fail_at:
                raise OSError("the disk is gone")
            picture = np.full((3, 8, 8), index / 255, dtype=np.float32)
            self._pictures.append(weakref.ref(picture))
            self.made += 1
            self.most_alive = max(self.most_alive, sum(known() is not None for known in self._pictures))
            yield Frame(index, Fraction(index, 25), picture)
            del picture


def copied(asked: Asked) -> Picture:
    """Hand back a new array, as the engine does."""
    return np.array(asked.start)


def test_all_frames_arrive_once_and_in_order() -> None:
    sink = Gathered()
    count, duration_s = render_frames(Counted(200), NoCarry(), StandIn(copied), lambda: sink)
    assert [frame.index for frame in sink.frames] == list(range(200))
    assert sink.levels == [round(index / 255, 4) for index in range(200)]
    assert (count, duration_s) == (200, Fraction(8))
    assert sink.finished and not sink.discarded
    assert not background_threads()


@pytest.mark.parametrize(("dream_s", "write_s"), [(0.002, 0.0), (0.0, 0.002)])
def test_memory_does_not_grow_with_the_clip(dream_s: float, write_s: float) -> None:
    """At most 4 wait; decoder, analyzer, loop and carry hold one each, and the analyzer the one before."""
    source = Counted(150)
    sink = Gathered(delay_s=write_s)
    render_frames(source, BlendCarry(0.3), StandIn(copied, delay_s=dream_s), lambda: sink)
    assert source.made == 150
    assert 4 <= source.most_alive <= 9


@pytest.mark.parametrize(
    ("source", "dreamer", "sink", "error"),
    [
        (Counted(50, fail_at=5), StandIn(copied), Gathered(), "the disk is gone"),
        (Counted(50), StandIn(copied, fail_at=5), Gathered(), "the engine broke"),
        (Counted(5000), StandIn(copied), Gathered(fail_at=5), "no space left"),
        (Counted(6), StandIn(copied), Gathered(fail_at=5), "no space left"),
        (Counted(50, fail_at=0), StandIn(copied), Gathered(), "the disk is gone"),
    ],
    ids=["source", "dreamer", "sink", "sink at the last frame", "source at once"],
)
def test_any_failure_surfaces_and_discards_the_film(
    source: Counted, dreamer: StandIn, sink: Gathered, error: str
) -> None:
    with pytest.raises((OSError, MediaError), match=error):
        render_frames(source, NoCarry(), dreamer, lambda: sink)
    assert sink.discarded and not sink.finished
    assert source.made < 100  # the failure was not waited for
    assert not background_threads()


def test_sink_that_cannot_be_opened_stops_the_render_before_the_first_dream() -> None:
    dreamer = StandIn(copied)

    def refuse() -> Gathered:
        raise OSError("no room for a film")

    with pytest.raises(OSError, match="no room"):
        render_frames(Counted(50), NoCarry(), dreamer, refuse)
    assert dreamer.dreamt == 0
    assert not background_threads()


@pytest.mark.skipif(os.name != "posix", reason="sends itself a signal")
def test_interrupt_while_the_sink_opens_discards_it() -> None:
    sink, dreamer = Gathered(), StandIn(copied)

    def open_slowly() -> Gathered:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)  # as long as an encoder takes to start
        return sink

    with pytest.raises(KeyboardInterrupt):
        render_frames(Counted(50), NoCarry(), dreamer, open_slowly)
    assert sink.discarded and not sink.finished
    assert dreamer.dreamt == 0
    assert not background_threads()


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no niceness of their own")
def test_background_threads_step_back_from_the_thread_that_started_them() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def on_a_polite_thread() -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness() + 4)
        with ReadAhead(lambda: [niceness()]) as reader:
            found.append(next(iter(reader)))

    found: list[int] = []
    thread = threading.Thread(target=on_a_polite_thread)
    thread.start()
    thread.join()
    assert found == [min(19, niceness() + 14)]


def test_reader_that_leaves_early_stops_the_decoder() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            number = 0
            while True:
                yield number
                number += 1
        finally:
            closed.set()

    with ReadAhead(endless) as numbers:
        assert next(iter(numbers)) == 0
    assert closed.wait(5)
    assert not background_threads()


def test_a_queue_ends_for_both_sides() -> None:
    queue: BoundedQueue[int] = BoundedQueue(2)
    queue.put(1)
    queue.finish()
    assert queue.get() == 1
    with pytest.raises(EndOfQueueError):
        queue.get()
    queue.close()
    with pytest.raises(QueueClosedError):
        queue.put(2)


def test_a_queue_wakes_a_writer_that_waits_for_room() -> None:
    queue: BoundedQueue[int] = BoundedQueue(1)
    queue.put(0)
    ended = threading.Event()

    def write() -> None:
        with pytest.raises(QueueClosedError):
            queue.put(1)
        ended.set()

    writer = threading.Thread(target=write)
    writer.start()
    queue.close()
    assert ended.wait(5)
    writer.join()

"""Another frame rate: at each tick of the new clock, the frame that is on the screen then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from ...frames.frames import Frame


def at_rate(
    frames: Iterable[Frame], rate: Fraction, end_s: Fraction, tick_s: Fraction, first: int = 0
) -> Iterator[Frame]:
    """Yield frames at 0, 1/rate, 2/rate … before `end_s`, from the `first` of them on.

    Each shows the latest frame that has begun. Faster clocks repeat frames and slower ones drop some; sound
    stays in step either way. `tick_s` is the source's clock: a frame that begins within a tick of the new
    frame's time counts as begun. Without it a webm, whose millisecond clock puts the second frame of 24 per
    second at 42 instead of 41.67 ms, would stutter. `frames` may begin with the one that is shown first.
    """
    waiting: Frame | None = None
    count = first
    for frame in frames:
        while waiting is not None and count / rate + tick_s < frame.time_s:
            yield replace(waiting, index=count, time_s=count / rate)
            count += 1
        waiting = frame
    while waiting is not None and count / rate < end_s:
        yield replace(waiting, index=count, time_s=count / rate)
        count += 1

"""What the frames of a film will ask for, told from a sample: most are not dreamt like the first.

    film    |--[====]--|--[====]--|--[====]--|     stretches of consecutive frames, one in each part
    frame   repeats the one before: no dream at all
            carries its dream on: a share of the iterations, once more where much of it is new

The sample goes through the film's own analysis and its own carry. What a carry asks for follows from the
source alone, so frames are taken to have dreamt nothing. Where shots begin is known without looking.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from ...errors import LucidreelError
from ..carry.carry import Dreamt, Start
from ..events.plan import Sample
from ..film.film import PreparedFilm
from ..frames.frames import Frame, Map

# The order of the parts that are looked into: wherever time runs out, the film has been looked at all over.
_PARTS = (3, 7, 1, 5, 0, 4, 2, 6)
_STRETCH_FRAMES = 12
# So few frames are looked at one after another: going to a place decodes frames for nothing.
_FEW_FRAMES = 4 * _STRETCH_FRAMES
# What looking may take. It is only asked between frames: finding the place of a stretch takes a moment more.
_MOST_S = 1.5


def stretches(first: int, count: int) -> Iterator[range]:
    """Yield which frames of `first` to `count` to look at, in the order in which that is worth most."""
    if count - first <= _FEW_FRAMES:
        yield range(first, count)
        return
    parts = len(_PARTS)
    for part in _PARTS:
        begin, end = (first + (count - first) * edge // parts for edge in (part, part + 1))
        length = min(_STRETCH_FRAMES, end - begin)
        start = begin + (end - begin - length) // 2
        yield range(start, start + length)


def take_sample(
    film: PreparedFilm, first: int, count: int, clock: Callable[[], float] = time.perf_counter
) -> Sample:
    """Look at some of a film's frames from the `first` on, up to `count`.

    Frames that cannot be decoded are passed over: the render says so when it gets there.
    """
    until, seen = clock() + _MOST_S, list[_Seen]()
    for stretch in _worth_seeing(film, first, count):
        with suppress(LucidreelError):
            for each in _looked_at(film, stretch, clock):
                seen.append(each)
                if clock() > until:
                    return _averaged(seen)
    return _averaged(seen)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A frame of the sample."""

    start: Start | None
    """How the carry starts it; None for a repeat."""
    start_s: float
    analysis_s: float


def _worth_seeing(film: PreparedFilm, first: int, count: int) -> Iterator[range]:
    """Yield the stretches of a film; a single frame where all are alike, as in a zoom."""
    if film.analyzer.estimate_flow is None and not film.analyzer.finds_repeats:
        one = max(1, first)
        return iter([range(one, min(one + 1, count))])
    return stretches(first, count)


def _looked_at(film: PreparedFilm, stretch: range, clock: Callable[[], float]) -> Iterator[_Seen]:
    """Yield the frames of a stretch that do not begin a shot."""
    last: Dreamt | None = None
    asked_s = clock()
    for analyzed in film.analyzer.analyze(_with_maps(film, stretch)):
        came_s, frame = clock(), analyzed.frame
        start = None if frame.repeats else film.carry.start(frame, last, analyzed.flow)
        begins_shot = frame.index == 0 or frame.index in film.analyzer.cuts
        if frame.index in stretch and not begins_shot:
            yield _Seen(start, clock() - came_s, came_s - asked_s)
        if not frame.repeats:
            last = Dreamt(frame, frame.picture, None if start is None else start.history)
        asked_s = clock()


def _with_maps(film: PreparedFilm, stretch: range) -> Iterator[tuple[Frame, Mapping[str, Map]]]:
    """Yield a stretch with the frame before it, which the first one is compared with."""
    before = max(0, stretch.start - 1)
    reader, zero_s = film.maps.reader(), film.source.film.zero_s
    for frame in islice(film.source.frames(before), stretch.stop - before):
        _, height, width = frame.picture.shape
        yield frame, reader.at(zero_s + frame.time_s, (width, height))


def _averaged(seen: list[_Seen]) -> Sample:
    if not seen:
        return Sample(0, 0.0, 0.0, {1.0: 1.0}, 0.0, 0.0)
    starts = [each.start for each in seen if each.start is not None]
    fills = [start.fill for start in starts if start.fill is not None]
    dreams: defaultdict[float | str, float] = defaultdict(float)
    for share, area in [
        *((start.iterations_share, 1.0) for start in starts),
        *((fill.iterations_share, fill.area) for fill in fills),
    ]:
        dreams[share] += area
    return Sample(
        seen=len(seen),
        repeats=1 - len(starts) / len(seen),
        newly_visible=len(fills) / len(seen),
        dreams={share: times / len(starts) for share, times in dreams.items()},
        start_s=sum(each.start_s for each in seen) / len(seen),
        analysis_s=sum(each.analysis_s for each in seen) / len(seen),
    )

"""The frame loop: every frame of a source, dreamt in order, into a sink.

    decoder thread --[2 frames]--> analysis thread --[2]--> carry -> dream --[3]--> encoder thread
    maps                                                    maps

Decoding, analysis and encoding run on threads of their own around it (`pipeline`), so this loop is all that
the engine ever waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import chain, dropwhile
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..dream.quantize import quantized
from ..errors import ResumeMismatchError
from .analysis.analyze import AnalyzedFrame, Analyzer, DecodedFrame
from .analysis.warm_up import MOST_PEEKED
from .carry.carry import Carry, Dreamt, Start
from .carry.disocclusion import DisocclusionFill
from .events.events import FrameDone, OnEvent, WarmUpFrame, unheard
from .frames.frames import Frame, FrameDreamer, FrameSink, FrameSource, Map, Picture
from .maps import MapSupply
from .pipeline.threads import READ_AHEAD, WRITE_BEHIND, ReadAhead, WriteBehind
from .signals import go_on


@dataclass(frozen=True)
class Resumption:
    """Where a render goes on."""

    next_index: int
    """The first frame that has to be dreamt."""
    dreamt_index: int
    """The last frame before it that was dreamt itself, rather than repeated."""
    picture: Picture | None
    """That one's dream; None where a shot begins or nothing is carried, and then it is the next one."""
    history: NDArray[np.float32] | None = None
    """What the carry had found out about that one's shot by then, if anything."""
    time_of: Callable[[int], Fraction] | None = None
    """The times of the frames before the next one as they were kept, to know them again."""
    shown: Callable[[int], Picture] | None = None
    """What the film shows of a frame that was kept, with 8 bits or more."""

    @property
    def first_index(self) -> int:
        """The first frame that has to be decoded: one that is there already tells how long the film is."""
        return max(0, min(self.dreamt_index, self.next_index - 1))


class Rendered(NamedTuple):
    """What a run of the loop made."""

    frames: int
    """All of the film's, those of an earlier run included."""
    length_s: Fraction


def render_frames(
    source: FrameSource,
    carry: Carry,
    dreamer: FrameDreamer,
    open_sink: Callable[[], FrameSink],
    on_event: OnEvent = unheard,
    maps: MapSupply | None = None,
    analyzer: Analyzer | None = None,
    resumption: Resumption | None = None,
) -> Rendered:
    """Render the whole source into a sink; `on_event` hears of every frame.

    With `resumption`, frames before its next one are not dreamt again and not written, but counted. The sink
    is finished when all went well; on any error or interrupt it is discarded, and the error goes on.
    """
    supply = maps or MapSupply()
    first = 0 if resumption is None else resumption.next_index
    decode = partial(_needed, source, supply, resumption)
    with (
        WriteBehind(open_sink) as encoder,
        ReadAhead(decode, "decode") as decoder,
        ReadAhead(partial((analyzer or Analyzer()).analyze, decoder, first), "analyze") as analyzed,
    ):
        loop, count = FrameLoop(carry, dreamer, supply, on_event), source.film.frame_count
        for frame in loop.dreams(analyzed, resumption):
            encoder.write(frame)
            on_event(FrameDone(frame.index, frame.time_s, frame.picture, frame.index + 1, count))
            del frame
    last = loop.last
    if last is None:
        return Rendered(0, source.film.last_frame_s)
    return Rendered(last.index + 1, last.time_s + source.film.last_frame_s)


def _needed(source: FrameSource, supply: MapSupply, resumption: Resumption | None) -> Iterator[DecodedFrame]:
    """Yield every frame that is needed, on the decoding thread."""
    frames = source.frames() if resumption is None else _known_again(source, resumption)
    return with_maps(frames, source.film.zero_s, supply)


def with_maps(frames: Iterator[Frame], zero_s: Fraction, supply: MapSupply) -> Iterator[DecodedFrame]:
    """Yield frames with those of their maps that are files, for a film whose zero is the clip's `zero_s`."""
    reader = supply.reader()
    for frame in frames:
        _, height, width = frame.picture.shape
        yield frame, reader.at(zero_s + frame.time_s, (width, height))
        del frame  # or the thread would hold one more while it waits for the next


def _known_again(source: FrameSource, resumption: Resumption) -> Iterator[Frame]:
    """Yield the frames from the first that has to be decoded, under the numbers that they were kept with.

    A source finds a frame by its number without reading those before it. Where some of those are damaged and
    never came out, the number means another frame than it did: then all are counted from the start again.
    """
    first, time_of = resumption.first_index, resumption.time_of
    frames = source.frames(first)
    found = next(frames, None)
    if time_of is not None and (found is None or found.time_s != time_of(first)):
        frames = dropwhile(lambda frame: frame.index < first, source.frames())
        found = next(frames, None)
        if found is None or found.time_s != time_of(first):
            now = "is no more" if found is None else f"is at {float(found.time_s):.6g} s now"
            raise ResumeMismatchError(
                f"frame {first + 1} was at {float(time_of(first)):.6g} s when it was kept, and {now}: the "
                "source is decoded otherwise than it was. Give it as it was then, or start again with "
                "--restart, which drops the kept frames."
            )
    return frames if found is None else chain([found], frames)


def pictures_in_flight(analyzer: Analyzer) -> int:
    """Return how many pictures' memory the loop takes at most beside what a dream itself takes.

    They wait in the queues; the decoder, the analyzer and the encoder have one in hand; the last one is kept
    for the next to be compared with; where shots are warmed up, some are decoded ahead. A flow goes along
    with analyzed frames, a third larger than they are (two planes, confidence, and where it moves), and the
    carry lays the last dream over the source.
    """
    waiting, in_hand, last = 2 * READ_AHEAD + WRITE_BEHIND, 3, 1
    peeked = min(analyzer.warm_up_frames, MOST_PEEKED)
    flows = READ_AHEAD + 2 if analyzer.estimate_flow is not None else 0
    laid_over = 3 if flows else 0
    return waiting + in_hand + last + peeked + 4 * flows // 3 + laid_over


class FrameLoop:
    """Dreams one frame after another."""

    def __init__(
        self, carry: Carry, dreamer: FrameDreamer, supply: MapSupply, on_event: OnEvent = unheard
    ) -> None:
        self._carry, self._dreamer = carry, dreamer
        self._supply, self._on_event = supply, on_event
        self.last: Frame | None = None
        """The last frame that came, be it one that was dreamt before."""

    def dreams(
        self, analyzed: Iterable[AnalyzedFrame], resumption: Resumption | None = None
    ) -> Iterator[Frame]:
        """Yield every frame with its dream for a picture, from the resumption's next one on."""
        last: Dreamt | None = None
        for seen in analyzed:
            go_on()
            frame = seen.frame
            if not seen.warm_up_left:
                self.last = frame
            if resumption is not None and frame.index < resumption.next_index:
                if frame.index == resumption.dreamt_index and resumption.picture is not None:
                    opening = None if resumption.shown is None else resumption.shown(seen.shot_index)
                    last = Dreamt(frame, resumption.picture, resumption.history, opening)
                continue
            if last is None or not frame.repeats:
                last = self._dream(seen, None if seen.begins_shot else last)
            if seen.warm_up_left:
                self._on_event(WarmUpFrame(seen.warm_up_left))
                continue
            yield replace(frame, picture=last.picture, history=last.history)
            del seen

    def _dream(self, seen: AnalyzedFrame, last: Dreamt | None) -> Dreamt:
        """Dream a frame; maps that are computed show what it dreams about, never what was carried into it."""
        start = self._carry.start(seen.frame, last, seen.flow)
        if seen.warm_up_left:  # nobody sees how restless it is, and so it settles sooner
            start = replace(start, damping=None)
        maps = self._supply.of(start.image, seen.maps)
        picture = dream_from(self._dreamer, start, maps, self._supply.mask)
        opening = picture if last is None or last.opening is None else last.opening
        return Dreamt(seen.frame, picture, start.history, None if seen.warm_up_left else opening)


def dream_from(
    dreamer: FrameDreamer, start: Start, maps: Mapping[str, Map], mask: str | None = None
) -> Picture:
    """Dream one frame from where its carry starts it, on the levels that a checkpoint keeps.

    `mask` names the one of the maps outside which a frame stays its source.
    """
    init = start.init
    if start.fill is not None:
        init = _filled(dreamer, start, start.fill, maps)
    picture = dreamer.dream(
        start.image,
        init,
        start.iterations_share,
        maps,
        spectrum_added=start.spectrum_added,
        evenness=start.evenness,
        sigma_added_px=start.sigma_added_px,
    )
    if start.damping is not None:
        picture = start.damping.applied(picture, None if mask is None else maps[mask])
    return quantized(picture)


def _filled(dreamer: FrameDreamer, start: Start, fill: DisocclusionFill, maps: Mapping[str, Map]) -> Picture:
    """Return where the dream starts once what is new was dreamt by itself; all else is as it was."""
    filled = np.array(start.image if start.init is None else start.init)
    rows, columns = fill.box
    before, where = filled[:, rows, columns], fill.where[rows, columns]
    dream = dreamer.dream(
        start.image[:, rows, columns],
        before,
        fill.iterations_share,
        {name: whole[rows, columns] for name, whole in maps.items()},
        where,
        start.spectrum_added,
        start.sigma_added_px,
    )
    filled[:, rows, columns] = np.where(where > 0, dream, before)
    return filled

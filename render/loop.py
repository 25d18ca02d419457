"""The frame loop: every frame of a source, dreamt in order, into a sink.

    decode ahead --> scout ahead --> carry -> dream --> encode behind
    maps                             maps

Decoding, scouting and encoding run on threads of their own around it (`overlap`), so this loop is all that
the engine ever waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from .carry import Carry, Dreamt, Start
from .frames import Frame, FrameDreamer, FrameSink, FrameSource, Map, Picture
from .ledger.state import settle
from .map_supply import MapSupply
from .overlap import ReadAhead, WriteBehind
from .progress import Progress
from .scout import Scout, Scouted


@dataclass(frozen=True)
class Resumption:
    """Where a render goes on."""

    next_index: int
    """The first frame that has to be dreamt."""
    dreamt_index: int
    """The last frame before it that was dreamt itself, rather than repeated."""
    picture: Picture | None
    """That one's dream; None where a shot begins or nothing is carried, and then it is the next one."""

    @property
    def first_index(self) -> int:
        """The first frame that has to be decoded: one that is there already tells how long the film is."""
        return max(0, min(self.dreamt_index, self.next_index - 1))


class Rendered(NamedTuple):
    """What a run of the loop made."""

    frames: int
    """All of the film's, those of an earlier run included."""
    length_s: Fraction
    waited_s: float
    """How long the engine stood still: for frames that were not ready, and for room behind it."""


def render_frames(
    source: FrameSource,
    carry: Carry,
    dreamer: FrameDreamer,
    open_sink: Callable[[], FrameSink],
    progress: Progress,
    maps: MapSupply | None = None,
    scout: Scout | None = None,
    resumption: Resumption | None = None,
) -> Rendered:
    """Render the whole source into a sink.

    With `resumption`, frames before its next one are not dreamt again and not written, but counted. The sink
    is finished when all went well; on any error or interrupt it is discarded, and the error goes on.
    """
    supply = maps or MapSupply()
    decode = partial(_with_maps, source, supply, 0 if resumption is None else resumption.first_index)
    with (
        WriteBehind(open_sink) as encoder,
        ReadAhead(decode, "decode") as decoder,
        ReadAhead(partial((scout or Scout()).look, decoder), "scout") as scouted,
    ):
        frames = _Frames(carry, dreamer, supply, progress)
        last = frames.dream_all(scouted, encoder, resumption)
        waited_s = scouted.waited_s + encoder.waited_s
    if last is None:
        return Rendered(0, source.film.last_frame_s, waited_s)
    return Rendered(last.index + 1, last.time_s + source.film.last_frame_s, waited_s)


def _with_maps(
    source: FrameSource, supply: MapSupply, first: int
) -> Iterator[tuple[Frame, Mapping[str, Map]]]:
    """Yield every frame from the `first` on with those of its maps that are files, on the decoding thread."""
    reader, zero_s = supply.reader(), source.film.zero_s
    for frame in source.frames(first):
        _, height, width = frame.picture.shape
        yield frame, reader.at(zero_s + frame.time_s, (width, height))
        del frame  # or the thread would hold one more while it waits for the next


class _Frames:
    """Dreams one frame after another."""

    def __init__(self, carry: Carry, dreamer: FrameDreamer, supply: MapSupply, progress: Progress) -> None:
        self._carry, self._dreamer = carry, dreamer
        self._supply, self._progress = supply, progress

    def dream_all(
        self, scouted: Iterable[Scouted], encoder: WriteBehind, resumption: Resumption | None
    ) -> Frame | None:
        """Dream and write every frame; return the last one."""
        last: Dreamt | None = None
        frame: Frame | None = None
        for seen in scouted:
            frame = seen.frame
            if resumption is not None and frame.index < resumption.next_index:
                if frame.index == resumption.dreamt_index and resumption.picture is not None:
                    last = Dreamt(frame, resumption.picture)
                continue
            if last is None or not frame.repeats:
                last = Dreamt(frame, self._dream(seen, None if seen.begins_shot else last))
            encoder.write(replace(frame, picture=last.picture))
            self._progress.frame_done()
            del seen
        return frame

    def _dream(self, seen: Scouted, last: Dreamt | None) -> Picture:
        """Dream a frame; maps that are computed show what it dreams about, never what was carried into it."""
        start = self._carry.start(seen.frame, last, seen.flow)
        maps = self._supply.of(start.image, seen.maps)
        return dream_from(self._dreamer, start, maps)


def dream_from(dreamer: FrameDreamer, start: Start, maps: Mapping[str, Map]) -> Picture:
    """Dream one frame from where its carry starts it, on the levels that a ledger keeps."""
    init = start.init
    if start.catch_up is not None:
        share, where = start.catch_up.iterations_share, start.catch_up.where
        init = dreamer.dream(start.image, init, share, maps, where)
    picture = dreamer.dream(start.image, init, start.iterations_share, maps)
    if start.held is not None and start.init is not None:
        picture = picture + start.held * (start.init - picture)
    return settle(picture)

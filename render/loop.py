"""The frame loop: every frame of a source, dreamt in order, into a sink.

    decode ahead -> carry -> dream -> encode behind
    maps         ----------> maps

Decoding and encoding run on threads of their own around it (`overlap`), so this loop is all that the engine
ever waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial

from .carry import Carry, Dreamt, Start
from .frames import Frame, FrameDreamer, FrameSink, FrameSource, Map, Picture
from .map_supply import MapSupply
from .overlap import ReadAhead, WriteBehind
from .progress import Progress


def render_frames(
    source: FrameSource,
    carry: Carry,
    dreamer: FrameDreamer,
    open_sink: Callable[[], FrameSink],
    progress: Progress,
    maps: MapSupply | None = None,
) -> tuple[int, Fraction]:
    """Render the whole source into a sink; return the number of frames and the film's length in seconds.

    The sink is finished when all went well; on any error or interrupt it is discarded, and the error goes on.
    """
    supply = maps or MapSupply()
    decode = partial(_with_maps, source, supply)
    with WriteBehind(open_sink) as encoder, ReadAhead(decode) as decoder:
        count, last_time_s = _dream_all(decoder, carry, partial(_dream, dreamer, supply), encoder, progress)
    return count, last_time_s + source.film.last_frame_s


def _with_maps(source: FrameSource, supply: MapSupply) -> Iterator[tuple[Frame, Mapping[str, Map]]]:
    """Yield every frame with those of its maps that are files, on the decoding thread."""
    reader, zero_s = supply.reader(), source.film.zero_s
    for frame in source.frames():
        _, height, width = frame.picture.shape
        yield frame, reader.at(zero_s + frame.time_s, (width, height))
        del frame  # or the thread would hold one more while it waits for the next


def _dream(dreamer: FrameDreamer, supply: MapSupply, start: Start, from_files: Mapping[str, Map]) -> Picture:
    """Dream one frame; maps that are computed show what it dreams about, never what was carried into it."""
    maps = supply.of(start.image, from_files)
    return dreamer.dream(start.image, start.init, start.iterations_share, maps)


def _dream_all(
    frames: Iterable[tuple[Frame, Mapping[str, Map]]],
    carry: Carry,
    dream: Callable[[Start, Mapping[str, Map]], Picture],
    encoder: WriteBehind,
    progress: Progress,
) -> tuple[int, Fraction]:
    """Dream frame after frame; return how many there were and the last one's time."""
    last: Dreamt | None = None
    count = 0
    for frame, from_files in frames:
        picture = dream(carry.start(frame, last), from_files)
        encoder.write(replace(frame, picture=picture))
        last = Dreamt(frame, picture)
        count += 1
        progress.frame_done()
    return count, Fraction(0) if last is None else last.frame.time_s

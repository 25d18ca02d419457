"""The frame loop: every frame of a source, dreamt in order, into a sink.

    decode ahead -> carry -> dream -> encode behind

Decoding and encoding run on threads of their own around it (`overlap`), so this loop is all that the engine
ever waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction

from .carry import Carry, Dreamt
from .frames import Frame, FrameDreamer, FrameSink, FrameSource
from .overlap import ReadAhead, WriteBehind
from .progress import Progress


def render_frames(
    source: FrameSource,
    carry: Carry,
    dreamer: FrameDreamer,
    open_sink: Callable[[], FrameSink],
    progress: Progress,
) -> tuple[int, Fraction]:
    """Render the whole source into a sink; return the number of frames and the film's length in seconds.

    The sink is finished when all went well; on any error or interrupt it is discarded, and the error goes on.
    """
    with WriteBehind(open_sink) as encoder, ReadAhead(source.frames) as decoder:
        count, last_time_s = _dream_all(decoder, carry, dreamer, encoder, progress)
    return count, last_time_s + source.film.last_frame_s


def _dream_all(
    frames: Iterable[Frame], carry: Carry, dreamer: FrameDreamer, encoder: WriteBehind, progress: Progress
) -> tuple[int, Fraction]:
    """Dream frame after frame; return how many there were and the last one's time."""
    last: Dreamt | None = None
    count = 0
    for frame in frames:
        start = carry.start(frame, last)
        picture = dreamer.dream(start.image, start.init, start.iterations_share)
        encoder.write(replace(frame, picture=picture))
        last = Dreamt(frame, picture)
        count += 1
        progress.frame_done()
    return count, Fraction(0) if last is None else last.frame.time_s

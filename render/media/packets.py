"""One pass over all packets of a clip: when its frames are shown, and how far the file's data really goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import av

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

# A header may promise a little more than is there (sound encoders pad); a file that was cut lacks seconds.
_SHORTFALL_S = 1.0
_VP8_SHOW_FRAME = 0x10


@dataclass
class Packets:
    """What a pass over all packets of a file found; times in seconds on the file's own timeline."""

    shown_s: list[Fraction] = field(default_factory=list)
    end_s: Fraction = Fraction(0)
    last_any_s: Fraction = Fraction(0)
    last_dts_s: Fraction = Fraction(0)
    first_torn_s: Fraction | None = None
    is_timed: bool = True
    spans_s: dict[int, tuple[Fraction, Fraction]] = field(default_factory=dict)
    """Earliest and latest time of the packets of every stream that has some."""

    def note_time(self, stream_index: int, time_s: Fraction) -> None:
        """Widen a stream's span by the time of one of its packets."""
        first_s, last_s = self.spans_s.get(stream_index, (time_s, time_s))
        self.spans_s[stream_index] = min(first_s, time_s), max(last_s, time_s)


def read_packets(container: InputContainer, stream: VideoStream, size: int) -> Packets:
    """Collect the video's presentation times, and how far the file's data really goes."""
    found = Packets()
    has_index = len(stream.index_entries) > 0
    for packet in container.demux():
        if not packet.size:
            continue
        ticks = packet.pts if packet.pts is not None else packet.dts
        time_s = len(found.shown_s) / average_rate(stream) if ticks is None else ticks * packet.time_base
        length_s = (packet.duration or 0) * packet.time_base
        found.last_any_s = max(found.last_any_s, time_s + length_s)
        found.note_time(packet.stream_index, time_s)
        if packet.stream_index != stream.index:
            continue
        found.is_timed = found.is_timed and ticks is not None
        torn = has_index and (packet.is_corrupt or (packet.pos or 0) + packet.size > size)
        if torn and found.first_torn_s is None:
            found.first_torn_s = time_s
        if packet.dts is not None and not torn:
            found.last_dts_s = max(found.last_dts_s, packet.dts * packet.time_base)
        if not packet.is_discard and not _is_hidden(stream, bytes(memoryview(packet)[:1])):
            found.shown_s.append(time_s)
            found.end_s = max(found.end_s, time_s + length_s)
    found.shown_s.sort()
    return found


def _is_hidden(stream: VideoStream, first_byte: bytes) -> bool:
    """Tell VP8's alternate reference frames, which have packets and times but are never shown."""
    return stream.codec_context.name == "vp8" and not first_byte[0] & _VP8_SHOW_FRAME


def average_rate(stream: VideoStream) -> Fraction:
    """Return the average frame rate; a file that names none is taken for PAL, as ffmpeg does."""
    return stream.average_rate or stream.guessed_rate or stream.base_rate or Fraction(25)


def is_torn(container: InputContainer, stream: VideoStream, packets: Packets, size: int) -> bool:
    """Tell whether the file was cut short.

    An index at the front of the file (mp4, mov, avi) names bytes past its end; elsewhere (mkv, webm) the
    header promises more seconds than the packets hold.
    """
    promised_bytes = max((entry.pos + entry.size for entry in stream.index_entries), default=0)
    promised_s = Fraction(
        container.duration or 0, av.time_base
    )  # some mkv count it from 0, not from the start
    return (
        packets.first_torn_s is not None
        or promised_bytes > size
        or promised_s - packets.last_any_s > _SHORTFALL_S
    )


def whole_until(packets: Packets, origin: Fraction) -> Fraction:
    """Return until when all frames of a file that was cut short are there, on the clip's clock.

    Decoding order puts a frame's packet no later than its time, so everything before the last good decoding
    time is present.
    """
    whole = (
        packets.last_dts_s if packets.first_torn_s is None else min(packets.last_dts_s, packets.first_torn_s)
    )
    return max(whole - origin, Fraction(0))

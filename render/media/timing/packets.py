"""One pass over all packets of a clip: when its frames are shown, and how far the file's data really goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import av

from .field_pairs import FieldPairs

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

# A header may promise a little more than is there (sound encoders pad); a file that was cut lacks seconds.
_SHORTFALL_S = 1.0
_VP8_SHOW_FRAME = 0x10
# FFmpeg gives it to streams without a container (.m1v, .drc, .h264). The times there it has made up: MPEG-1
# comes with a frame missing after the first, and Dirac with all frames in a moment.
_CLOCK_OF_RAW_STREAMS = Fraction(1, 1_200_000)


class PacketTimes(NamedTuple):
    """What the container says of one packet, in ticks of its stream's clock."""

    pts: int | None
    dts: int | None
    length: int
    """0 where it is not told."""
    is_key: bool
    is_shown: bool
    position: int | None
    """Where it is in the file, in bytes; None for those that share another's."""


@dataclass
class Packets:
    """What a pass over all packets of a file found; times in seconds on the file's own timeline."""

    video: list[PacketTimes] = field(default_factory=list)
    """The clip's own, in the order of the file; those of the sounds by stream."""
    sounds: dict[int, list[PacketTimes]] = field(default_factory=dict)
    tick_s: dict[int, Fraction] = field(default_factory=dict)
    """The clock of each of these streams."""

    shown_s: list[Fraction] = field(default_factory=list)
    end_s: Fraction = Fraction(0)
    last_any_s: Fraction = Fraction(0)
    last_dts_s: Fraction = Fraction(0)
    first_torn_s: Fraction | None = None
    is_timed: bool = True
    spans_s: dict[int, tuple[Fraction, Fraction]] = field(default_factory=dict)
    """Earliest and latest time of the packets of every stream that has some."""

    last_dts: dict[int, int] = field(default_factory=dict)
    """Of every stream whose clock may wrap around, the last decoding time so far, in its ticks."""
    has_pairs: bool = False
    """Whether fields that have a packet each were paired: their second ones are not shown."""
    wraps: bool = False
    """Whether a clock was seen to wrap around: its times are unwrapped here, but not when read again."""

    def note_time(self, stream_index: int, time_s: Fraction) -> None:
        """Widen a stream's span by the time of one of its packets."""
        first_s, last_s = self.spans_s.get(stream_index, (time_s, time_s))
        self.spans_s[stream_index] = min(first_s, time_s), max(last_s, time_s)

    def note(self, packet: Packet[Stream], video_index: int, is_shown: bool, clock: int | None) -> None:
        """Keep what is told of a packet of the picture or a sound, whose clock wraps at `clock` ticks."""
        index = packet.stream_index
        kept = self.video if index == video_index else self.sounds.get(index)
        if kept is None:
            return
        self.tick_s[index] = Fraction(packet.time_base)
        pts, dts = packet.pts, packet.dts
        if clock is not None:
            before = self.last_dts.get(index)
            dts = unwrapped(dts, before, clock)
            if dts is not None:
                self.last_dts[index] = dts
            pts = unwrapped(pts, before if dts is None else dts, clock)
            self.wraps = self.wraps or (pts, dts) != (packet.pts, packet.dts)
        kept.append(PacketTimes(pts, dts, packet.duration or 0, packet.is_keyframe, is_shown, packet.pos))


def unwrapped(ticks: int | None, near: int | None, clock: int) -> int | None:
    """Return the time of a clock that wraps around, as the one that is nearest to another."""
    if ticks is None or near is None:
        return ticks
    return ticks + round(Fraction(near - ticks, clock)) * clock


def wrapping_clock(container: str) -> int | None:
    """Return after how many ticks a container's clocks begin again: MPEG's after 33 bits, 26.5 hours."""
    return 2**33 if container in ("mpegts", "mpeg") else None


def read_packets(container: InputContainer, stream: VideoStream, size: int) -> Packets:
    """Collect the video's presentation times, and how far the file's data really goes."""
    found = Packets()
    found.sounds = {sound.index: [] for sound in container.streams.audio}
    has_index, clock = len(stream.index_entries) > 0, wrapping_clock(container.format.name)
    pairs = FieldPairs() if clock is not None and stream.codec_context.name == "h264" else None
    before_end_s = Fraction(0)
    for packet in container.demux():
        if not packet.size:
            if repeats_last(packet) and packet.stream_index == stream.index:
                found.end_s = max(
                    found.end_s, ((packet.dts or 0) + (packet.duration or 0)) * packet.time_base
                )
            continue
        if packet.time_base == _CLOCK_OF_RAW_STREAMS:
            packet.pts = packet.dts = None
        ticks = packet.pts if packet.pts is not None else packet.dts
        time_s = len(found.shown_s) / average_rate(stream) if ticks is None else ticks * packet.time_base
        length_s = (packet.duration or 0) * packet.time_base
        found.last_any_s = max(found.last_any_s, time_s + length_s)
        found.note_time(packet.stream_index, time_s)
        is_shown, is_second = not packet.is_discard, False
        if packet.stream_index == stream.index:
            is_shown = is_shown and not _is_hidden(stream, bytes(memoryview(packet)[:1]))
            is_second = pairs is not None and pairs.is_second(memoryview(packet))
        found.note(packet, stream.index, is_shown and not is_second, clock)
        if packet.stream_index != stream.index:
            continue
        if is_second:
            found.end_s = max(found.end_s, before_end_s + length_s)
            continue
        before_end_s = time_s + length_s
        found.is_timed = found.is_timed and ticks is not None
        torn = has_index and (packet.is_corrupt or (packet.pos or 0) + packet.size > size)
        if torn and found.first_torn_s is None:
            found.first_torn_s = time_s
        if packet.dts is not None and not torn:
            found.last_dts_s = max(found.last_dts_s, packet.dts * packet.time_base)
        if is_shown:
            found.shown_s.append(time_s)
            found.end_s = max(found.end_s, time_s + length_s)
    found.shown_s.sort()
    found.has_pairs = pairs is not None and pairs.is_sure
    return found


def repeats_last(packet: Packet[Any]) -> bool:
    """Tell an empty packet, for which the frame before stays on the screen: in Theora, and in AVI.

    The one that ends a stream, and makes a decoder give its last frames, has no time.
    """
    return not packet.size and packet.dts is not None


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

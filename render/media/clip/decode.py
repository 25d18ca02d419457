"""Decoded frames with exact times, from any moment of a clip on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import av

from ....errors import MediaError
from ...pipeline.bounded_queue import stop_if_unread
from ..clip_info import ClipInfo
from ..film_formats import open_clip
from ..timing.decoded_times import at_their_times, numbered_packets
from ..timing.packets import repeats_last
from .deinterlace import Deinterlacer
from .streams import stream_to_decode

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

# Seeking asks for a decoding time; reordered frames are shown up to some frames later.
_SEEK_MARGIN_S = Fraction(1)


class Decoder:
    """Decodes one clip, as often as asked, without its pixels being converted yet."""

    def __init__(self, info: ClipInfo) -> None:
        self._info = info
        self._deinterlacer = Deinterlacer(info)
        self.damaged_packets = 0
        """Packets that could not be decoded and were passed over, in the latest run."""
        self.damaged_frames = 0
        """Frames that were decoded from damaged data, in the latest run."""

    @property
    def interlaced_frames(self) -> int:
        """Frames that were interlaced and made whole, in the latest run."""
        return self._deinterlacer.frames_changed

    def frames(self, from_s: Fraction = Fraction(0)) -> Iterator[tuple[Fraction, VideoFrame]]:
        """Yield (time in seconds, frame) in order of time, beginning at or before `from_s`.

        Frames that an edit list hides are left out, as players do. Raises MediaError when the file cannot
        be read any more, or when nothing in it decodes.
        """
        if from_s > _SEEK_MARGIN_S:
            found = self._run(from_s - _SEEK_MARGIN_S)
            first = next(found, None)
            if first is not None and first[0] <= from_s:
                yield first
                yield from found
                return
        yield from self._run(None)  # from the very beginning: slower, and never too late

    def _run(self, seek_s: Fraction | None) -> Iterator[tuple[Fraction, VideoFrame]]:
        self.damaged_packets = self.damaged_frames = 0
        self._deinterlacer = Deinterlacer(self._info)
        try:
            with open_clip(self._info.path) as container:
                stream = stream_to_decode(container, self._info.video_index)
                yield from self._deinterlacer.whole(self._timed(container, stream, seek_s))
        except (av.FFmpegError, OSError) as error:
            raise MediaError(f"{self._info.path.name} cannot be read any further ({error}).") from error

    def _timed(
        self, container: InputContainer, stream: VideoStream, seek_s: Fraction | None
    ) -> Iterator[tuple[Fraction, VideoFrame]]:
        """Decode from the start, or from before `seek_s`, and put each frame on the clip's clock."""
        timeline, origin_s = self._info.timeline, self._info.origin_s
        if timeline is not None:
            first = 0 if seek_s is None else timeline.key_before(seek_s + origin_s)
            frames = self._decoded(numbered_packets(container, stream, first), stream)
            yield from ((time_s - origin_s, frame) for time_s, frame in at_their_times(frames, timeline))
            return
        if seek_s is not None:
            target = int((seek_s + origin_s) / self._info.time_base)
            container.seek(target, stream=stream, backward=True, any_frame=False)
        yield from self._told(self._decoded(container.demux(stream), stream))

    def _decoded(self, packets: Iterable[Packet[VideoStream]], stream: VideoStream) -> Iterator[VideoFrame]:
        """Decode packet by packet up to the decoder's last delayed frame; one bad packet does not end it."""
        decoded_any = False
        for packet in packets:
            stop_if_unread()  # thousands may be passed over before the first frame that is wanted
            if repeats_last(packet):
                continue
            try:
                frames = packet.decode()
            except av.InvalidDataError:
                self.damaged_packets += 1
                continue
            decoded_any = decoded_any or bool(frames)
            self._note_aspect(frames, stream)
            self.damaged_frames += sum(frame.is_corrupt for frame in frames)
            yield from frames
        if not decoded_any:
            raise MediaError(
                f"{self._info.path.name}: not one frame of its {self._info.codec} video decodes."
            )

    def _note_aspect(self, frames: list[VideoFrame], stream: VideoStream) -> None:
        """Note on frames how wide their pixels are, where that has changed (`fitting`).

        PyAV's frames have no field for it; what is noted here is handed on by filters.
        """
        aspect = stream.codec_context.sample_aspect_ratio
        if aspect and aspect != self._info.coded_aspect:
            for frame in frames:
                frame.opaque = Fraction(aspect)

    def _told(self, frames: Iterator[VideoFrame]) -> Iterator[tuple[Fraction, VideoFrame]]:
        """Put each frame at the time that it tells; without one, or with an earlier one, after the last."""
        last: Fraction | None = None
        for frame in frames:
            ticks = frame.pts if frame.pts is not None else frame.dts
            if ticks is not None:
                time = ticks * (frame.time_base or self._info.time_base) - self._info.origin_s
            else:
                time = Fraction(0) if last is None else last + 1 / self._info.average_rate
            if last is not None and time <= last:
                time = last + self._info.time_base
            last = time
            yield time, frame

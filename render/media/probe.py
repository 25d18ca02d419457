"""Read a clip's facts once: headers, every packet's time, the first frame. Refuses what cannot be a clip."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
import numpy as np

from ...errors import InputNotFoundError, MediaError
from .clip_info import ClipInfo, ColourTags, Orientation, SideStream

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

# A header may promise a little more than is there (sound encoders pad); a file that was cut lacks seconds.
_SHORTFALL_S = 1.0
_FULL_RANGE = 2
_VP8_SHOW_FRAME = 0x10


def probe(path: Path) -> ClipInfo:
    """Return the facts of the clip at `path`, reading all of its packets but decoding only one frame.

    Raises InputNotFoundError when there is no such file, MediaError when it holds no readable video.
    """
    _require_file(path)
    try:
        with open_clip(path) as container:
            stream = video_stream(container, path)
            packets = _read_packets(container, stream, path.stat().st_size)
        with open_clip(path) as container:
            return _assemble(path, container, packets)
    except av.FFmpegError as error:
        raise MediaError(
            f"{path.name} cannot be read as a video ({error.strerror}). It is damaged, cut off before its "
            "index, or not a video at all: check that it plays, or copy it again."
        ) from error


def open_clip(path: Path) -> InputContainer:
    """Open the clip for reading; metadata that is not valid text is dropped instead of failing the clip.

    An absolute path cannot be taken for a protocol, as "a:b.mp4" would be.
    """
    return av.open(str(path.absolute()), mode="r", metadata_errors="ignore")


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """Return the stream a player would show, ready to decode on several threads. Raises MediaError.

    It is the first that is marked as the default; where none is, the one that FFmpeg thinks best.
    """
    streams = _videos(container)
    if not streams:
        kinds = " and ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        raise MediaError(f"{path.name} has no video stream, only {kinds}. Give a clip with pictures.")
    best = container.streams.best("video")
    stream = next((s for s in streams if best is not None and s.index == best.index), streams[0])
    stream = next((s for s in streams if s.disposition & type(s.disposition).default), stream)
    stream.thread_type = "AUTO"
    return stream


def _videos(container: InputContainer) -> list[VideoStream]:
    """Return the streams of moving pictures: a cover is none."""
    return [s for s in container.streams.video if not s.disposition & type(s.disposition).attached_pic]


def _require_file(path: Path) -> None:
    if not path.exists():
        raise InputNotFoundError(f"{path} does not exist. Check the path.")
    if not path.is_file():
        raise InputNotFoundError(f"{path} is not a file. Give a clip, or a folder of numbered pictures.")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise MediaError(f"{path} cannot be opened ({error.strerror}). Check its permissions.") from error
    if empty:
        raise MediaError(f"{path.name} is empty (0 bytes): the copy or recording failed. Get the file again.")


@dataclass
class _Packets:
    """What a pass over all packets of a file found; times in seconds on the file's own timeline."""

    shown_s: list[Fraction] = field(default_factory=list)
    end_s: Fraction = Fraction(0)
    last_any_s: Fraction = Fraction(0)
    last_dts_s: Fraction = Fraction(0)
    first_torn_s: Fraction | None = None
    is_timed: bool = True


def _read_packets(container: InputContainer, stream: VideoStream, size: int) -> _Packets:
    """Collect the video's presentation times, and how far the file's data really goes."""
    found = _Packets()
    has_index = len(stream.index_entries) > 0
    for packet in container.demux():
        if not packet.size:
            continue
        ticks = packet.pts if packet.pts is not None else packet.dts
        time_s = len(found.shown_s) / _rate(stream) if ticks is None else ticks * packet.time_base
        length_s = (packet.duration or 0) * packet.time_base
        found.last_any_s = max(found.last_any_s, time_s + length_s)
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


def _assemble(path: Path, container: InputContainer, packets: _Packets) -> ClipInfo:
    stream = video_stream(container, path)
    torn = _is_torn(container, stream, packets, path.stat().st_size)
    frame = _first_frame(container, stream, torn) if packets.shown_s else None
    if frame is None and torn:
        raise MediaError(f"{path.name} is cut short: none of its frames is whole. Get the file again.")
    if frame is None:
        raise MediaError(f"{path.name} has a video stream but not one frame in it that can be decoded.")
    assert stream.time_base is not None  # lavf gives every stream of a file one
    origin = _origin(container, packets)
    orientation = _orientation(frame)
    rate = _rate(stream)
    end = packets.end_s if packets.end_s > packets.shown_s[-1] else packets.shown_s[-1] + 1 / rate
    return ClipInfo(
        path=path,
        container_name=container.format.name,
        video_index=stream.index,
        video_indices=tuple(video.index for video in _videos(container)),
        codec=stream.codec_context.name,
        pixel_format=frame.format.name,
        coded_size_px=(frame.width, frame.height),
        orientation=orientation,
        pixel_aspect=_pixel_aspect(stream, orientation),
        colour=_colour(frame),
        average_rate=rate,
        time_base=stream.time_base,
        origin_s=origin,
        is_timed=packets.is_timed,
        packet_times_s=tuple(time - origin for time in packets.shown_s),
        end_s=end - origin,
        readable_s=_whole_until(packets, origin) if torn else None,
        sounds=tuple(_side_stream(s) for s in container.streams.audio),
        subtitles=tuple(_side_stream(s) for s in container.streams.subtitles),
    )


def _rate(stream: VideoStream) -> Fraction:
    """Return the average frame rate; a file that names none is taken for PAL, as ffmpeg does."""
    return stream.average_rate or stream.guessed_rate or stream.base_rate or Fraction(25)


def _side_stream(stream: Stream) -> SideStream:
    """Describe a stream by the codec's own name: the decoder of "mp3" may be called "mp3float"."""
    return SideStream(stream.index, stream.codec_context.codec.canonical_name)


def _origin(container: InputContainer, packets: _Packets) -> Fraction:
    starts = [
        stream.start_time * stream.time_base
        for stream in (*container.streams.video, *container.streams.audio)
        if stream.start_time is not None and stream.time_base is not None
    ]
    return min([*starts, packets.shown_s[0]])


def _orientation(frame: VideoFrame) -> Orientation:
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return Orientation()
    return Orientation.from_display_matrix(np.frombuffer(cast(bytes, matrix), dtype=np.int32))


def _pixel_aspect(stream: VideoStream, orientation: Orientation) -> Fraction:
    aspect = stream.sample_aspect_ratio or Fraction(1)
    return 1 / aspect if orientation.swaps_axes else Fraction(aspect)


def _colour(frame: VideoFrame) -> ColourTags:
    return ColourTags(
        matrix=int(frame.colorspace),
        full_range=int(frame.color_range) == _FULL_RANGE or frame.format.name.startswith("yuvj"),
        primaries=int(frame.color_primaries),
        transfer=int(frame.color_trc),
    )


def _is_torn(container: InputContainer, stream: VideoStream, packets: _Packets, size: int) -> bool:
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


def _whole_until(packets: _Packets, origin: Fraction) -> Fraction:
    """Return until when all frames of a file that was cut short are there, on the clip's clock.

    Decoding order puts a frame's packet no later than its time, so everything before the last good decoding
    time is present.
    """
    whole = (
        packets.last_dts_s if packets.first_torn_s is None else min(packets.last_dts_s, packets.first_torn_s)
    )
    return max(whole - origin, Fraction(0))


def _first_frame(container: InputContainer, stream: VideoStream, torn: bool) -> VideoFrame | None:
    """Decode one frame; None when there is none, or when it is torn."""
    try:
        return next(container.decode(stream), None)
    except av.InvalidDataError:
        if not torn:
            raise
        return None

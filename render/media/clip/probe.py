"""Read a clip's facts once: headers, every packet's time, the first frame. Refuses what cannot be a clip."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import av
import numpy as np

from ....dream.picture_files.limits import decoding_refusal
from ....errors import InputNotFoundError, MediaError
from ..clip_info import Chapter, ClipInfo, Orientation
from ..colour.frame_colour import frame_colour
from ..film_formats import open_clip, what_it_is
from ..timing.decoded_times import counted_timeline, drop_unshown
from ..timing.packets import Packets, average_rate, is_torn, read_packets, repeats_last, whole_until
from ..timing.timeline import Timeline
from .streams import has_decoder, inspected, moving_pictures, shown_stream, side_streams, stream_to_decode

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.container.core import Chapter as AvChapter
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_PIXEL_BYTES = 4  # of the most common formats, and some room
# FFmpeg's AVFieldOrder: which field is stored first, then which one is shown first, which nothing heeds.
_FIELD_ORDERS: dict[int, Literal["tff", "bff"]] = {2: "tff", 3: "bff", 4: "tff", 5: "bff"}
_SILENT_ABOUT_FIELDS = {"mjpeg", "utvideo", "huffyuv", "ffvhuff", "magicyuv", "jpeg2000", "cfhd"}


def probe(path: Path) -> ClipInfo:
    """Return the facts of the clip at `path`, reading all of its packets but decoding only one frame.

    Raises InputNotFoundError when there is no such file, MediaError when it holds no readable video.
    """
    _require_file(path)
    try:
        index, packets = _all_packets(path)
        with open_clip(path) as container:
            timeline = counted_timeline(container, stream_to_decode(container, index), packets)
        if timeline is None:
            with open_clip(path) as container:
                drop_unshown(container, stream_to_decode(container, index), packets)
        with open_clip(path) as container:
            return _assemble(path, container, stream_to_decode(container, index), packets, timeline)
    except av.FFmpegError as error:
        raise MediaError(f"{path.name} cannot be read as a video: it {what_it_is(path)}") from error


def _all_packets(path: Path) -> tuple[int, Packets]:
    """Choose the clip's stream and read all packets; where it is empty, choose again among the others."""
    size = path.stat().st_size
    with open_clip(path) as container:
        stream = shown_stream(container, path)
        packets = read_packets(container, stream, size)
    if stream.index in packets.spans_s:
        return stream.index, packets
    with open_clip(path) as container:
        stream = shown_stream(container, path, packets.spans_s)
        return stream.index, read_packets(container, stream, size)


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


def _assemble(
    path: Path,
    container: InputContainer,
    stream: VideoStream,
    packets: Packets,
    timeline: Timeline | None,
) -> ClipInfo:
    _require_bounded(path, stream)
    torn = is_torn(container, stream, packets, path.stat().st_size)
    if timeline is not None:
        torn = torn and not timeline.splices  # a clock that jumps promises any length
        packets = replace(packets, shown_s=list(timeline.times_s), end_s=timeline.end_s)
        packets.spans_s |= timeline.spans_s
    frame = _whole_frame(path, container, stream, packets, torn)
    assert stream.time_base is not None  # lavf gives every stream of a file one
    inspection = inspected(container, path)
    foreign = inspection.others(stream.index)
    origin = _origin(container, packets, foreign, timeline)
    orientation = _orientation(frame)
    rate = average_rate(stream)
    end = packets.end_s if packets.end_s > packets.shown_s[-1] else packets.shown_s[-1] + 1 / rate
    return ClipInfo(
        path=path,
        container_name=container.format.name,
        tags=tuple(container.metadata.items()),
        brand=container.metadata.get("major_brand", "").strip(),
        video_index=stream.index,
        video_indices=tuple(video.index for video in moving_pictures(container)),
        unread_videos=_unread_videos(container, packets),
        codec=stream.codec_context.name,
        pixel_format=frame.format.name,
        coded_size_px=(frame.width, frame.height),
        orientation=orientation,
        pixel_aspect=_pixel_aspect(stream, orientation),
        coded_aspect=Fraction(stream.codec_context.sample_aspect_ratio or 1),
        colour=frame_colour(frame, path),
        has_alpha=_has_alpha(stream, frame),
        header_field_order=_header_field_order(stream),
        average_rate=rate,
        time_base=stream.time_base,
        origin_s=origin,
        is_timed=packets.is_timed,
        packet_times_s=tuple(time - origin for time in packets.shown_s),
        end_s=end - origin,
        readable_s=whole_until(packets, origin) if torn else None,
        sounds=side_streams(container.streams.audio, packets, inspection, foreign),
        subtitles=side_streams(container.streams.subtitles, packets, inspection, foreign),
        chapters=tuple(_chapter(chapter, origin) for chapter in container.chapters()),
        timeline=timeline,
    )


def _whole_frame(
    path: Path, container: InputContainer, stream: VideoStream, packets: Packets, torn: bool
) -> VideoFrame:
    """Return the first frame that can be decoded. Raises MediaError where there is none."""
    frame = _first_frame(container, stream, torn) if packets.shown_s else None
    if frame is not None:
        return frame
    if torn:
        raise MediaError(f"{path.name} is cut short: none of its frames is whole. Get the file again.")
    raise MediaError(
        f"{path.name} has a video stream ({stream.codec_context.name}), but not one frame in it can be "
        "decoded: it is empty, damaged, encrypted, or kept in another file. Check that the file plays, "
        "or copy it again."
    )


def _unread_videos(container: InputContainer, packets: Packets) -> tuple[int, ...]:
    """Return the streams of moving pictures that have no decoder, or no packets."""
    return tuple(
        video.index
        for video in moving_pictures(container)
        if not has_decoder(video) or video.index not in packets.spans_s
    )


def _chapter(chapter: AvChapter, origin: Fraction) -> Chapter:
    tick_s = chapter["time_base"] or Fraction(0)
    start_s, end_s = chapter["start"] * tick_s - origin, chapter["end"] * tick_s - origin
    return Chapter(start_s, end_s, tuple(chapter["metadata"].items()))


def _require_bounded(path: Path, stream: VideoStream) -> None:
    """Refuse frames as large as no film of that many bytes has. Raises MediaError."""
    size = stream.codec_context.width, stream.codec_context.height
    refused = decoding_refusal(size, _PIXEL_BYTES * size[0] * size[1], path.stat().st_size)
    if refused is not None:
        raise MediaError(f"{path.name} {refused}")


def _origin(
    container: InputContainer, packets: Packets, foreign: frozenset[int], timeline: Timeline | None
) -> Fraction:
    """Return where a player's clock starts; other programmes, and streams without packets, have no say."""
    if timeline is not None and timeline.spans_s:
        return min(begin_s for index, (begin_s, _) in timeline.spans_s.items() if index not in foreign)
    starts = [
        stream.start_time * stream.time_base
        for stream in (*container.streams.video, *container.streams.audio)
        if stream.start_time is not None and stream.time_base is not None
        if stream.index in packets.spans_s and stream.index not in foreign
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


def _has_alpha(stream: VideoStream, frame: VideoFrame) -> bool:
    """Tell whether pixels have an opacity: in their format, or beside it as VP8 and VP9 in webm do it.

    Every gif is decoded with one: its first frame tells whether it matters.
    """
    if any(component.is_alpha for component in frame.format.components):
        return stream.codec_context.name != "gif" or bool(frame.to_ndarray(format="rgba")[..., 3].min() < 255)
    return any(key.lower() == "alpha_mode" and value == "1" for key, value in stream.metadata.items())


def _header_field_order(stream: VideoStream) -> Literal["tff", "bff"] | None:
    """Return the header's field order where the codec's own frames are silent about it."""
    if stream.codec_context.name not in _SILENT_ABOUT_FIELDS:
        return None
    return _FIELD_ORDERS.get(int(stream.codec_context.field_order))


def _first_frame(container: InputContainer, stream: VideoStream, torn: bool) -> VideoFrame | None:
    """Decode the first frame that decodes; None when there is none, or when it is torn."""
    for packet in container.demux(stream):
        if repeats_last(packet):
            continue
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            if torn:
                return None
            continue
        if frames:
            return frames[0]
    return None

"""Which of a file's streams of pictures is the clip, what its sounds and subtitles are, what they lack."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from ....errors import MediaError
from ..clip_info import SideStream
from ..timing.packets import Packets
from .inspection import Inspection, inspect

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

_IMAGE_SEQUENCES = {"avis", "hevc", "hevx", "msf1"}
"""Brands of files whose first stream may be a still of their animation."""


def has_decoder(stream: Stream) -> bool:
    """Tell whether PyAV can decode a stream: it has a context only then, whatever its types promise."""
    return stream.codec_context is not None


def stream_to_decode(container: InputContainer, index: int) -> VideoStream:
    """Return the clip's stream of pictures, ready to decode on several threads."""
    stream = next(stream for stream in container.streams.video if stream.index == index)
    stream.thread_type = "AUTO"
    return stream


def shown_stream(
    container: InputContainer, path: Path, present: Collection[int] | None = None
) -> VideoStream:
    """Return the stream a player would show. Raises MediaError where there is none.

    It is the first that is marked as the default; where none is, the one that FFmpeg thinks best. Streams
    that there is no decoder for are passed over, and those that are not among the `present` ones.
    """
    decodable = [stream for stream in moving_pictures(container) if has_decoder(stream)]
    if not decodable:
        raise MediaError(f"{path.name} {_why_no_video(container, path)}")
    streams = [s for s in decodable if present is None or s.index in present] or decodable
    best = container.streams.best("video")
    stream = next((s for s in streams if best is not None and s.index == best.index), streams[0])
    return next((s for s in streams if s.disposition & type(s.disposition).default), stream)


def moving_pictures(container: InputContainer) -> list[VideoStream]:
    """Return the streams of moving pictures: a cover is none, nor the still in an animated AVIF or HEIC."""
    videos = [s for s in container.streams.video if not s.disposition & type(s.disposition).attached_pic]
    if container.metadata.get("major_brand") in _IMAGE_SEQUENCES and videos:
        most = max(stream.frames for stream in videos)
        return [stream for stream in videos if stream.frames == most][:1]  # the other one is its alpha
    return videos


def inspected(container: InputContainer, path: Path) -> Inspection:
    """Ask ffmpeg about the file's streams, but only where PyAV's word may not do."""
    streams = container.streams
    is_unclear = not all(has_decoder(stream) for stream in (*streams.audio, *streams.subtitles))
    may_have_programmes = container.format.name == "mpegts" and len(streams) > 2
    return inspect(path) if is_unclear or may_have_programmes else Inspection({}, ())


def side_streams(
    streams: Sequence[Stream], packets: Packets, inspection: Inspection, foreign: frozenset[int]
) -> tuple[SideStream, ...]:
    """Describe streams; `foreign` are those of other programmes than the picture's."""
    return tuple(
        SideStream(
            index=stream.index,
            codec=_codec(stream) or inspection.codec(stream.index),
            has_decoder=has_decoder(stream),
            span_s=packets.spans_s.get(stream.index),
            is_of_other_programme=stream.index in foreign,
            tick_s=Fraction(stream.time_base or 0),
            place=(number, len(streams)),
        )
        for number, stream in enumerate(streams, 1)
    )


def _why_no_video(container: InputContainer, path: Path) -> str:
    """Say, to be put behind the file's name, why there is nothing in it to dream about."""
    if videos := moving_pictures(container):
        codec = inspect(path).codec(videos[0].index)
        return (
            f"has a video stream that cannot be decoded here: there is no decoder for its codec ({codec}). "
            "Convert it with the program that made it, to H.264 or ProRes, say."
        )
    words = {"video": "a cover picture", "audio": "sound", "subtitle": "subtitles", "data": "data"}
    kinds = dict.fromkeys(words[s.type] for s in container.streams if s.type in words)
    held = " and ".join(kinds) or "nothing"
    if "a cover picture" in kinds:
        return (
            f"holds {held}, but no moving picture. Give a clip, or save the cover as a picture of its own "
            "for `lucidreel still` or `lucidreel zoom`."
        )
    return f"has no moving picture, only {held}. Give a clip, or a folder of numbered pictures."


def _codec(stream: Stream) -> str | None:
    """Return the codec's own name: the decoder of "mp3" may be called "mp3float". None without a decoder."""
    return stream.codec_context.codec.canonical_name if has_decoder(stream) else None

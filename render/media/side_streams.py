"""The facts of a clip's sounds and subtitles: which there are, and what may keep each out of a film."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from .clip_info import SideStream
from .inspection import Inspection, inspect
from .packets import Packets

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream


def has_decoder(stream: Stream) -> bool:
    """Tell whether PyAV can decode a stream: it has a context only then, whatever its types promise."""
    return stream.codec_context is not None


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


def _codec(stream: Stream) -> str | None:
    """Return the codec's own name: the decoder of "mp3" may be called "mp3float". None without a decoder."""
    return stream.codec_context.codec.canonical_name if has_decoder(stream) else None

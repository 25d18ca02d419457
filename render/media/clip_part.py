"""Which part of a clip is wanted, checked against what the clip has.

The part [start, end) begins with the first frame at or after the start; that frame's time becomes the
film's zero, for picture and sound alike, so that the film does not open on a gap.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction

from ...errors import MediaError, UsageError
from ..frames.frames import exact_seconds
from ..settings.settings import ClipConfig
from .clip_info import ClipInfo

# What a person reads as the clip's length ("2.38 s") may exceed the exact one by its rounding.
_ROUNDING_S = Fraction(1, 100)


@dataclass(frozen=True)
class ClipPart:
    """A stretch of a clip, in seconds on the clip's own clock."""

    start_s: Fraction
    """Time of the first frame shown."""
    end_s: Fraction
    """When the last frame ends, and the sound with it."""
    zero_s: Fraction
    """The moment that becomes the film's zero: `start_s`, or the clip's own zero when that is not cut."""
    cuts_start: bool
    cuts_end: bool
    """Which ends are cut off on purpose, so that the sound must be cut there too."""
    packet_times_s: tuple[Fraction, ...]
    """Times of the packets inside the part."""
    beyond_s: Fraction | None = None
    """The end that was asked for, where it is beyond the clip's; then the part goes on to the clip's own."""


def past_the_end(name: str, end_s: Fraction, asked_s: Fraction | None) -> str | None:
    """Return what to say of an end that was asked for beyond the clip's own; None where it was not."""
    if asked_s is None:
        return None
    return (
        f"{name} ends at {float(end_s):.4g} s, before --end {float(asked_s):g}s: it goes on to its own end."
    )


def wanted_part(info: ClipInfo, config: ClipConfig) -> ClipPart:
    """Return the part that `config` asks for.

    An end beyond the clip's counts as none, as in every editor. Raises UsageError for a start outside the
    clip and for a part without a frame, MediaError when the file is cut short before its end.
    """
    start, end, beyond = _checked_times(info, config)
    if info.readable_s is not None and end > info.readable_s:
        raise MediaError(_cut_short(info))
    times = info.packet_times_s
    first, last = bisect_left(times, start), bisect_left(times, end)
    if first == last:
        raise UsageError(
            f"no frame of {info.path.name} begins between {float(start):g} s and {float(end):g} s. "
            "Widen the part with --start and --end."
        )
    return ClipPart(
        start_s=times[first],
        end_s=end,
        zero_s=times[first] if config.start_s else Fraction(0),
        cuts_start=bool(config.start_s),
        cuts_end=config.end_s is not None and beyond is None,
        packet_times_s=times[first:last],
        beyond_s=beyond,
    )


def _checked_times(info: ClipInfo, config: ClipConfig) -> tuple[Fraction, Fraction, Fraction | None]:
    """Return the part's start and end, and the end asked for if that is beyond the clip's."""
    start = Fraction(0) if config.start_s is None else exact_seconds(config.start_s)
    end = info.end_s if config.end_s is None else exact_seconds(config.end_s)
    if start >= info.end_s:
        raise UsageError(
            f"the start {float(start):g} s is not inside {_length(info)}. Give an earlier --start."
        )
    beyond = end if end > info.end_s + _ROUNDING_S else None
    return start, min(end, info.end_s), beyond


def _length(info: ClipInfo) -> str:
    return f"{info.path.name}, which lasts {float(info.end_s):.4g} s"


def _cut_short(info: ClipInfo) -> str:
    readable = float(info.readable_s or 0) // 0.1 / 10
    if not readable:
        return f"{info.path.name} is cut short: none of its frames is whole. Get the file again."
    return (
        f"{info.path.name} is cut short: the file ends before its last frames. Its first {readable:g} s are "
        f"readable: get the whole file again, or render that part with --end {readable:g}s."
    )

"""Which part of a clip is wanted, checked against what the clip has.

The part [start, end) begins with the first frame at or after the start; that frame's time becomes the
film's zero, for picture and sound alike, so that the film does not open on a gap.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction

from ...errors import MediaError, UsageError
from ..frames import exact_seconds
from ..settings import ClipConfig
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


def wanted_part(info: ClipInfo, config: ClipConfig) -> ClipPart:
    """Return the part that `config` asks for.

    Raises UsageError for times outside the clip, MediaError when the file is cut short before its end.
    """
    start, end = _checked_times(info, config)
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
        cuts_end=config.end_s is not None,
        packet_times_s=times[first:last],
    )


def _checked_times(info: ClipInfo, config: ClipConfig) -> tuple[Fraction, Fraction]:
    start = Fraction(0) if config.start_s is None else exact_seconds(config.start_s)
    end = info.end_s if config.end_s is None else exact_seconds(config.end_s)
    if start >= info.end_s:
        raise UsageError(
            f"the start {float(start):g} s is not inside {_length(info)}. Give an earlier --start."
        )
    if end > info.end_s + _ROUNDING_S:
        raise UsageError(
            f"the end {float(end):g} s is beyond {_length(info)}. Leave --end out to go on to the clip's end."
        )
    return start, min(end, info.end_s)


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

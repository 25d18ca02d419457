"""When the frames of one continuous stretch are shown, as far as their packets tell.

Times that are told are anchors. Frames between two of them share the time between by their lengths; those
before the first and after the last follow by their lengths alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, pairwise

from .packets import PacketTimes

_FIELD = Fraction(3, 4)
"""A packet shorter than this share of a frame holds one field."""
_LONGEST_REORDERING = 32
"""In frames; codecs have 16, and fields count twice."""


def times_s_of(
    packets: Sequence[PacketTimes], lengths_s: Sequence[Fraction], tick_s: Fraction, begin_s: Fraction
) -> list[Fraction]:
    """Return the times of frames that follow each other on one clock, from `begin_s` on if none is told."""
    reach_s = _LONGEST_REORDERING * max(lengths_s)
    ticks = [_told(packet, tick_s, reach_s) for packet in packets]
    if not any(tick is not None for tick in ticks):
        ticks = [packet.dts for packet in packets]
    anchors = _ascending([(place, tick) for place, tick in enumerate(ticks) if tick is not None])
    sums_s = [Fraction(0), *accumulate(lengths_s)]
    if not anchors:
        return [begin_s + sum_s for sum_s in sums_s[:-1]]
    (first, first_tick), (last, last_tick) = anchors[0], anchors[-1]
    times_s = [first_tick * tick_s - sums_s[first] + sums_s[place] for place in range(first)]
    for (place, tick), (next_place, next_tick) in pairwise(anchors):
        share = (next_tick - tick) * tick_s / (sums_s[next_place] - sums_s[place])
        times_s += [tick * tick_s + (sums_s[n] - sums_s[place]) * share for n in range(place, next_place)]
    return times_s + [last_tick * tick_s + sums_s[n] - sums_s[last] for n in range(last, len(packets))]


def _told(packet: PacketTimes, tick_s: Fraction, reach_s: Fraction) -> int | None:
    """Return a packet's own time, unless it is far from its decoding: then it was made up at a jump."""
    if packet.pts is None or packet.dts is None:
        return packet.pts
    return packet.pts if abs(packet.pts - packet.dts) * tick_s <= reach_s else None


def _ascending(anchors: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Put the anchors' ticks in order over their places; of equal ones, the first stays an anchor."""
    ticks = sorted(tick for _, tick in anchors)
    pairs = [(place, tick) for (place, _), tick in zip(anchors, ticks, strict=True)]
    return pairs[:1] + [later for before, later in pairwise(pairs) if later[1] > before[1]]


def lengths_s_of(
    packets: Sequence[PacketTimes], numbers: Sequence[int], tick_s: Fraction, rate: Fraction
) -> list[Fraction]:
    """Return how long each frame is shown; the second field of a frame has a packet without a frame."""
    starts = set(numbers)
    found = []
    for number in numbers:
        length = packets[number].length * tick_s
        follows = number + 1
        if is_field(packets[number], rate, tick_s) and follows < len(packets) and follows not in starts:
            length += packets[follows].length * tick_s
        found.append(_whole_fields(length, tick_s, rate))
    return found


def _whole_fields(length_s: Fraction, tick_s: Fraction, rate: Fraction) -> Fraction:
    """Return a length without its rounding to ticks, which would add up: frames last a number of fields."""
    fields = round(length_s * rate * 2)
    exact = fields / (2 * rate) if fields else 1 / rate
    return exact if not length_s or abs(exact - length_s) <= tick_s else length_s


def is_field(packet: PacketTimes, rate: Fraction, tick_s: Fraction) -> bool:
    """Tell whether a packet holds one field, by its length."""
    return 0 < packet.length * tick_s * rate < _FIELD

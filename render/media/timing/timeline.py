"""One timeline for picture and sound out of whatever the container tells.

Most containers tell a time for every frame, and those are taken as they are. This is for the others, where
frames must be counted: camcorders store the two fields of a frame in packets of which one has a time, MPEG
program streams tell a time now and then, AVI tells when packets are decoded, raw streams tell nothing, and
the clock of joined files jumps. There the clip is decoded once beforehand. The frames that come out, in their
order, are the film's, each known by the number of its packet, and they get their times like this:

    1  the clock's jumps part the file into segments (`discontinuities`)
    2  in a segment, times that the container tells are anchors; where they do not ascend with the frames,
       they are put in order
    3  frames between anchors share the time between them, by their lengths; those before the first and
       after the last follow by their lengths alone
    4  each segment is moved to go on where the one before ends
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from .discontinuities import Splice, Stretch, shifts, stretches
from .frame_times import is_field, lengths_s_of, times_s_of
from .packets import Packets, PacketTimes

if TYPE_CHECKING:
    from av.video.stream import VideoStream

_TOLD = 3


@dataclass(frozen=True)
class Timeline:
    """The frames of a clip as its decoder shows them, and when; times are the file's own, jumps taken out."""

    numbers: tuple[int, ...]
    """For each frame the number of its packet in the stream."""
    times_s: tuple[Fraction, ...]
    keys: tuple[int, ...]
    """Which of the frames decoding can begin at."""
    end_s: Fraction
    splices: tuple[Splice, ...] = ()
    """How the times of every stream are moved at jumps of the clock."""
    spans_s: Mapping[int, tuple[Fraction, Fraction]] = field(default_factory=dict)
    """From when until when every stream of a file whose clock jumps has something."""
    notes: tuple[str, ...] = ()

    def key_before(self, time_s: Fraction) -> int:
        """Return the number of the packet from which to decode for what is shown at `time_s`; 0 at first."""
        before = [place for place in self.keys if self.times_s[place] <= time_s]
        return self.numbers[before[-1]] if before else 0


def needs_counting(packets: Packets, stream: VideoStream, container: str, rate: Fraction) -> bool:
    """Tell whether the packets' own times are not those of the frames."""
    shown = [packet for packet in packets.video if packet.is_shown]
    if not shown or has_all_times(container):
        return False
    times = [packet.pts for packet in shown]
    tick_s, context = packets.tick_s[stream.index], stream.codec_context
    fields_alone = context.name == "h264" and may_leap(container) and not packets.has_pairs
    return (
        None in times
        or len(set(times)) < len(times)
        or (container == "avi" and context.has_b_frames)
        or (fields_alone and any(is_field(packet, rate, tick_s) for packet in shown))
    )


def has_all_times(container: str) -> bool:
    """Tell whether a container has a time for every frame, on one clock: an mp4, which may also hide some."""
    return "mov" in container.split(",")


def may_leap(container: str) -> bool:
    """Tell whether the clock of such a container may leap ahead."""
    return container in ("mpegts", "mpeg")


def without_delay(packets: Sequence[PacketTimes]) -> list[PacketTimes]:
    """Return AVI's packets as they are shown: it tells when packets are decoded, one by one.

    What FFmpeg makes of that is later by the decoder's delay; the frame shown as the tenth is meant for the
    tenth packet's time, as the sound beside it is.
    """
    told = [packet for packet in packets if packet.pts is not None and packet.dts is not None]
    shown, decoded = sorted(packet.pts or 0 for packet in told), sorted(packet.dts or 0 for packet in told)
    delay = min((late - early for late, early in zip(shown, decoded, strict=True)), default=0)
    return [packet if packet.pts is None else packet._replace(pts=packet.pts - delay) for packet in packets]


def timeline_of(
    packets: Packets,
    video_index: int,
    shown: Sequence[tuple[int, bool]],
    rate: Fraction,
    jumps: Sequence[int],
) -> Timeline:
    """Give times to the frames that were shown: their packets' numbers, and whether each is a keyframe."""
    tick_s, numbers = packets.tick_s[video_index], [number for number, _ in shown]
    lengths_s = lengths_s_of(packets.video, numbers, tick_s, rate)
    bounds = [0, *(_first_from(numbers, jump) for jump in jumps), len(numbers)]
    begin_s = _first_s(packets)
    parts = [range(begin, end) for begin, end in pairwise(bounds) if begin < end]
    local = [
        times_s_of([packets.video[numbers[n]] for n in part], [lengths_s[n] for n in part], tick_s, begin_s)
        for part in parts
    ]
    picture = [
        _stretch(segment, packets.video, min(numbers[n] for n in part), times_s, lengths_s[part[-1]])
        for segment, (part, times_s) in enumerate(zip(parts, local, strict=True))
    ]
    sounds = stretches(packets.sounds, packets.tick_s, picture)
    moved_s = shifts(picture, sounds.values())
    streams, is_spliced = {video_index: picture, **sounds}, len(set(moved_s)) > 1 or packets.wraps
    times_s = _one_by_one(
        [time_s + shift for part, shift in zip(local, moved_s, strict=True) for time_s in part], tick_s
    )
    jumps_s = [times_s[part[0]] - times_s[0] for part in _moved_on(parts, moved_s)]
    return Timeline(
        numbers=tuple(numbers),
        times_s=tuple(times_s),
        keys=tuple(place for place, (_, is_key) in enumerate(shown) if is_key),
        end_s=times_s[-1] + lengths_s[-1],
        splices=_splices(streams, moved_s) if is_spliced else (),
        spans_s=_spans_s(streams, moved_s) if is_spliced else {},
        notes=tuple(_notes(packets, numbers, jumps_s)),
    )


def _moved_on(parts: Sequence[range], moved_s: Sequence[Fraction]) -> list[range]:
    """Return the parts whose clock is another one than that of the part before."""
    steps = zip(parts[1:], pairwise(moved_s), strict=True)
    return [part for part, (before, after) in steps if before != after]


def _stretch(
    segment: int, packets: Sequence[PacketTimes], first: int, times_s: Sequence[Fraction], last_s: Fraction
) -> Stretch:
    position = next((packet.position for packet in packets[first:] if packet.position is not None), None)
    return Stretch(segment, first, times_s[0], times_s[-1] + last_s, position)


def _one_by_one(times_s: Sequence[Fraction], tick_s: Fraction) -> list[Fraction]:
    """Put times in order, no two of them the same."""
    ascending: list[Fraction] = []
    for time_s in sorted(times_s):
        ascending.append(time_s if not ascending else max(time_s, ascending[-1] + tick_s))
    return ascending


def _first_s(packets: Packets) -> Fraction:
    """Return when the first sound begins, with which a picture that tells no times does; without any, 0."""
    told = {
        index: next((packet.pts for packet in sound if packet.pts is not None), None)
        for index, sound in packets.sounds.items()
    }
    return min(
        (ticks * packets.tick_s[index] for index, ticks in told.items() if ticks is not None),
        default=Fraction(0),
    )


def _first_from(numbers: Sequence[int], jump: int) -> int:
    """Return the place of the first frame whose packet comes at or after a jump."""
    return next((place for place, number in enumerate(numbers) if number >= jump), len(numbers))


def _splices(streams: Mapping[int, Sequence[Stretch]], moved_s: Sequence[Fraction]) -> tuple[Splice, ...]:
    return tuple(
        Splice(index, stretch.first_packet, moved_s[stretch.segment])
        for index, found in streams.items()
        for stretch in found
    )


def _spans_s(
    streams: Mapping[int, Sequence[Stretch]], moved_s: Sequence[Fraction]
) -> dict[int, tuple[Fraction, Fraction]]:
    return {
        index: (
            min(stretch.begin_s + moved_s[stretch.segment] for stretch in found),
            max(stretch.end_s + moved_s[stretch.segment] for stretch in found),
        )
        for index, found in streams.items()
        if found
    }


def _notes(packets: Packets, numbers: Sequence[int], jumps_s: Sequence[Fraction]) -> Iterator[str]:
    ticks = [packets.video[number].pts for number in numbers]
    known = [tick for tick in ticks if tick is not None]
    if not known:
        yield "the clip tells no times: its frames follow each other at the rate it names"
    elif guessed := len(ticks) - len(known):
        yield f"{guessed} of the clip's {len(ticks)} frames tell no time: they were placed between the others"
    if jumps_s:
        told = ", ".join(f"{float(time_s):.4g}" for time_s in jumps_s[:_TOLD])
        more = f" and {len(jumps_s) - _TOLD} more" if len(jumps_s) > _TOLD else ""
        yield f"the clip's clock jumps (at {told} s{more}): picture and sound go on without a gap"
    elif any(after <= before for before, after in pairwise(known)):
        yield "the clip's times are not in the order of its frames: they were put into it"

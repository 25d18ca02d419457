"""Where a file's clock jumps, and by how much its times are moved so that picture and sound go on together.

Files joined end to end begin again at an earlier time; recordings whose clock was reset, or wrapped around,
go back or leap. A decoding time never goes back by itself, so that is a jump in any file that tells such
times (`restarts` is for the others). Containers whose clocks may be discontinuous (MPEG-TS, MPEG-PS) tell
some times only: there it is also one that goes on by less than half of what is played meanwhile, or leaps
ahead far longer than the distance of frames while no sound plays. Elsewhere that is a picture that stands.

    file      0 ... 1.6 | 0.4 ... 2.0          picture and sound each jump, at packets of their own
    timeline  0 ... 1.6 | 1.6 ... 3.2          moved by one shift, so they stay in step

The shift is the smallest at which neither picture nor any sound overlaps what it plays before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from .packets import Packets, PacketTimes

_LEAST_LEAP_S = 1
_LEAST_LEAP_STEPS = 10
_SILENT_LEAP_S = 10
"""Without any sound, a picture that is no keyframe may well have been waited for as long."""
_MOST_REORDERED = 16
_SLACK_S = 1
"""How far a sound may begin before the picture of its segment, and end after it."""


@dataclass(frozen=True)
class Splice:
    """From one packet of a stream on, what is added to the container's times."""

    stream_index: int
    first_packet: int
    """Counted in the stream, from 0."""
    shift_s: Fraction


@dataclass(frozen=True)
class Stretch:
    """What a stream plays between two jumps of the clip's clock, on the file's own times."""

    segment: int
    first_packet: int
    begin_s: Fraction
    end_s: Fraction
    position: int | None = None
    """Where in the file it begins, in bytes."""


def picture_jumps(packets: Packets, tick_s: Fraction, frame_s: Fraction, may_leap: bool) -> list[int]:
    """Return the numbers of the picture's packets at which the clock jumps."""
    times = [packet.dts for packet in packets.video]
    if not may_leap:
        return [number for _, number, step_s in _steps(times, tick_s) if step_s <= -frame_s]
    steps = [
        (number, step_s, sum(packet.length * tick_s or frame_s for packet in packets.video[before:number]))
        for before, number, step_s in _steps(times, tick_s)
    ]
    jumps = [number for number, step_s, played_s in steps if step_s <= played_s / 2 - frame_s * 3 / 2]
    ahead = sorted(step_s for _, step_s, _ in steps if step_s > 0)
    if ahead:
        least_s = max(Fraction(_LEAST_LEAP_S), _LEAST_LEAP_STEPS * ahead[len(ahead) // 2])
        jumps += [
            number
            for number, step_s, played_s in steps
            if step_s - played_s > least_s
            and (packets.video[number].is_key or step_s > _SILENT_LEAP_S or any(packets.sounds.values()))
            and _all_leap(packets, times[number], step_s, tick_s)
        ]
    return sorted(jumps)


def restarts(packets: Packets, tick_s: Fraction, frame_s: Fraction) -> list[int]:
    """Return the keyframes before which the clock goes back, by what is shown alone.

    For Matroska, whose decoding times FFmpeg makes up: no keyframe is shown before a frame that was stored
    before it. Some programs mark every frame as one, so it has to be further back than any codec reorders.
    """
    found: list[int] = []
    latest: int | None = None
    for number, packet in enumerate(packets.video):
        if packet.pts is None or not packet.is_shown:
            continue
        if (
            latest is not None
            and packet.is_key
            and (latest - packet.pts) * tick_s > _MOST_REORDERED * frame_s
        ):
            found.append(number)
            latest = packet.pts
        latest = packet.pts if latest is None else max(latest, packet.pts)
    return found


def stretches(
    sounds: Mapping[int, Sequence[PacketTimes]],
    tick_s: Mapping[int, Fraction],
    picture: Sequence[Stretch],
) -> dict[int, list[Stretch]]:
    """Find for each sound the packets that belong to each of the picture's stretches.

    A sound goes on to a later one where its own times jump: of those that they lie in, to the one that begins
    nearest in the file.
    """
    return {
        index: _sound_stretches(sounds[index], tick_s[index], picture) for index in sounds if sounds[index]
    }


def shifts(picture: Sequence[Stretch], sounds: Iterable[Sequence[Stretch]]) -> list[Fraction]:
    """Return for each segment what is added to its times, so that nothing overlaps.

    A jump of less than a second that no sound takes part in is a fault in the picture's times alone.
    """
    streams = [picture, *sounds]
    found: list[Fraction] = []
    ends: dict[int, Fraction] = {}
    by_segment: dict[int, list[tuple[int, Stretch]]] = {}
    for stream, own in enumerate(streams):
        for stretch in own:
            by_segment.setdefault(stretch.segment, []).append((stream, stretch))
    for segment in range(len(picture)):
        present = by_segment[segment]
        behind = [ends[stream] - stretch.begin_s for stream, stretch in present if stream in ends]
        shift_s = max(behind) if behind else Fraction(0)
        is_alone = len(streams) > 1 and len(present) == 1
        if found and is_alone and abs(shift_s - found[-1]) < _LEAST_LEAP_S:
            shift_s = found[-1]
        found.append(shift_s)
        ends |= {stream: stretch.end_s + found[-1] for stream, stretch in present}
    return found


def _steps(times: Sequence[int | None], tick_s: Fraction) -> list[tuple[int, int, Fraction]]:
    """Return (number of the last packet with a time, number, seconds between) of all that have one."""
    known = [(number, time) for number, time in enumerate(times) if time is not None]
    return [(before, number, (time - last) * tick_s) for (before, last), (number, time) in pairwise(known)]


def _all_leap(packets: Packets, to: int | None, step_s: Fraction, tick_s: Fraction) -> bool:
    """Tell whether every sound has a hole, at least half as long, where the picture has one."""
    assert to is not None
    end_s = to * tick_s
    begin_s = end_s - step_s
    return all(
        any(
            own_s > step_s / 2 and to_s > begin_s and to_s - own_s < end_s
            for to_s, own_s in _leaps(sound, packets.tick_s[index])
        )
        for index, sound in packets.sounds.items()
        if sound
    )


def _leaps(sound: Sequence[PacketTimes], tick_s: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Return (when it ends, how long) of every step that is too long for packets that follow each other."""
    times = [packet.dts for packet in sound]
    return [
        ((times[number] or 0) * tick_s, step_s)
        for _, number, step_s in _steps(times, tick_s)
        if step_s > Fraction(_LEAST_LEAP_S, 2)
    ]


def _sound_stretches(
    sound: Sequence[PacketTimes], tick_s: Fraction, picture: Sequence[Stretch]
) -> list[Stretch]:
    times = [packet.pts if packet.pts is not None else packet.dts for packet in sound]
    jumps = {
        number: (times[number] or 0) * tick_s
        for before, number, step_s in _steps(times, tick_s)
        if step_s < sound[before].length * tick_s / 2 or step_s > Fraction(_LEAST_LEAP_S, 2)
    }
    first = next((number for number, time in enumerate(times) if time is not None), 0)
    begins_s = (times[first] or 0) * tick_s
    firsts = [(_segment_of(begins_s, sound[first].position, picture) or 0, 0)]
    for number, time_s in jumps.items():
        segment = _segment_of(time_s, sound[number].position, picture[firsts[-1][0] + 1 :])
        if segment is not None:
            firsts.append((segment, number))
    ends = [number for _, number in firsts[1:]] + [len(sound)]
    found = []
    for (segment, first), end in zip(firsts, ends, strict=True):
        known = [
            (time, packet.length)
            for time, packet in zip(times[first:end], sound[first:end], strict=True)
            if time is not None
        ]
        if known:
            begin_s = min(time for time, _ in known) * tick_s
            found.append(Stretch(segment, first, begin_s, max(map(sum, known)) * tick_s))
    return found


def _segment_of(time_s: Fraction, position: int | None, picture: Sequence[Stretch]) -> int | None:
    """Return the segment that a sound's time lies in and that begins nearest in the file; None for none."""
    around = [part for part in picture if part.begin_s - _SLACK_S <= time_s <= part.end_s + _SLACK_S]
    far = [abs((position or 0) - (part.position or 0)) for part in around]
    return around[far.index(min(far))].segment if around else None

"""Frames known by the number of their packet, for clips whose packets' times say nothing.

A decoder hands on what a packet calls its time to the frame that it becomes, whatever the order in which
frames come out. So a packet's number goes in as its time. Beginning later means to pass over packets, not to
seek: the file is read from its start, and every packet keeps its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import av

from ...pipeline.bounded_queue import stop_if_unread
from .discontinuities import picture_jumps, restarts
from .packets import Packets, average_rate, repeats_last
from .timeline import Timeline, has_all_times, may_leap, needs_counting, timeline_of, without_delay

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream


def numbered_packets(
    container: InputContainer, stream: VideoStream, first: int = 0
) -> Iterator[Packet[VideoStream]]:
    """Yield a stream's packets from the `first` on, each with its number for its times, and the flush."""
    number = 0
    for packet in container.demux(stream):
        if packet.size:
            number += 1
            if number <= first:
                stop_if_unread()
                continue
            packet.pts = packet.dts = number - 1
        elif repeats_last(packet):
            continue
        yield packet


def counted_timeline(container: InputContainer, stream: VideoStream, packets: Packets) -> Timeline | None:
    """Decode the clip to know its frames, where its packets do not tell them; None where they do."""
    if not packets.video:
        return None
    name, rate = container.format.name, average_rate(stream)
    if has_all_times(name):
        return None
    tick_s = packets.tick_s[stream.index]
    if name.startswith("matroska"):
        jumps = restarts(packets, tick_s, 1 / rate)
    else:
        jumps = picture_jumps(packets, tick_s, 1 / rate, may_leap(name))
    if not (jumps or packets.wraps or needs_counting(packets, stream, name, rate)):
        return None
    if name == "avi":
        packets = replace(packets, video=without_delay(packets.video))
    shown = _shown_frames(container, stream)
    # Of film that is told to be shown at 29.97, the average is what the packets of a moment happen to have.
    return timeline_of(packets, stream.index, shown, stream.guessed_rate or rate, jumps) if shown else None


def drop_unshown(container: InputContainer, stream: VideoStream, packets: Packets) -> None:
    """Take out the frames that a recording begins with, but that refer to what came before it.

    Decodes until the second keyframe is shown: what is to be shown before it has come out by then, or never
    does.
    """
    video, tick_s = packets.video, packets.tick_s.get(stream.index, Fraction(0))
    times = [packet.pts for packet in video if packet.is_shown and packet.pts is not None]
    if has_all_times(container.format.name) or not times or (video[0].is_key and min(times) >= times[0]):
        return
    keys = [number for number, packet in enumerate(video) if packet.is_key and packet.is_shown]
    second = keys[1] if len(keys) > 1 else len(video)
    shown = {number for number, _ in _shown_frames(container, stream, second)}
    end = video[second].pts if second in shown else None
    packets.shown_s = sorted(
        packet.pts * tick_s
        for number, packet in enumerate(video)
        if packet.is_shown and packet.pts is not None
        if number in shown or (end is not None and packet.pts > end)
    )


def _shown_frames(
    container: InputContainer, stream: VideoStream, last: int | None = None
) -> list[tuple[int, bool]]:
    """Decode a clip, or up to a packet's frame; return each frame's packet, and whether it is a keyframe."""
    shown: list[tuple[int, bool]] = []
    for packet in numbered_packets(container, stream):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            continue
        shown += [(frame.pts or 0, bool(frame.key_frame)) for frame in frames]
        if any(frame.pts == last for frame in frames):
            break
    return shown


def at_their_times(frames: Iterable[VideoFrame], timeline: Timeline) -> Iterator[tuple[Fraction, VideoFrame]]:
    """Put decoded frames on the timeline: the first by its packet's number, the others by their order."""
    places = {number: place for place, number in reversed(list(enumerate(timeline.numbers)))}
    place: int | None = None
    for frame in frames:
        number = frame.pts or 0
        follows = None if place is None else place + 1
        if follows is None or follows >= len(timeline.numbers) or timeline.numbers[follows] != number:
            follows = places.get(number)
        if follows is None or (place is not None and follows <= place):
            continue  # a frame that decoding from the start does not show
        place = follows
        yield timeline.times_s[place], frame

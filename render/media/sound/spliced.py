"""The sounds of a clip whose clock jumps, or is coarse, copied packet by packet to a file with one fine.

ffmpeg would take the times as the container tells them: two parts at once, or one hours after the other. And
it moves times by whole ticks: a part of an AVI would have its MP3 up to 12 ms out of step. NUT keeps any
codec, and times to a sample.
"""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from pathlib import Path

import av

from ....errors import MediaError
from ..film_formats import open_clip
from ..timing.discontinuities import Splice
from ..timing.packets import unwrapped, wrapping_clock
from .track import SoundTrack

# Samples of 44,100 and 48,000 Hz, and the ticks of MPEG, are whole numbers of these.
_FINE_S = Fraction(1, 14_112_000)


def write_spliced_sounds(track: SoundTrack, path: Path) -> None:
    """Write the track's sounds to `path`, in its order; zero there is where the clip's clock starts.

    Raises MediaError when they cannot be read or written.
    """
    try:
        _copy(track, path)
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(
            f"the sound of {track.path.name} cannot be brought on one clock ({error}). Leave it out with "
            "--no-sound, or convert the clip first (to mp4, say)."
        ) from error


def _copy(track: SoundTrack, path: Path) -> None:
    with open_clip(track.path) as clip, av.open(str(path.absolute()), mode="w", format="nut") as spliced:
        wanted = [clip.streams[sound.index] for sound in track.sounds]
        clock = wrapping_clock(clip.format.name)
        copies = {stream.index: spliced.add_stream_from_template(stream) for stream in wanted}
        moves = {stream.index: _Moves(track, stream.index) for stream in wanted}
        for packet in clip.demux(wanted):
            if not packet.size:
                continue
            time_s = moves[packet.stream_index].moved_s(packet.dts, Fraction(packet.time_base), clock)
            if time_s is not None:
                packet.time_base = _FINE_S
                packet.pts = packet.dts = round(time_s / _FINE_S)
                packet.duration = 0
                packet.stream = copies[packet.stream_index]
                spliced.mux(packet)


class _Moves:
    """How one stream's times are moved, packet after packet."""

    def __init__(self, track: SoundTrack, stream_index: int) -> None:
        own: list[Splice] = [splice for splice in track.splices if splice.stream_index == stream_index]
        self._firsts = [splice.first_packet for splice in own]
        self._shifts_s = [splice.shift_s - track.origin_s for splice in own]
        self._origin_s = track.origin_s
        self._before: int | None = None
        self._number = -1

    def moved_s(self, ticks: int | None, tick_s: Fraction, clock: int | None) -> Fraction | None:
        """Return the time of the next packet on the clip's clock; None for one that tells none."""
        self._number += 1
        if clock is not None:
            ticks = unwrapped(ticks, self._before, clock)
        if ticks is None:
            return None
        self._before = ticks
        place = bisect_right(self._firsts, self._number) - 1
        return ticks * tick_s + (self._shifts_s[place] if place >= 0 else -self._origin_s)

"""The sounds of a clip whose clock jumps, copied packet by packet into one file on the clip's own timeline.

ffmpeg would take the times as the container tells them: two parts at once, or one hours after the other. NUT
keeps any codec, and times to a sample.
"""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from pathlib import Path

import av

from ...errors import MediaError
from .discontinuities import Splice
from .packets import unwrapped, wrapping_clock
from .probe import open_clip
from .sound import SoundTrack


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
            if not packet.size or packet.pts is None or packet.dts is None:
                continue
            move = moves[packet.stream_index]
            packet.dts = move.moved(packet.dts, packet.time_base, clock)
            packet.pts = packet.dts
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

    def moved(self, ticks: int, tick_s: Fraction, clock: int | None) -> int:
        """Return the time of the next packet on the clip's clock."""
        self._number += 1
        if clock is not None:
            ticks = self._before = unwrapped(ticks, self._before, clock) or 0
        place = bisect_right(self._firsts, self._number) - 1
        shift_s = self._shifts_s[place] if place >= 0 else -self._origin_s
        return ticks + round(shift_s / tick_s)

"""Frames out of a clip: every one once, in order, at its own time, none lost at either end."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import chain, dropwhile, islice
from typing import TYPE_CHECKING, Final, TypeAlias

from ....errors import MediaError, UsageError
from ...frames.frames import FilmFormat, Frame, exact_seconds, frame_rate
from ...settings.settings import ClipConfig
from ..clip_info import ClipInfo
from ..clip_part import ClipPart, past_the_end, wanted_part
from ..colour.to_rgb import ToRGB
from ..containers import Container
from ..sound.track import SoundTrack, sound_track
from ..timing.resample import at_rate
from .decode import Decoder
from .film_notes import DecodedSoFar, clip_notes

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

Numbered: TypeAlias = "Iterator[tuple[int, tuple[Fraction, VideoFrame]]]"
"""Decoded frames with their numbers and their times on the clip's clock."""

# What a frame is made from: the frames around it that bwdif looks at, and those that codecs refer to.
_FRAMES_BEFORE = 16
_NEARLY_SQUARE = Fraction(1, 100)


class ClipSource:
    """The frames of one clip as `ClipConfig` selects, sizes and times them.

    Raises UsageError for times outside the clip, MediaError for a clip that is cut short before the end.
    """

    settings_table: Final = "clip"

    def __init__(self, info: ClipInfo, config: ClipConfig) -> None:
        self.info, self._config = info, config
        self._size = _size_of(info)
        self.part: ClipPart = wanted_part(info, config)
        self._rate = None if config.fps is None else frame_rate(config.fps)
        self._size_px = config.size_px
        self._decoder = Decoder(info)
        self._pictures = ToRGB(info, config.size_px)
        self.counted_from_s: Fraction | None = None
        """From when on, on the clip's clock, the counts below are; None where they are of the whole part."""

    @property
    def end_s(self) -> Fraction:
        """When the clip ends, whichever part of it was asked for."""
        return self.info.end_s

    @property
    def middle_s(self) -> Fraction:
        """The middle of the part, on the clip's own clock."""
        return (self.part.start_s + self.part.end_s) / 2

    @property
    def begins_s(self) -> list[Fraction]:
        """When each frame of the part begins at the clip's own rate, counted from the film's zero."""
        return [time_s - self.part.zero_s for time_s in self.part.packet_times_s]

    @property
    def average_rate(self) -> Fraction:
        """The clip's frames per second."""
        return self.info.average_rate

    @property
    def time_base(self) -> Fraction:
        """The tick of the clip's own clock, in seconds."""
        return self.info.time_base

    @property
    def resampled_rate(self) -> Fraction | None:
        """The rate that the film is brought to; None where frames keep their own times."""
        return self._rate

    @property
    def tags(self) -> Mapping[str, str]:
        """The clip's own title, comment and so on."""
        return dict(self.info.tags)

    @property
    def has_sound(self) -> bool:
        """Whether the clip has a sound, in whatever part."""
        return bool(self.info.sounds)

    @property
    def past_the_end(self) -> str | None:
        """What to say of an end that was asked for beyond the clip's own."""
        return past_the_end(self.info.path.name, self.info.end_s, self.part.beyond_s)

    @property
    def damaged_packets(self) -> int:
        """How many packets could not be decoded so far, in the latest run through the frames."""
        return self._decoder.damaged_packets

    @property
    def damaged_frames(self) -> int:
        """How many frames were decoded from damaged data so far, in the latest run."""
        return self._decoder.damaged_frames

    @property
    def interlaced_frames(self) -> int:
        """How many frames were interlaced so far, in the latest run."""
        return self._decoder.interlaced_frames

    @property
    def changes_shape(self) -> bool:
        """Whether pictures of another size or shape than the first were met so far, in the latest run."""
        return bool(self._pictures.other_shapes)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of the clip and of its frames read so far."""
        so_far = DecodedSoFar(
            self.counted_from_s,
            self.interlaced_frames,
            self.changes_shape,
            self.damaged_packets,
            self.damaged_frames,
        )
        return (*clip_notes(self.info), *so_far.notes())

    @property
    def film(self) -> FilmFormat:
        """The film these frames make up."""
        part, info = self.part, self.info
        width, height = self._size_px or info.display_size_px
        length_s = part.end_s - part.zero_s
        return FilmFormat(
            width_px=width,
            height_px=height,
            time_base=info.time_base if self._rate is None else 1 / self._rate,
            last_frame_s=self._last_frame_s() if self._rate is None else 1 / self._rate,
            frame_count=len(part.packet_times_s) if self._rate is None else math.ceil(length_s * self._rate),
            pixel_aspect=_kept_shape(info, width, height),
            zero_s=part.zero_s,
        )

    def frames(self, first: int = 0) -> Iterator[Frame]:
        """Yield the wanted frames; number 0 is at zero, or later in a clip whose sound leads.

        Where the clip has times, those before `first` are not decoded.
        """
        if self._rate is None:
            yield from self._converted(self._sought(first) or islice(self._counted(), first, None))
            return
        part, tick_s = self.part, self.info.time_base
        begun = bisect_right(part.packet_times_s, part.zero_s + first / self._rate + tick_s)
        frames = self._converted(self._sought(max(0, begun - 1)) or self._counted())
        yield from at_rate(frames, self._rate, part.end_s - part.zero_s, tick_s, first)

    def at(self, time_s: float) -> Frame:
        """Return the frame that the film shows at `time_s` of the clip's own clock.

        It is the very frame that `frames` yields for that moment, but for its number, which is not known and
        left at 0. Raises UsageError outside the clip, or outside the part of it that becomes the film.
        """
        time = self._shown(time_s)
        zero, tick = self.part.zero_s, None
        if self._rate is not None:  # the film only changes its frame on its own clock
            tick = (time - zero) * self._rate // 1 / self._rate
            time = zero + tick + self.info.time_base
        shown = None
        for start_s, frame in self._decoder.frames(time):
            if start_s > time and shown is not None:
                break
            shown = start_s, frame
        assert shown is not None  # the decoder raises when it finds no frame
        picture = ToRGB(self.info, self._size_px).convert(shown[1])
        return Frame(0, shown[0] - zero if tick is None else tick, picture)

    def number_at(self, time_s: float) -> int:
        """Return the number of the frame that `at` returns. Raises as it does."""
        time = self._shown(time_s)
        if self._rate is not None:
            return int((time - self.part.zero_s) * self._rate // 1)
        return max(0, bisect_right(self.part.packet_times_s, time) - 1)

    def at_own_rate(self, size_px: tuple[int, int] | None = None) -> ClipSource:
        """Return the same part with no frame dropped or shown twice, scaled to a width and height."""
        return ClipSource(self.info, self._config.model_copy(update={"size_px": size_px, "fps": None}))

    def sound_track(self, container: Container, wanted: bool) -> SoundTrack:
        """Plan what of the clip's other streams goes along; none of the sounds if not `wanted`."""
        return sound_track(self.info, self.part, container, wanted)

    def _shown(self, time_s: float) -> Fraction:
        """Return a time of the clip's own clock exactly, if the film has it."""
        time = exact_seconds(time_s)
        begins = self.part.start_s if self.part.cuts_start else Fraction(0)
        if not 0 <= time < self.info.end_s:
            raise UsageError(
                f"there is no frame at {time_s:g} s: {self.info.path.name} lasts "
                f"{float(self.info.end_s):.4g} s. Give an earlier time."
            )
        if not begins <= time < self.part.end_s:
            raise UsageError(
                f"the film has no frame at {time_s:g} s: it shows {float(begins):.4g} s to "
                f"{float(self.part.end_s):.4g} s of {self.info.path.name}, as --start and --end say."
            )
        return time

    def _converted(self, numbered: Numbered) -> Iterator[Frame]:
        pictures = self._pictures = ToRGB(self.info, self._size_px)
        for index, (time_s, frame) in numbered:
            yield Frame(index, time_s - self.part.zero_s, pictures.convert(frame))

    def _counted(self) -> Numbered:
        """Number the part's frames from its start on."""
        self.counted_from_s = None
        return enumerate(self._decoded(self.part.start_s, self.part.start_s))

    def _sought(self, first: int) -> Numbered | None:
        """Number the part's frames from the `first` on, found by its packet's time; None where it is not."""
        times_s = self.part.packet_times_s
        place = min(first, len(times_s) - 1)  # one past the last is asked for when all frames are kept
        if place <= 0 or times_s[place - 1] == times_s[place]:
            return None
        seek_s = self.counted_from_s = times_s[max(0, place - _FRAMES_BEFORE)]
        frames = self._decoded(seek_s, times_s[place])
        found = next(frames, None)
        if found is None or found[0] != times_s[place]:
            return None
        return islice(enumerate(chain([found], frames), place), first - place, None)

    def _decoded(self, seek_s: Fraction, start_s: Fraction) -> Iterator[tuple[Fraction, VideoFrame]]:
        """Yield what is decoded from `seek_s` on and shown at `start_s` or later, up to the part's end."""
        for time_s, frame in dropwhile(lambda timed: timed[0] < start_s, self._decoder.frames(seek_s)):
            if time_s >= self.part.end_s:
                break
            yield time_s, frame
        if _size_of(self.info) not in (None, self._size):
            raise MediaError(
                f"{self.info.path.name} was changed while it was read: it had {self._size} bytes at first. "
                "Give the whole file again."
            )

    def _last_frame_s(self) -> Fraction:
        """Return how long the last frame is shown: a period of the rate, or up to the cut."""
        shown_s = self.part.end_s - self.part.packet_times_s[-1]
        rate = self.info.constant_rate
        if rate is not None and abs(shown_s - 1 / rate) <= self.info.time_base:
            return 1 / rate
        return shown_s


def _kept_shape(info: ClipInfo, width: int, height: int) -> Fraction:
    """Return the pixel aspect that keeps the picture's shape on the screen when it is scaled.

    A size that merely rounds the shape (1280x720 to 854x480) keeps square pixels square.
    """
    own_width, own_height = info.display_size_px
    aspect = info.pixel_aspect * Fraction(own_width, own_height) / Fraction(width, height)
    return Fraction(1) if abs(aspect - 1) < _NEARLY_SQUARE else aspect


def _size_of(info: ClipInfo) -> int | None:
    """Return the file's size in bytes; None for one that was removed, which can be read to its end."""
    try:
        return info.path.stat().st_size
    except OSError:
        return None

"""Frames out of a clip: every one once, in order, at its own time, none lost at either end."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from ...errors import UsageError
from ..frames import FilmFormat, Frame, exact_seconds, frame_rate
from ..settings import ClipConfig
from .clip_info import ClipInfo
from .clip_part import ClipPart, wanted_part
from .decode import Decoder
from .resample import at_rate
from .upright import UprightPictures

_NEARLY_SQUARE = Fraction(1, 100)


class ClipSource:
    """The frames of one clip as `ClipConfig` selects, sizes and times them.

    Raises UsageError for times outside the clip, MediaError for a clip that is cut short before the end.
    """

    def __init__(self, info: ClipInfo, config: ClipConfig) -> None:
        self.info = info
        self.part: ClipPart = wanted_part(info, config)
        self._rate = None if config.fps is None else frame_rate(config.fps)
        self._size_px = config.size_px
        self._decoder = Decoder(info)

    @property
    def damaged_packets(self) -> int:
        """How many packets could not be decoded so far."""
        return self._decoder.damaged_packets

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

    def frames(self) -> Iterator[Frame]:
        """Yield the wanted frames; the first is at zero, or later in a clip whose sound leads."""
        if self._rate is None:
            return self._own_frames()
        return at_rate(
            self._own_frames(), self._rate, self.part.end_s - self.part.zero_s, self.info.time_base
        )

    def at(self, time_s: float) -> Frame:
        """Return the frame that the film shows at `time_s` of the clip's own clock.

        It is the very frame that `frames` yields for that moment, but for its number, which is not known and
        left at 0. Raises UsageError outside the clip, or outside the part of it that becomes the film.
        """
        time = exact_seconds(time_s)
        begins = self.part.start_s if self.part.cuts_start else Fraction(0)
        if not 0 <= time < self.info.end_s:
            raise UsageError(
                f"there is no frame at {time_s:g} s: {self.info.path.name} lasts "
                f"{float(self.info.end_s):.4g} s. Give a time from 0 on and before that."
            )
        if not begins <= time < self.part.end_s:
            raise UsageError(
                f"the film has no frame at {time_s:g} s: it shows {float(begins):.4g} s to "
                f"{float(self.part.end_s):.4g} s of {self.info.path.name}, as --start and --end say."
            )
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
        picture = UprightPictures(self.info, self._size_px).convert(shown[1])
        return Frame(0, shown[0] - zero if tick is None else tick, picture)

    def _own_frames(self) -> Iterator[Frame]:
        pictures = UprightPictures(self.info, self._size_px)
        index = 0
        for time_s, frame in self._decoder.frames(self.part.start_s):
            if time_s >= self.part.end_s:
                return
            if time_s >= self.part.start_s:
                yield Frame(index, time_s - self.part.zero_s, pictures.convert(frame))
                index += 1

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

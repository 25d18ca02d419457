"""Pictures that are each shown for a time of their own, as frames: the parts of a clip that need no clip.

Numbers count all pictures there are, from 0; a film's frames count from the first one inside the part that
`ClipConfig` asks for.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from ....errors import UsageError
from ...frames.frames import FilmFormat, Frame, Picture, exact_seconds, frame_rate
from ...settings.settings import ClipConfig
from ..clip_part import past_the_end
from ..containers import Container
from ..timing.resample import at_rate

_SAME_S = Fraction(1, 10**9)
_MOST_TICKS = 1_000_000


class TimedPictures(ABC):
    """The pictures from the first in a part of the whole to its last. Raises UsageError for an empty part."""

    settings_table: Final = "clip"
    tags: Mapping[str, str] = MappingProxyType({})
    has_sound = False
    time_base = Fraction(1, 1000)
    """By how much the times of pictures may be rounded."""

    def __init__(
        self,
        name: str,
        times_s: Sequence[Fraction],
        own_size_px: tuple[int, int],
        config: ClipConfig,
        is_resampled: bool,
    ) -> None:
        """`times_s` are when each begins, and when the last one ends.

        With `is_resampled` another frame rate shows them at their own times; else they have that rate.
        """
        self._name, self._times_s = name, tuple(times_s)
        self._config, self._size_px = config, config.size_px
        self._width, self._height = config.size_px or own_size_px
        self._rate = frame_rate(config.fps) if is_resampled and config.fps is not None else None
        self._is_resampled = is_resampled
        self._beyond_s: Fraction | None = None
        self._told: dict[str, list[str]] = {}
        self._wanted, self._end_s = self._part(config)

    @property
    def times_s(self) -> tuple[Fraction, ...]:
        """When each picture of the whole begins, and at last when it ends, on its own clock."""
        return self._times_s

    @property
    def end_s(self) -> Fraction:
        """When the last picture of the whole ends, on its own clock."""
        return self._times_s[-1]

    @property
    def resampled_rate(self) -> Fraction | None:
        """The rate that the film is brought to; None where pictures keep their own times."""
        return self._rate

    @property
    def begins_s(self) -> list[Fraction]:
        """When each picture of the part begins, counted from the film's zero."""
        return [time_s - self._zero_s for time_s in self._times_s[self._wanted.start : self._wanted.stop]]

    @property
    def average_rate(self) -> Fraction:
        """Pictures per second."""
        return (len(self._times_s) - 1) / self._times_s[-1]

    @property
    def tick_s(self) -> Fraction:
        """The clock's tick, of which all times are multiples, if it is not finer than a microsecond."""
        ticks = math.lcm(*(time_s.denominator for time_s in self._times_s))
        return Fraction(1, ticks) if ticks <= _MOST_TICKS else Fraction(1, _MOST_TICKS)

    @property
    def film(self) -> FilmFormat:
        """The film these pictures make up."""
        length_s = self._end_s - self._zero_s
        if self._rate is not None:
            period, count = 1 / self._rate, math.ceil(length_s * self._rate)
            return FilmFormat(self._width, self._height, period, period, count, zero_s=self._zero_s)
        last_s = self._end_s - self._times_s[self._wanted.stop - 1]
        count = self._wanted.stop - self._wanted.start
        return FilmFormat(self._width, self._height, self.tick_s, last_s, count, zero_s=self._zero_s)

    @property
    def middle_s(self) -> Fraction:
        """When the picture in the middle of the part begins, on the whole's own clock."""
        return self._times_s[(self._wanted.start + self._wanted.stop) // 2]

    @property
    def past_the_end(self) -> str | None:
        """What to say of an end that was asked for beyond the last picture's."""
        return past_the_end(self._name, self._times_s[-1], self._beyond_s)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was told of the pictures read so far, each thing once."""
        return tuple(
            f"{names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}: {words}"
            for words, names in self._told.items()
        )

    def frames(self, first: int = 0) -> Iterator[Frame]:
        """Yield every wanted picture once, in order; number 0 is at zero."""
        if self._rate is None:
            yield from self._own_frames(first)
            return
        shown_s = self._zero_s + first / self._rate + self.time_base
        begun = bisect_right(self._times_s, shown_s, self._wanted.start, self._wanted.stop) - 1
        own = self._own_frames(max(0, begun - self._wanted.start))
        yield from at_rate(own, self._rate, self._end_s - self._zero_s, self.time_base, first)

    def at(self, time_s: float) -> Frame:
        """Return the frame that the film shows at `time_s` of the whole's own clock.

        Raises UsageError outside it, or outside the part that was asked for.
        """
        time = self._shown_time(time_s)
        begins_s = None
        if self._rate is not None:  # the film only changes its frame on its own clock
            begins_s = (time - self._zero_s) * self._rate // 1 / self._rate
            time = self._zero_s + begins_s + self.time_base
        number = bisect_right(self._times_s, time, self._wanted.start, self._wanted.stop) - 1
        (picture,) = self._pictures(number, number + 1)
        own_s = self._times_s[number] - self._zero_s
        return Frame(number - self._wanted.start, own_s if begins_s is None else begins_s, picture)

    def number_at(self, time_s: float) -> int:
        """Return the number of the frame that `at` returns, in the film. Raises as it does."""
        time = self._shown_time(time_s)
        if self._rate is not None:
            return int((time - self._zero_s) * self._rate // 1)
        return (
            bisect_right(self._times_s, time, self._wanted.start, self._wanted.stop) - 1 - self._wanted.start
        )

    def at_own_rate(self, size_px: tuple[int, int] | None = None) -> TimedPictures:
        """Return the same part with no picture dropped or shown twice, scaled to a width and height."""
        config = self._config.model_copy(update={"size_px": size_px})
        return self._reopened(config.model_copy(update={"fps": None}) if self._is_resampled else config)

    def sound_track(self, container: Container, wanted: bool) -> None:
        """Return None: pictures have no sound."""
        return

    def _shown_time(self, time_s: float) -> Fraction:
        """Return a time of the whole's own clock exactly, if the film has it."""
        time = exact_seconds(time_s)
        if not 0 <= time < self._times_s[-1]:
            raise UsageError(f"there is no frame at {time_s:g} s: {self._length()}.")
        if not self._zero_s <= time < self._end_s:
            shown = self._shown(self._wanted)
            raise UsageError(
                f"the film has no frame at {time_s:g} s: it shows {shown}, as --start and --end say."
            )
        return time

    @abstractmethod
    def _reopened(self, config: ClipConfig) -> TimedPictures:
        """Open the same pictures under another configuration."""

    @abstractmethod
    def _pictures(self, first: int, stop: int) -> Iterator[Picture]:
        """Read the pictures from number `first` up to `stop`, at the size that is wanted."""

    def _length(self) -> str:
        return f"{self._name} lasts {float(self._times_s[-1]):.4g} s"

    def _shown(self, part: range) -> str:
        begin, end = float(self._times_s[part.start]), float(self._end_s)
        return f"{begin:.4g} s to {end:.4g} s of {self._name}"

    def _hear(self, name: str, words: str) -> None:
        names = self._told.setdefault(words.removeprefix(name).removeprefix(":").lstrip(), [])
        if name not in names:
            names.append(name)

    @property
    def _zero_s(self) -> Fraction:
        return self._times_s[self._wanted.start]

    def _own_frames(self, first: int) -> Iterator[Frame]:
        begin = self._wanted.start + first
        for number, picture in enumerate(self._pictures(begin, self._wanted.stop), begin):
            yield Frame(number - self._wanted.start, self._times_s[number] - self._zero_s, picture)

    def _part(self, config: ClipConfig) -> tuple[range, Fraction]:
        whole_s = self._times_s[-1]
        start = exact_seconds(config.start_s or 0)
        end = whole_s if config.end_s is None else exact_seconds(config.end_s)
        if start >= whole_s:
            raise UsageError(
                f"the start {float(start):g} s is not inside: {self._length()}. Give an earlier --start."
            )
        if end > whole_s:
            self._beyond_s, end = end, whole_s
        first = bisect_right(self._times_s, start - _SAME_S)
        stop = bisect_right(self._times_s, end - _SAME_S)
        if first >= stop:
            raise UsageError(f"no picture begins between {float(start):g} s and {float(end):g} s.")
        return range(first, stop), min(end, self._times_s[stop]) if self._is_resampled else self._times_s[
            stop
        ]

"""What is asked of frames that were there before the film: a clip, a folder of pictures, an animation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Protocol

from ..frames.frames import FilmSource, Frame
from .containers import Container
from .sound.track import SoundTrack


class MediaSource(FilmSource, Protocol):
    """Frames with times of their own, of which a part becomes the film, at another rate if it is asked for.

    Times count on the source's own clock, unless they are said to count from the film's zero.
    """

    @property
    def end_s(self) -> Fraction:
        """When the whole of it ends, whichever part was asked for."""
        ...

    @property
    def middle_s(self) -> Fraction:
        """A time in the middle of the part that was asked for."""
        ...

    @property
    def begins_s(self) -> Sequence[Fraction]:
        """When each frame of the part begins at the source's own rate, counted from the film's zero."""
        ...

    @property
    def average_rate(self) -> Fraction:
        """Frames per second at its own rate."""
        ...

    @property
    def time_base(self) -> Fraction:
        """The tick in seconds to which its own times are rounded."""
        ...

    @property
    def resampled_rate(self) -> Fraction | None:
        """The rate that the film has instead of the source's own times; None where it keeps these."""
        ...

    @property
    def past_the_end(self) -> str | None:
        """What to say of an end that was asked for beyond the source's own."""
        ...

    @property
    def tags(self) -> Mapping[str, str]:
        """Its own title, comment and so on."""
        ...

    @property
    def has_sound(self) -> bool:
        """Whether there is anything to hear in it."""
        ...

    def at(self, time_s: float) -> Frame:
        """Return the frame that the film shows at a time. Raises UsageError where it shows none."""
        ...

    def number_at(self, time_s: float) -> int:
        """Return the number of the frame that `at` returns, in the film. Raises as it does."""
        ...

    def at_own_rate(self, size_px: tuple[int, int] | None = None) -> MediaSource:
        """Return the same part with no frame dropped or shown twice, scaled to a width and height."""
        ...

    def sound_track(self, container: Container, wanted: bool) -> SoundTrack | None:
        """Return what comes along beside the pictures; no sounds if not `wanted`. None: there is nothing."""
        ...

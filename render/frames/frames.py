"""What passes through a render: frames with exact times, and the film they make up.

    FrameSource --Frame--> Carry --Start--> FrameDreamer --picture--> FrameSink

Times are fractions, never floats: 24000/1001 frames per second drift a whole frame in eleven hours when they
are rounded to 23.976, and a variable rate has no rate to round to at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...errors import UsageError

Picture: TypeAlias = NDArray[np.float32]
"""One picture: (3, height, width), RGB, 0..1, C-contiguous."""

Map: TypeAlias = NDArray[np.float32]
"""One map of where: (height, width), 0 nowhere to 1 fully."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture at its time in the film, in seconds from the film's start; `index` counts from 0."""

    index: int
    time_s: Fraction
    picture: Picture
    repeats: bool = False
    """Whether it was found to show the same as the frames before, down to the last that does not repeat."""
    history: NDArray[np.float32] | None = None
    """What its carry has found out about the shot so far, (maps, h, w): for the checkpoint, so that the frame
    after it can be dreamt later."""


@dataclass(frozen=True)
class FilmFormat:
    """The shape and clock of a film, known before its first frame."""

    width_px: int
    height_px: int
    time_base: Fraction
    """The clock's tick in seconds: every frame's time is a whole number of ticks, or is rounded to one."""
    last_frame_s: Fraction
    """How long the last frame stays on the screen; every other one stays until the next."""
    frame_count: int | None
    """How many frames will come; None when that is only known at the end."""
    pixel_aspect: Fraction = Fraction(1)
    """Width of a pixel over its height."""
    zero_s: Fraction = Fraction(0)
    """The film's zero on the source's own clock: later than 0 where the film begins inside a clip."""


class FrameSource(Protocol):
    """Where frames come from: a clip, a folder of pictures, a camera path."""

    @property
    def film(self) -> FilmFormat:
        """The film that the frames make up."""
        ...

    def frames(self, first: int = 0) -> Iterator[Frame]:
        """Yield every frame once, in order of time, beginning with the one of that number."""
        ...


class FilmSource(FrameSource, Protocol):
    """A source that a whole film is made of."""

    @property
    def settings_table(self) -> Literal["clip", "zoom"]:
        """Which table of the settings it follows; what the other one says makes no difference to it."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What did not go the usual way in the frames read so far, a line each."""
        ...


class FrameDreamer(Protocol):
    """What turns one picture into its dream."""

    def dream(
        self,
        image: Picture,
        /,
        init: Picture | None = None,
        iterations_share: float | str = 1.0,
        maps: Mapping[str, Map] | None = None,
        where: Map | None = None,
        spectrum_added: float = 0.0,
        sigma_added_px: float = 0.0,
        evenness: float = 0.0,
    ) -> Picture:
        """Return the dream of `image`, started from `init` where given, with a share of the iterations.

        `maps` are those that the dream's settings name (`maps`), as large as the image. `where`, 0..1,
        scales every step, pixel by pixel. `spectrum_added` is added to the settings' spectrum, a
        blur of `sigma_added_px` comes after the settings' of the gradient. `evenness`, 0..1, spreads steps
        from where most is seen to where little is.
        """
        ...


class FrameSink(Protocol):
    """Where dreamt frames go. Exactly one of `finish` and `discard` ends it."""

    def write(self, frame: Frame) -> None:
        """Take the next frame; may block while the frames before it are encoded."""
        ...

    def finish(self) -> None:
        """Complete the film and give it its final name."""
        ...

    def discard(self) -> None:
        """Stop at once and leave nothing behind; safe to call from another thread, and twice."""
        ...


class FilmSink(FrameSink, Protocol):
    """A sink whose film is whole before it has its name."""

    def complete(self) -> Path:
        """Complete the film under a name that passes, and return that; `finish` comes next."""
        ...


def exact_seconds(time_s: float) -> Fraction:
    """Return the decimal number that was written, exactly.

    As a binary float 0.29 is less than 29/100 and would show the frame before the one that was asked for.
    """
    return Fraction(repr(float(time_s)))


def frame_rate(words: str) -> Fraction:
    """Return the exact rate behind "24", "23.976" or "24000/1001".

    The decimals that stand for the NTSC rates (23.976, 23.98, 29.97, 59.94, 119.88) become n * 1000/1001.
    Raises UsageError for a rate of zero, or one that takes more than the 32 bits of FFmpeg's fractions.
    """
    rate = Fraction(words)
    if rate <= 0:
        raise UsageError(
            f"a frame rate of {words} shows nothing. Give a rate above 0, such as 24 or 30000/1001."
        )
    if max(rate.numerator, rate.denominator) >= 2**31:
        raise UsageError(f"a frame rate of {words} has too many digits. Give one such as 24 or 30000/1001.")
    nearest_whole = -(-rate.numerator // rate.denominator)
    ntsc = Fraction(nearest_whole * 1000, 1001)
    return ntsc if "." in words and abs(rate - ntsc) < Fraction(1, 200) else rate

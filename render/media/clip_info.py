"""What is known about a clip before its first frame is dreamt, each fact named after where it came from.

Facts come from container headers, packets and the first decoded frame, never from text that another program
rounded: ffmpeg's printed metadata turns 24000/1001 into 23.98, shows a phone clip's wandering rate as a
constant, and says nothing of the display matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...dream.picture_files.tone_mapping import is_hdr
from .timing.timeline import Timeline


@dataclass(frozen=True)
class Orientation:
    """How stored pixels become an upright picture: swap the axes first, then mirror them.

    Covers the eight turns and mirrorings that a container's display matrix can ask for in right angles.
    """

    swaps_axes: bool = False
    flips_x: bool = False
    flips_y: bool = False

    @classmethod
    def from_display_matrix(cls, matrix: NDArray[np.int32]) -> Orientation:
        """Read the nine 16.16 numbers of ISO 14496-12: x' = a x + c y, y' = b x + d y, y downwards.

        Angles between right angles go to the nearest one: players ignore them too.
        """
        a, b, c, d = (int(matrix[index]) for index in (0, 1, 3, 4))
        if abs(b) > abs(a):
            return cls(True, c < 0, b < 0)
        return cls(False, a < 0, d < 0)

    def upright(self, pixels: NDArray[np.generic]) -> NDArray[np.generic]:
        """Return a view of (height, width, ...) pixels as they are meant to be seen."""
        turned = pixels.swapaxes(0, 1) if self.swaps_axes else pixels
        return turned[:: -1 if self.flips_y else 1, :: -1 if self.flips_x else 1]

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Return (width, height) after the turn; applied to a display size it gives the coded size back."""
        return (height, width) if self.swaps_axes else (width, height)


@dataclass(frozen=True)
class ColourTags:
    """The colour fields of the first decoded frame, as numbered by ITU-T H.273; 2 means untagged."""

    matrix: int
    full_range: bool
    primaries: int
    transfer: int
    peak_cd: float | None = None
    """The brightest light in cd/m2, from the content light level or the mastering display; None if untold."""

    @property
    def is_hdr(self) -> bool:
        """True for the transfer functions of high dynamic range: PQ and HLG."""
        return is_hdr(self.transfer)


@dataclass(frozen=True)
class SideStream:
    """A sound or subtitle stream: where it is in the file, its codec, and what keeps it out of a film."""

    index: int
    codec: str
    has_decoder: bool = True
    """Whether PyAV can decode it; the ffmpeg program may know more."""
    span_s: tuple[Fraction, Fraction] | None = None
    """Times of its first and last packet on the file's own timeline; None where it has none."""
    is_of_other_programme: bool = False
    """Whether it belongs to another programme of a transport stream than the picture."""
    tick_s: Fraction = Fraction(1, 90_000)
    """Its clock."""
    place: tuple[int, int] = (1, 1)
    """Which of how many of its kind it is in the file, counted from 1."""


@dataclass(frozen=True)
class Chapter:
    """A stretch of a clip or film with a name, in seconds on its clock."""

    start_s: Fraction
    end_s: Fraction
    metadata: tuple[tuple[str, str], ...]
    """The title and whatever else the file says of it."""


@dataclass(frozen=True)
class ClipInfo:
    """One clip's video stream and what goes with it. Times count from where a player's clock starts."""

    path: Path
    container_name: str
    """FFmpeg's name of the format, which is one for mp4 and mov."""
    brand: str
    """The brand that an mp4 or mov begins with; empty where there is none, as in old ones of QuickTime's."""
    video_index: int
    """Which of the file's streams is the clip."""
    video_indices: tuple[int, ...]
    """All streams of moving pictures in the file."""
    unread_videos: tuple[int, ...]
    """Those of them that are empty, or that there is no decoder for."""
    codec: str
    pixel_format: str
    coded_size_px: tuple[int, int]
    orientation: Orientation
    pixel_aspect: Fraction
    """Sample aspect ratio of the upright picture; 1 when the file does not say."""
    coded_aspect: Fraction
    """The one that the first frame's own data says, which a stream may change midway; 1 when untold."""
    colour: ColourTags
    has_alpha: bool
    """Whether the video says how opaque its pixels are."""
    header_field_order: Literal["tff", "bff"] | None
    """Which field of interlaced frames comes first, for codecs whose frames do not say that they are."""
    average_rate: Fraction
    """Frames per second on average, as the container gives it."""
    time_base: Fraction
    origin_s: Fraction
    """Where a player's clock starts, on the file's own timeline: the earliest start of picture and sound."""
    is_timed: bool
    """False for a raw stream: its packets have an order but no times, and take their times from the rate."""
    packet_times_s: tuple[Fraction, ...]
    """Presentation times of the packets that are shown, sorted: one per frame."""
    end_s: Fraction
    """When the last packet's frame ends."""
    readable_s: Fraction | None
    """Frames before this time are whole when the file is cut short; None when it is not."""
    sounds: tuple[SideStream, ...]
    subtitles: tuple[SideStream, ...]
    chapters: tuple[Chapter, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    """The file's own, such as its title."""
    timeline: Timeline | None = None
    """The frames' times where the packets' own are not theirs, or where the clock jumps; else None."""

    @property
    def display_size_px(self) -> tuple[int, int]:
        """Width and height of the upright picture."""
        return self.orientation.size(*self.coded_size_px)

    @property
    def constant_rate(self) -> Fraction | None:
        """The one frame rate that puts every packet's time on its grid (to a tick), or None."""
        start = self.packet_times_s[0]
        on_grid = all(
            abs(time - start - index / self.average_rate) <= self.time_base
            for index, time in enumerate(self.packet_times_s)
        )
        return self.average_rate if on_grid else None

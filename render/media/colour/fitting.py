"""Where a picture goes in a film whose size the first one settled: whole, its shape kept, between bars.

A stream may change its size or the shape of its pixels midway: a phone that was turned, a broadcast between
4:3 and 16:9. Players show the new shape; a film has one frame for all of them. So what follows is fitted
into the frame of the first picture, in the middle, with black above and below or at the sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from ...frames.frames import Picture
from ..clip_info import ClipInfo

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

SizePx = tuple[int, int]
"""Width and height."""

# A shape that differs by less was rounded to whole pixels, and fills the frame.
_ROUNDING = Fraction(1, 50)


@dataclass(frozen=True)
class Shape:
    """The shape of a stored picture: its size, and how wide its pixels are for their height."""

    size_px: SizePx
    pixel_aspect: Fraction


def first_shape(info: ClipInfo) -> Shape:
    """Return the shape that the film's frame is made for."""
    return Shape(info.coded_size_px, info.coded_aspect)


def shape_of(frame: VideoFrame, info: ClipInfo) -> Shape:
    """Return a decoded frame's shape; its pixels' is only noted on it where it changed (`decode`)."""
    aspect = frame.opaque if isinstance(frame.opaque, Fraction) else info.coded_aspect
    return Shape((frame.width, frame.height), aspect)


def fitted_size(shape: Shape, first: Shape, frame_px: SizePx) -> SizePx:
    """Return the size at which a picture fits into a frame that the first one fills, its shape kept."""
    (width, height), (first_width, first_height) = shape.size_px, first.size_px
    # Width for height, relative to the first one's: 2 is twice as wide.
    relative = Fraction(width, height) / Fraction(first_width, first_height)
    relative *= shape.pixel_aspect / first.pixel_aspect
    if abs(relative - 1) <= _ROUNDING:
        return frame_px
    if relative > 1:
        return frame_px[0], max(1, round(frame_px[1] / relative))
    return max(1, round(frame_px[0] * relative)), frame_px[1]


def with_bars(picture: Picture, frame_px: SizePx) -> Picture:
    """Return the picture in the middle of a black frame; itself where it fills the frame."""
    _, height, width = picture.shape
    if (width, height) == frame_px:
        return picture
    framed = np.zeros((3, frame_px[1], frame_px[0]), dtype=np.float32)
    left, top = (frame_px[0] - width) // 2, (frame_px[1] - height) // 2
    framed[:, top : top + height, left : left + width] = picture
    return framed

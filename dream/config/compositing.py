"""Where and how much of a dream is let into the picture: mask, colours, amount."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..targets.regions import Region
from .frozen import FrozenConfig

_Share = Annotated[float, Field(ge=0, le=1)]


class CompositingConfig(FrozenConfig):
    """What stays of the source picture."""

    mask: Region | None = None
    """Map of where to dream (see docs/maps.md): 1 dreams in full, 0 keeps the source's pixels exactly as they
    are, and between, steps are that much smaller. A picture or video file, or a word such as "luminance",
    "hue:200", "band:0-0.5", "centre"; "!" before it inverts it."""

    keep_colour: bool = False
    """Whether to dream in light and dark only: hue and saturation stay the source's."""

    match_colour: _Share = 0.0
    """How far the dream's colours are moved back to the source's, 0..1: at 1, their mean and covariance are
    the source's own."""

    blend: _Share = 1.0
    """How much of the dream is in the result, 0..1; the rest is the source."""

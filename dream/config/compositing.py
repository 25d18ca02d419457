"""Where and how much of a dream is let into the picture: mask, colours, amount."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from ..setting.frozen import FrozenConfig
from ..setting.option import Option
from ..targets.regions import Region, read_region

WHERE = "Where, and how much of it"
_Share = Annotated[float, Field(ge=0, le=1)]


def _absolute_map(name: str) -> str:
    """Return a map's name with its file, if it is one, good from any folder."""
    return read_region(name).absolute(Path.cwd()).name


class CompositingConfig(FrozenConfig):
    """What stays of the source picture."""

    mask: Annotated[
        Region | None,
        Option(
            "--mask",
            panel=WHERE,
            metavar="FILE|WORD",
            unset="everywhere",
            read=_absolute_map,
            help="Dream where this map is white, and leave every pixel where it is black: a picture, a "
            "video, or luminance, dark, hue:200, band:0-0.33, row:0.5-1, centre; '!dark' is where it is "
            "not.",
        ),
    ] = None
    """Map of where to dream (see docs/maps.md): 1 dreams in full, 0 keeps the source's pixels exactly as they
    are, and between, steps are that much smaller. A picture or video file, or a word such as "luminance",
    "hue:200", "band:0-0.5", "centre"; "!" before it inverts it."""

    keep_colour: Annotated[
        bool,
        Option("--keep-colour", panel=WHERE, help="Dream in light and dark only; the colours stay."),
    ] = False
    """Whether to dream in light and dark only: hue and saturation stay the source's."""

    match_colour: Annotated[
        _Share,
        Option(
            "--match-colour",
            panel=WHERE,
            metavar="0..1",
            help="Move the dream's colours back to the source's: 1 gives them its mean and spread.",
        ),
    ] = 0.0
    """How far the dream's colours are moved back to the source's, 0..1: at 1, their mean and covariance are
    the source's own."""

    blend: Annotated[
        _Share,
        Option(
            "--blend",
            panel=WHERE,
            metavar="0..1",
            help="How much of the dream is in the result; the rest is the source.",
        ),
    ] = 1.0
    """How much of the dream is in the result, 0..1; the rest is the source."""

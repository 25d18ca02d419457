"""Where and how much to dream: the flags that every dreaming command takes.

The defaults named in the help are those of `render.settings.Settings`; a test holds the two together, so that
asking for help need not load the settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from .flag_groups import Sets, flag

WHERE = "Where, and how much of it"


def absolute_map(name: str) -> str:
    """Return a map's name with its file, if it is one, good from any folder."""
    from ..dream.targets.regions import read_region

    return read_region(name).absolute(Path.cwd()).name


@dataclass(frozen=True)
class WhereFlags:
    """Where the picture is dreamt, and what of it stays."""

    mask: Annotated[
        str | None,
        flag(
            "--mask",
            metavar="FILE|WORD",
            panel=WHERE,
            default="everywhere",
            help="Dream where this map is white, and leave every pixel where it is black: a picture, a "
            "video, or luminance, dark, hue:200, band:0-0.33, row:0.5-1, centre; '!dark' is where it is not.",
        ),
        Sets("dream.mask", absolute_map),
    ] = None

    keep_colour: Annotated[
        bool,
        flag("--keep-colour", panel=WHERE, help="Dream in light and dark only; the colours stay."),
        Sets("dream.keep_colour"),
    ] = False

    match_colour: Annotated[
        float | None,
        flag(
            "--match-colour",
            metavar="0..1",
            panel=WHERE,
            default="0.0",
            help="Move the dream's colours back to the source's: 1 gives them its mean and spread.",
        ),
        Sets("dream.match_colour"),
    ] = None

    blend: Annotated[
        float | None,
        flag(
            "--blend",
            metavar="0..1",
            panel=WHERE,
            default="1.0",
            help="How much of the dream is in the result; the rest is the source.",
        ),
        Sets("dream.blend"),
    ] = None

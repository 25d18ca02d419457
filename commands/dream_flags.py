"""How to dream: the flags that every dreaming command takes.

The defaults named in the help are those of `render.settings.Settings`; a test holds the two together, so that
asking for help need not load the settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from .flag_groups import Sets, flag
from .schedule_flags import DREAM, ScheduleFlags
from .step_flags import StepFlags


@dataclass(frozen=True)
class DreamFlags(StepFlags, ScheduleFlags):
    """How one picture is dreamt."""

    seed: Annotated[
        int | None,
        flag(
            "--seed",
            "-s",
            everyday=True,
            metavar="N",
            panel=DREAM,
            default="0",
            help="Seed of everything random: the same seed makes the same dream.",
        ),
        Sets("dream.seed"),
    ] = None

    tiles: Annotated[
        str | None,
        flag(
            "--tiles",
            metavar="dense|grid|spiral|random",
            panel=DREAM,
            default="dense",
            help="How the network meets the frame: dense slides over it at once, grid blends tiles of the "
            "network's size, spiral steps through them from the centre, random through random crops.",
        ),
        Sets("dream.tiles"),
    ] = None

    border: Annotated[
        int | None,
        flag(
            "--border",
            metavar="PX",
            panel=DREAM,
            default="as the network needs",
            help="How far beyond the picture's edge the network sees.",
        ),
        Sets("dream.border_px"),
    ] = None

    pad: Annotated[
        str | None,
        flag(
            "--pad",
            metavar="reflect|mean",
            panel=DREAM,
            default="reflect",
            help="What lies beyond the picture's edge: its mirror image, or its mean colour.",
        ),
        Sets("dream.pad"),
    ] = None

"""When to dream what: sizes, steps, and what changes from octave to octave.

The defaults named in the help are those of `render.settings.Settings`; a test holds the two together, so that
asking for help need not load the settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from .flag_groups import Sets, flag
from .parsing import parse_counts, parse_numbers
from .schedule_words import parse_counts_or_ramp, parse_ramps, parse_schedule

DREAM = "How to dream"


@dataclass(frozen=True)
class ScheduleFlags:
    """At which sizes a picture is dreamt, for how long, and with what steps."""

    octaves: Annotated[
        int | None,
        flag(
            "--octaves",
            everyday=True,
            metavar="N",
            panel=DREAM,
            default="4",
            help="Sizes the picture is dreamt at, small to full: more make larger shapes.",
        ),
        Sets("dream.octaves"),
    ] = None

    octave_scale: Annotated[
        str | None,
        flag(
            "--octave-scale",
            metavar="RATIO[,…]",
            panel=DREAM,
            default="1.4",
            help="Ratio between neighbouring sizes; or how much larger each is than the one before.",
        ),
        Sets("dream.octave_scale", parse_numbers),
    ] = None

    iterations: Annotated[
        str | None,
        flag(
            "--iterations",
            "-n",
            everyday=True,
            metavar="N[..N][,N…]",
            panel=DREAM,
            default="30..12",
            help="Steps per octave: one number, a run from the coarsest octave to the finest (30..12), or "
            "one per octave, coarsest first (20,20,10,10).",
        ),
        Sets("dream.iterations", parse_counts_or_ramp),
    ] = None

    step_size: Annotated[
        str | None,
        flag(
            "--step-size",
            metavar="X[..X][,…]",
            panel=DREAM,
            default="1.0",
            help="Mean change of a pixel per step, in 1/255: larger is wilder. 3..1 runs from 3 to 1 in "
            "every octave.",
        ),
        Sets("dream.step_size", parse_ramps),
    ] = None

    strength: Annotated[
        float | None,
        flag(
            "--strength",
            everyday=True,
            metavar="X",
            panel=DREAM,
            default="1.0",
            help="How far the dream goes from the picture: 0.5 is gentle, 2 is wild.",
        ),
        Sets("dream.strength"),
    ] = None

    jitter: Annotated[
        str | None,
        flag(
            "--jitter",
            metavar="PX[,PX…]",
            panel=DREAM,
            default="32",
            help="Largest random shift before each step.",
        ),
        Sets("dream.jitter_px", parse_counts),
    ] = None

    schedule: Annotated[
        str | None,
        flag(
            "--schedule",
            metavar="FILE",
            panel=DREAM,
            help="Octaves one by one, with steps, blur and targets of their own: JSON, TOML or deepdraw's "
            "list. Other flags win over it.",
        ),
        Sets("dream.schedule", parse_schedule),
    ] = None

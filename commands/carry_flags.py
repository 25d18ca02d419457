"""What comes along from frame to frame. Defaults as in `dream_flags`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from .flag_groups import Sets, flag
from .parsing import parse_cuts

CARRY = "What comes along from frame to frame"
FLOW = ("clip.carry", "flow", "--carry flow")
BLEND = ("clip.carry", "blend", "--carry blend")


@dataclass(frozen=True)
class CarryFlags:
    """What each frame of a clip takes over from the dream of the frame before."""

    carry: Annotated[
        str | None,
        flag(
            "--carry",
            everyday=True,
            metavar="flow|blend|none",
            panel=CARRY,
            default="flow",
            help="What each frame takes over from the dream before it: flow moves all of it along with the "
            "picture, blend leaves a share of it where it is, none starts every frame from the clip.",
        ),
        Sets("clip.carry"),
    ] = None

    carry_share: Annotated[
        float | None,
        flag(
            "--carry-share",
            metavar="0..1",
            panel=CARRY,
            default="0.3",
            help="How much of the last dream is mixed in, for --carry blend.",
        ),
        Sets("clip.carry_share", only_with=BLEND),
    ] = None

    carry_habit: Annotated[
        str | None,
        flag(
            "--carry-habit",
            metavar="constant|random|loop",
            panel=CARRY,
            default="constant",
            help="How the share varies from frame to frame, for --carry blend.",
        ),
        Sets("clip.carry_habit", only_with=BLEND),
    ] = None

    carry_strength: Annotated[
        float | None,
        flag(
            "--carry-strength",
            metavar="0..1",
            panel=CARRY,
            default="0.6",
            help="How much of the last dream each frame starts from, for --carry flow.",
        ),
        Sets("clip.flow.strength", only_with=FLOW),
    ] = None

    carry_iterations: Annotated[
        float | None,
        flag(
            "--carry-iterations",
            metavar="0..1",
            panel=CARRY,
            default="0.5",
            help="Share of the iterations for frames that carry a dream, for --carry flow.",
        ),
        Sets("clip.flow.iterations_share", only_with=FLOW),
    ] = None

    carry_spectrum: Annotated[
        float | None,
        flag(
            "--carry-spectrum",
            metavar="P",
            panel=CARRY,
            default="0.2",
            help="Added to --spectrum in frames that carry a dream, for --carry flow: more keeps rings from "
            "growing round stars and edges.",
        ),
        Sets("clip.flow.spectrum_added", only_with=FLOW),
    ] = None

    carry_hold: Annotated[
        float | None,
        flag(
            "--carry-hold",
            metavar="0..1",
            panel=CARRY,
            default="0.7",
            help="Smoothing where the picture moves, for --carry flow: 0 is lively, 0.9 calm.",
        ),
        Sets("clip.flow.hold", only_with=FLOW),
    ] = None

    cuts: Annotated[
        str | None,
        flag(
            "--cuts",
            metavar="auto|none|TIMES",
            panel=CARRY,
            default="auto",
            help="Where shots begin, and nothing is carried over: found, nowhere, or 2s,3.5s.",
        ),
        Sets("clip.cuts", parse_cuts),
    ] = None

    run_in: Annotated[
        int | None,
        flag(
            "--run-in",
            metavar="FRAMES",
            panel=CARRY,
            default="8",
            help="Frames dreamt before each shot and thrown away, so that it begins as strong as it goes on; "
            "fewer where a dream fades sooner. 0 lets it grow from its first frame.",
        ),
        Sets("clip.run_in_frames"),
    ] = None

    no_repeats: Annotated[
        bool,
        flag("--no-repeats", panel=CARRY, help="Dream every frame, also those that repeat the one before."),
        Sets("clip.repeats", lambda _: False),
    ] = False

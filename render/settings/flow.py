"""How the dream of the last frame is carried along the optical flow of the source."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...dream.setting.frozen import FrozenConfig
from ...dream.setting.option import Option

CARRY = "What comes along from frame to frame"
FLOW = ("clip.carry", "flow")

Share = Annotated[float, Field(ge=0, le=1)]


class FlowConfig(FrozenConfig):
    """The flow carry: what comes along, how much is dreamt on, and which flow is believed."""

    strength: Annotated[
        Share,
        Option(
            "--carry-strength",
            panel=CARRY,
            metavar="0..1",
            only_with=FLOW,
            help="How much of the last dream each frame starts from, for --carry flow.",
        ),
    ] = 0.6
    """Share of the last dream's residual (dream minus source) that a frame is dreamt on from. What frames add
    piles up to 1 / (1 - strength) times as much: at 0.6, and with half of the iterations a frame, to little
    more than a single picture's dream. At 0.9 it is four times that, neon; at 1 it never ends."""

    iterations_share: Annotated[
        Share,
        Option(
            "--carry-iterations",
            panel=CARRY,
            metavar="0..1",
            only_with=FLOW,
            help="Share of the iterations for frames that carry a dream, for --carry flow.",
        ),
    ] = 0.5
    """Share of the iterations spent on every frame after the first of a shot."""

    spectrum_added: Annotated[
        float,
        Field(ge=0, le=2),
        Option(
            "--carry-spectrum",
            panel=CARRY,
            metavar="P",
            only_with=FLOW,
            help="Added to --spectrum in frames that carry a dream, for --carry flow: more keeps rings from "
            "growing round stars and edges.",
        ),
    ] = 0.2
    """Added to the dream's `spectrum` in every frame after the first of a shot: what each of them adds is
    carried on to the next, the finest of it adds up to rings round stars and edges, and broader strokes keep
    it down. It is added, where a floor would do for one look, so that a sharp preset stays sharper than a
    soft one, and so that `spectrum` says something in films too. 0 dreams all frames alike."""

    sigma_added_px: Annotated[float, Field(ge=0, le=10)] = 0.7
    """Deviation of a Gaussian blur of the gradient in the same frames, after the dream's own `sigma_px`, in
    pixels of each octave: it takes away the finest strokes alone, where more of `spectrum_added` strengthens
    the broad ones too, which flicker."""

    hold: Annotated[
        Share,
        Option(
            "--carry-hold",
            panel=CARRY,
            metavar="0..1",
            only_with=FLOW,
            help="Smoothing where the picture moves, for --carry flow: 0 is lively, 0.9 calm.",
        ),
    ] = 0.7
    """Smoothing from frame to frame where the picture moves: 0 is lively, every frame dreams freely; 0.9 is
    calm, and slower to follow. Every move costs a dream a little of its detail, which is dreamt again: so
    not as much is held there as where it stands."""

    hold_still: Share = 0.95
    """Smoothing in the end where the picture stands still, and nothing is lost by moving it; `hold` counts
    there too where it is more."""

    hold_new: Share = 0.4
    """Smoothing of what has just come, at most `hold`: it still has to find its shape."""

    settling_frames: Annotated[int, Field(ge=0, le=100_000)] = 4
    """After how many frames what has come is half of the way from `hold_new` to no change at all; `hold` and
    `hold_still` are where it stops."""

    likeness: Share = 0.8
    """How much a place must look as it did in the last second, 0..1, for its dream to stay whole: what
    looks half as alike has dissolved into something else, and starts again. 0 keeps whatever was there."""

    disocclusion_share: Share = 0.5
    """Extra work for newly visible (disoccluded) areas, so that they show as much as what was dreamt earlier,
    as a share of the iterations: in still shots up to twice as many, since little is dreamt on there. 0 lets
    them grow frame by frame."""

    tolerance: Annotated[float, Field(ge=0, le=1)] = 0.01
    """How far flow back and forth may miss its start, squared, as a share of its squared length."""

    slack_px2: Annotated[float, Field(ge=0, le=1000)] = 0.5
    """The same for flow of no length, in pixels squared."""

    fill_levels: Annotated[float, Field(ge=0, le=255)] = 4.0
    """In places where flow back and forth disagree, such as flat walls, that of their surroundings is taken
    where it leads to the same grey, within so many levels of 255. 0 takes all such places for new."""

    softness_px: Annotated[float, Field(ge=0, le=32)] = 1.0
    """Width of the edge between what comes along and what is new, in pixels."""

    size_px: Annotated[int, Field(ge=64, le=16384)] = 960
    """Longest side at which flow is measured; larger frames are scaled down for it, as long as the shorter
    side keeps 32 pixels."""

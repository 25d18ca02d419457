"""How a gradient becomes a step: the picture tools, each of which can be left out.

A tool set to 0 costs nothing. What each one is for, and what it does to the picture, is in docs/engine.md;
docs/picture.md shows them off and on, side by side.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..setting.frozen import FrozenConfig
from ..setting.option import Option

STEPS = "How a step is made"

Gradient = Literal["plain", "scales", "laplacian", "fourier"]
Share = Annotated[float, Field(ge=0, le=1)]


class StepConfig(FrozenConfig):
    """What is done to the gradient, and to the picture that the network looks at."""

    gradient: Annotated[
        Gradient,
        Option(
            "--gradient",
            panel=STEPS,
            help="What becomes of coarse and fine in the gradient: left alone, averaged over blurs, "
            "levelled in bands, or levelled in every frequency.",
        ),
    ] = "plain"
    """What becomes of coarse and fine in the gradient: `plain` leaves it, `scales` averages it over several
    blurs, `laplacian` makes its bands equally strong, `fourier` every single frequency."""

    spectrum: Annotated[
        float,
        Field(ge=0, le=2),
        Option(
            "--spectrum",
            panel=STEPS,
            metavar="P",
            help="Weigh the gradient's spectrum by 1/f^P: 0 leaves it, more paints broader strokes.",
        ),
    ] = 0.4
    """Exponent p of the 1/f^p weight of the gradient's spectrum: 0 leaves the gradient as it is, higher
    values paint broader strokes and less fine grain."""

    decorrelate: Annotated[
        Share,
        Option(
            "--decorrelate",
            panel=STEPS,
            help="Step in the colours of photos instead of red, green and blue: 0 not at all, 1 fully.",
        ),
    ] = 0.0
    """How far steps are made in the colours of photos, which go light and dark together more than red or
    green: 0 leaves the gradient's colours, 1 steps in fully decorrelated colour."""

    momentum: Annotated[
        float,
        Field(ge=0, lt=1),
        Option(
            "--momentum",
            panel=STEPS,
            help="Share of the last step's direction that stays in the next: 0 to 0.99.",
        ),
    ] = 0.0
    """Share of the last step's direction that stays in the next one: 0 forgets it, 0.9 coasts."""

    headroom: Annotated[
        Share,
        Option(
            "--headroom",
            panel=STEPS,
            help="Shrink steps in the last X of the way to black or full brightness: 0.1 hardly clips.",
        ),
    ] = 0.1
    """How far from black and from full brightness steps begin to shrink, as a share of the range: 0.1 slows a
    channel down in the last tenth, so that few pixels clip; 0 lets them run into the end. Without `clip`
    there is no end to run into, and steps do not shrink."""

    clip: Annotated[
        bool,
        Option(
            "--no-clip",
            panel=STEPS,
            help="Let values leave the range during the dream, and clip once at the end.",
        ),
    ] = True
    """Whether every step ends within black and full brightness. Without, values may leave the range on the
    way, and are clipped once at the end."""

    tv: Annotated[
        float,
        Field(ge=0, le=10),
        Option(
            "--tv",
            panel=STEPS,
            help="Total variation against specks in what is added: 0.1 a little, 1 broad shapes only.",
        ),
    ] = 0.0
    """Weight of the total variation of what was added to the picture, against the step: at 0.1, lone specks
    fade; at 1, only broad shapes stay. The picture's own detail is not smoothed."""

    pull: Annotated[
        Share,
        Option(
            "--pull",
            panel=STEPS,
            help="Share of the way back to the picture that every step takes: 0.02 stays close.",
        ),
    ] = 0.0
    """Share of the way back to the picture that every step takes: 0.02 keeps a long dream close to it, 1
    undoes all (the L2 norm of the difference, as a penalty)."""

    rotate_jitter_deg: Annotated[
        float,
        Field(ge=0, le=180),
        Option(
            "--rotate-jitter",
            panel=STEPS,
            metavar="DEG",
            help="Largest random turn before each step, in degrees.",
        ),
    ] = 0.0
    """Largest random turn of the picture before each step, to either side, in degrees: things that look right
    at any angle are easier to recognise."""

    admix: Annotated[
        Share,
        Option(
            "--admix",
            panel=STEPS,
            help="How much of the picture, moved, lies over what the network sees: 0.3 for clearer things.",
        ),
    ] = 0.0
    """How much of the picture itself, mirrored and moved at random, is laid over what the network looks at
    before each step, which then is a mirror image every second time: faint hints drown in it, and fewer and
    clearer things grow. For classes, 0.3 is a good amount."""

    scale_jitter: Annotated[
        float,
        Field(ge=0, le=1),
        Option(
            "--scale-jitter",
            panel=STEPS,
            help="Largest random change of scale before each step: 0.1 is up to a tenth.",
        ),
    ] = 0.0
    """Largest random change of the picture's scale before each step: 0.1 is between 1/1.1 and 1.1 times."""

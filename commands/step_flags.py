"""How a gradient becomes a step: the picture tools (docs/engine.md says what each is for).

The defaults named in the help are those of `render.settings.Settings`; a test holds the two together, so that
asking for help need not load the settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from .flag_groups import Sets, flag
from .schedule_words import parse_ramps

STEPS = "How a step is made"


@dataclass(frozen=True)
class StepFlags:
    """What is done to the gradient and to the picture at every step."""

    gradient: Annotated[
        str | None,
        flag(
            "--gradient",
            metavar="plain|scales|laplacian|fourier",
            panel=STEPS,
            default="plain",
            help="What becomes of coarse and fine in the gradient: left alone, averaged over blurs, "
            "levelled in bands, or levelled in every frequency.",
        ),
        Sets("dream.gradient"),
    ] = None

    spectrum: Annotated[
        float | None,
        flag(
            "--spectrum",
            metavar="P",
            panel=STEPS,
            default="0.4",
            help="Weigh the gradient's spectrum by 1/f^P: 0 leaves it, more paints broader strokes.",
        ),
        Sets("dream.spectrum"),
    ] = None

    sigma: Annotated[
        str | None,
        flag(
            "--sigma",
            metavar="PX[..PX][,…]",
            panel=STEPS,
            default="0.0",
            help="Gaussian blur of the gradient.",
        ),
        Sets("dream.sigma_px", parse_ramps),
    ] = None

    blur: Annotated[
        str | None,
        flag(
            "--blur",
            metavar="PX[..PX][,…]",
            panel=STEPS,
            default="0.0",
            help="Gaussian blur of the picture after every step, as in deepdraw: 2.5..0.8 fades it out.",
        ),
        Sets("dream.blur_px", parse_ramps),
    ] = None

    decorrelate: Annotated[
        float | None,
        flag(
            "--decorrelate",
            metavar="X",
            panel=STEPS,
            default="0.0",
            help="Step in the colours of photos instead of red, green and blue: 0 not at all, 1 fully.",
        ),
        Sets("dream.decorrelate"),
    ] = None

    momentum: Annotated[
        float | None,
        flag(
            "--momentum",
            metavar="X",
            panel=STEPS,
            default="0.0",
            help="Share of the last step's direction that stays in the next: 0 to 0.99.",
        ),
        Sets("dream.momentum"),
    ] = None

    headroom: Annotated[
        float | None,
        flag(
            "--headroom",
            metavar="X",
            panel=STEPS,
            default="0.1",
            help="Shrink steps in the last X of the way to black or full brightness: 0.1 hardly clips.",
        ),
        Sets("dream.headroom"),
    ] = None

    tv: Annotated[
        float | None,
        flag(
            "--tv",
            metavar="X",
            panel=STEPS,
            default="0.0",
            help="Total variation against specks in what is added: 0.1 a little, 1 broad shapes only.",
        ),
        Sets("dream.tv"),
    ] = None

    pull: Annotated[
        float | None,
        flag(
            "--pull",
            metavar="X",
            panel=STEPS,
            default="0.0",
            help="Share of the way back to the picture that every step takes: 0.02 stays close.",
        ),
        Sets("dream.pull"),
    ] = None

    no_clip: Annotated[
        bool,
        flag(
            "--no-clip",
            panel=STEPS,
            help="Let values leave the range during the dream, and clip once at the end.",
        ),
        Sets("dream.clip", lambda _: False),
    ] = False

    rotate_jitter: Annotated[
        float | None,
        flag(
            "--rotate-jitter",
            metavar="DEG",
            panel=STEPS,
            default="0.0",
            help="Largest random turn before each step, in degrees.",
        ),
        Sets("dream.rotate_jitter_deg"),
    ] = None

    admix: Annotated[
        float | None,
        flag(
            "--admix",
            metavar="X",
            panel=STEPS,
            default="0.0",
            help="How much of the picture, moved, lies over what the network sees: 0.3 for clearer things.",
        ),
        Sets("dream.admix"),
    ] = None

    scale_jitter: Annotated[
        float | None,
        flag(
            "--scale-jitter",
            metavar="X",
            panel=STEPS,
            default="0.0",
            help="Largest random change of scale before each step: 0.1 is up to a tenth.",
        ),
        Sets("dream.scale_jitter"),
    ] = None

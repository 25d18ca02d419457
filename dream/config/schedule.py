"""When to dream what: the settings that may change from octave to octave.

A value is a number or a list, coarsest octave first, and some may also run from one number to another over
the steps of an octave ("2.5..0.8"): the schedule is data (`OctavePlan`), and the engine only follows it. The
same can be written octave by octave, as a list of tables (`octave_tables`); it is turned into these lists.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, model_validator

from ..setting.frozen import FrozenConfig
from ..setting.option import Option
from ..setting.varying import Ramp, Varies, Varying
from ..targets.targets import Targets
from .octave_tables import spread_tables
from .step import STEPS

DREAM = "How to dream"
_IN_OCTAVES = ("step_size", "jitter_px", "sigma_px", "blur_px", "octave_scale")
_NO_TARGETS: tuple[str, list[Targets]] = ("octave_targets", [])


@dataclass(frozen=True)
class OctavePlan:
    """The schedule of one octave, coarsest octave first in a plan.

    `ratio` is the octave's size over the one's before it, `spectrum_added` what comes on top of the picture's
    `spectrum`, `evenness` how far steps are spread over it (`update.equalise`).
    """

    iterations: int
    step_size: Ramp
    jitter_px: int
    sigma_px: Ramp
    blur_px: Ramp
    ratio: float
    targets: Targets
    spectrum_added: float = 0.0
    evenness: float = 0.0


class ScheduleConfig(FrozenConfig):
    """At which sizes the picture is dreamt, for how long, and with what steps."""

    octaves: Annotated[
        int,
        Field(ge=1, le=32),
        Option(
            "--octaves",
            panel=DREAM,
            everyday=True,
            help="Sizes the picture is dreamt at, small to full: more make larger shapes.",
        ),
    ] = 4
    """Number of sizes the picture is dreamt at, from small to full size."""

    octave_scale: Annotated[
        float | list[float],
        Varies(1, 4, runs="", listed_example="1,1.5,1.4"),
        Option(
            "--octave-scale",
            panel=DREAM,
            metavar="RATIO[,…]",
            help="Ratio between neighbouring sizes; or how much larger each is than the one before.",
        ),
    ] = 1.4
    """Ratio between the sizes of neighbouring octaves; or a list of how much larger each octave is than the
    one before it, which for the first means nothing."""

    iterations: Annotated[
        int | str | list[int],
        Varies(0, 10_000, whole=True, runs="octaves", example="30..12", listed_example="20,20,10,10"),
        Option(
            "--iterations -n",
            panel=DREAM,
            everyday=True,
            metavar="N[..N][,N…]",
            help="Steps per octave: one number, a run from the coarsest octave to the finest (30..12), or "
            "one per octave, coarsest first (20,20,10,10).",
        ),
    ] = "30..12"
    """Gradient steps per octave: one number for all, "start..end" from the coarsest octave to the finest, or
    a list of them, coarsest octave first. Steps at small sizes are cheap and decide what goes where."""

    step_size: Annotated[
        float | str | list[float | str],
        Varies(0, 255, example="3..1", listed_example="3..1,2,1"),
        Option(
            "--step-size",
            panel=DREAM,
            metavar="X[..X][,…]",
            help="Mean change of a pixel per step, in 1/255: larger is wilder. 3..1 runs from 3 to 1 in "
            "every octave.",
        ),
    ] = 1.0
    """Mean absolute change of a pixel per step, in units of 1/255; a number, "start..end" over the steps of
    an octave, or a list of them per octave."""

    strength: Annotated[
        float,
        Field(ge=0, le=10),
        Option(
            "--strength",
            panel=DREAM,
            everyday=True,
            help="How far the dream goes from the picture: 0.5 is gentle, 2 is wild.",
        ),
    ] = 1.0
    """How far a dream goes from its picture: all step sizes are multiplied with it. 0.5 is gentle, 2 wild."""

    jitter_px: Annotated[
        int | list[int],
        Varies(0, 4096, whole=True, runs="", listed_example="32,16,16,8"),
        Option("--jitter", panel=DREAM, metavar="PX[,PX…]", help="Largest random shift before each step."),
    ] = 32
    """Largest random shift of the picture before each step, in pixels; a number or a list per octave. To a
    network that slides over the picture (`tiles = "dense"`) shifts by its stride, mostly 8 or 16 px, look
    alike: of a larger shift, what the stride leaves of it counts, and it costs nothing more."""

    sigma_px: Annotated[
        float | str | list[float | str],
        Varies(0, 100),
        Option("--sigma", panel=STEPS, metavar="PX[..PX][,…]", help="Gaussian blur of the gradient."),
    ] = 0.0
    """Standard deviation of a Gaussian blur of the gradient, in pixels; a number, "start..end", or a list of
    them per octave."""

    blur_px: Annotated[
        float | str | list[float | str],
        Varies(0, 100),
        Option(
            "--blur",
            panel=STEPS,
            metavar="PX[..PX][,…]",
            help="Gaussian blur of the picture after every step, as in deepdraw: 2.5..0.8 fades it out.",
        ),
    ] = 0.0
    """Standard deviation of a Gaussian blur of the picture itself after every step, in pixels, as in
    deepdraw; a number, "start..end", or a list of them per octave."""

    octave_targets: list[Targets] = Field(default_factory=list)
    """What each octave dreams of, where that is not the same for all; an empty table is the dream's own
    targets."""

    @model_validator(mode="before")
    @classmethod
    def _tables_as_lists(cls, data: Any) -> Any:
        return cls.spread(data) if isinstance(data, Mapping) else data

    @classmethod
    def spread(cls, dream: Mapping[str, Any]) -> dict[str, Any]:
        """Return the keys of [dream] with its `schedule` of tables, if any, as lists; see `octave_tables`.

        Raises ValueError.
        """
        fields = ScheduleConfig.model_fields.items()
        return spread_tables(
            dream, {name: each.get_default(call_default_factory=True) for name, each in fields}
        )

    @model_validator(mode="after")
    def _lists_match_octaves(self) -> ScheduleConfig:
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, list) and len(value) != self.octaves and (name, value) != _NO_TARGETS:
                raise ValueError(
                    f"{name} lists {len(value)} values for {self.octaves} octaves: "
                    "give one number, or one per octave"
                )
        if self.octave_scale == 1:
            raise ValueError("octave_scale = 1: write a ratio above 1, or octaves would all be of one size")
        return self

    def plans(
        self,
        iterations_share: float | str = 1.0,
        spectrum_added: float = 0.0,
        sigma_added_px: float = 0.0,
        evenness: float = 0.0,
    ) -> tuple[OctavePlan, ...]:
        """Return one plan per octave, coarsest first, each with that share of its iterations, rounded up.

        "0.1..0.5" is a tenth for the coarsest octave, half for the finest, and evenly in between. With
        `sigma_added_px`, a blur of that deviation comes after `sigma_px`.
        """
        iterations = Varying.of(self.iterations).over_octaves(self.octaves)
        share = _shares(iterations_share, self.octaves)
        varying = {name: Varying.of(getattr(self, name)) for name in _IN_OCTAVES}
        ramps = [
            {name: each.in_octave(octave) for name, each in varying.items()} for octave in range(self.octaves)
        ]
        return tuple(
            OctavePlan(
                iterations=math.ceil(round(iterations[octave]) * share[octave]),
                step_size=ramp["step_size"].times(self.strength),
                jitter_px=round(ramp["jitter_px"].start),
                sigma_px=ramp["sigma_px"].blurred(sigma_added_px),
                blur_px=ramp["blur_px"],
                ratio=ramp["octave_scale"].start,
                targets=self.octave_targets[octave] if self.octave_targets else Targets(),
                spectrum_added=spectrum_added,
                evenness=evenness,
            )
            for octave, ramp in enumerate(ramps)
        )


def _shares(value: float | str, octaves: int) -> list[float]:
    """Return one share per octave. Where there is only one, it is the finest: it gets what a ramp ends "
    "with."""
    share = Varying.of(value)
    return share.over_octaves(octaves) if octaves > 1 else [share.in_octave(0).end]

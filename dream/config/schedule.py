"""When to dream what: the settings that may change from octave to octave.

A value is a number or a list, coarsest octave first, and some may also run from one number to another over
the steps of an octave ("2.5>0.8"): the schedule is data (`OctavePlan`), and the engine only follows it. The
same can be written octave by octave, as a list of tables (`octave_tables`); it is turned into these lists.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import Field, model_validator

from ..targets.targets import Targets
from .frozen import FrozenConfig
from .octave_tables import spread_tables
from .ramp import CountRamp, Ramp, Sigma, StepSize, counts, shares

T = TypeVar("T")
Iterations = Annotated[int, Field(ge=0, le=10_000)]
Pixels = Annotated[int, Field(ge=0, le=4096)]
OctaveScale = Annotated[float, Field(gt=1, le=4)]
OctaveScaleInList = Annotated[float, Field(ge=1, le=4)]


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

    octaves: Annotated[int, Field(ge=1, le=32)] = 4
    """Number of sizes the picture is dreamt at, from small to full size."""

    octave_scale: OctaveScale | list[OctaveScaleInList] = 1.4
    """Ratio between the sizes of neighbouring octaves; or a list of how much larger each octave is than the
    one before it, which for the first means nothing."""

    iterations: Iterations | CountRamp | list[Iterations] = "30>12"
    """Gradient steps per octave: one number for all, "start>end" from the coarsest octave to the finest, or a
    list of them, coarsest octave first. Steps at small sizes are cheap and decide what goes where."""

    step_size: StepSize | list[StepSize] = 1.0
    """Mean absolute change of a pixel per step, in units of 1/255; a number, "start>end" over the steps of an
    octave, or a list of them per octave."""

    strength: Annotated[float, Field(ge=0, le=10)] = 1.0
    """How far a dream goes from its picture: all step sizes are multiplied with it. 0.5 is gentle, 2 wild."""

    jitter_px: Pixels | list[Pixels] = 32
    """Largest random shift of the picture before each step, in pixels; a number or a list per octave."""

    sigma_px: Sigma | list[Sigma] = 0.0
    """Standard deviation of a Gaussian blur of the gradient, in pixels; a number, "start>end", or a list of
    them per octave."""

    blur_px: Sigma | list[Sigma] = 0.0
    """Standard deviation of a Gaussian blur of the picture itself after every step, in pixels, as in
    deepdraw; a number, "start>end", or a list of them per octave."""

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
        names = ("octave_scale", "iterations", "step_size", "jitter_px", "sigma_px", "blur_px")
        for name in (*names, *(["octave_targets"] if self.octave_targets else [])):
            value = getattr(self, name)
            if isinstance(value, list) and len(value) != self.octaves:
                raise ValueError(
                    f"{name} lists {len(value)} values for {self.octaves} octaves: "
                    "give one number, or one per octave"
                )
        return self

    def plans(
        self,
        iterations_share: float | str = 1.0,
        spectrum_added: float = 0.0,
        sigma_added_px: float = 0.0,
        evenness: float = 0.0,
    ) -> tuple[OctavePlan, ...]:
        """Return one plan per octave, coarsest first, each with that share of its iterations, rounded up.

        "0.1>0.5" is a tenth for the coarsest octave, half for the finest, and evenly in between. With
        `sigma_added_px`, a blur of that deviation comes after `sigma_px`.
        """
        iterations = counts(self.iterations, self.octaves)
        share = shares(iterations_share, self.octaves)
        return tuple(
            OctavePlan(
                iterations=math.ceil(iterations[octave] * share[octave]),
                step_size=_ramp(self.step_size, octave).times(self.strength),
                jitter_px=_at(self.jitter_px, octave),
                sigma_px=_ramp(self.sigma_px, octave).blurred(sigma_added_px),
                blur_px=_ramp(self.blur_px, octave),
                ratio=_at(self.octave_scale, octave),
                targets=self.octave_targets[octave] if self.octave_targets else Targets(),
                spectrum_added=spectrum_added,
                evenness=evenness,
            )
            for octave in range(self.octaves)
        )


def _ramp(value: float | str | list[float | str], octave: int) -> Ramp:
    return Ramp.of(value[octave] if isinstance(value, list) else value)


def _at(value: T | list[T], octave: int) -> T:
    return value[octave] if isinstance(value, list) else value

"""What to dream of and how: the settings of one picture's dream, with the one set of defaults.

A value that may change from octave to octave is a number or a list, coarsest octave first: the schedule is
data (`OctavePlan`), and the engine only follows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import Field, model_validator

from .frozen import FrozenConfig

T = TypeVar("T", int, float)
Weight = Annotated[float, Field(ge=-1000, le=1000)]
Iterations = Annotated[int, Field(ge=0, le=10_000)]
StepSize = Annotated[float, Field(ge=0, le=255)]
Pixels = Annotated[int, Field(ge=0, le=4096)]
Sigma = Annotated[float, Field(ge=0, le=100)]


class Targets(FrozenConfig):
    """What the dream should see: every entry adds to one objective; a negative weight pushes away."""

    classes: dict[str, Weight] = Field(default_factory=dict)
    """Weight by class: a name or synonym ("goldfish"), a wnid ("n01443537"), an index ("1"), an inclusive
    range ("0-20"), or "random:3", three classes drawn with the seed."""

    layers: dict[str, Weight] = Field(default_factory=dict)
    """Weight by layer whose activations grow in the L2 norm, as in google/deepdream ("fire8/concat")."""

    channels: dict[str, Weight] = Field(default_factory=dict)
    """Weight by single channel of a layer, as "layer:channel" ("fire8/concat:12")."""

    @property
    def empty(self) -> bool:
        """True when nothing is asked for."""
        return not (self.classes or self.layers or self.channels)


@dataclass(frozen=True)
class OctavePlan:
    """The schedule of one octave, coarsest octave first in a plan."""

    iterations: int
    step_size: float
    jitter_px: int
    sigma_px: float


class DreamConfig(FrozenConfig):
    """How one picture is dreamt."""

    octaves: Annotated[int, Field(ge=1, le=32)] = 4
    """Number of sizes the picture is dreamt at, from small to full size."""

    octave_scale: Annotated[float, Field(gt=1, le=4)] = 1.4
    """Ratio between the sizes of neighbouring octaves."""

    iterations: Iterations | list[Iterations] = 20
    """Gradient steps per octave, or a list of them, coarsest octave first."""

    step_size: StepSize | list[StepSize] = 1.0
    """Mean absolute change of a pixel per step, in units of 1/255; a number or a list per octave."""

    jitter_px: Pixels | list[Pixels] = 32
    """Largest random shift of the picture before each step, in pixels; a number or a list per octave."""

    sigma_px: Sigma | list[Sigma] = 0.0
    """Standard deviation of a Gaussian blur of the gradient, in pixels; a number or a list per octave."""

    spectrum: Annotated[float, Field(ge=0, le=2)] = 0.4
    """Exponent p of the 1/f^p weight of the gradient's spectrum: 0 leaves the gradient as it is, higher
    values paint broader strokes and less fine grain."""

    border_px: Pixels = 96
    """Width of the reflected border that the network sees around the picture, in pixels."""

    tiles: Literal["dense"] = "dense"
    """How the network meets the frame: `dense` slides it over the whole frame as one convolution."""

    memory_mib: Annotated[int, Field(ge=64)] | None = None
    """Memory the gradient may take, in MiB: a frame that needs more is cut into tiles with a halo. None is
    half of what the machine, or the graphics card, has."""

    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Arithmetic inside the network: `auto` is bf16 where the device is fast at it (AMX, CUDA), else fp32."""

    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    """Seed of everything random: shifts, random classes, noise."""

    @model_validator(mode="after")
    def _lists_match_octaves(self) -> DreamConfig:
        for name in ("iterations", "step_size", "jitter_px", "sigma_px"):
            value = getattr(self, name)
            if isinstance(value, list) and len(value) != self.octaves:
                raise ValueError(
                    f"{name} lists {len(value)} values for {self.octaves} octaves: "
                    "give one number, or one per octave"
                )
        return self

    def schedule(self) -> tuple[OctavePlan, ...]:
        """Return one plan per octave, coarsest first."""
        return tuple(
            OctavePlan(
                iterations=_at(self.iterations, octave),
                step_size=_at(self.step_size, octave),
                jitter_px=_at(self.jitter_px, octave),
                sigma_px=_at(self.sigma_px, octave),
            )
            for octave in range(self.octaves)
        )


def _at(value: T | list[T], octave: int) -> T:
    return value[octave] if isinstance(value, list) else value

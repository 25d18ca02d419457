"""How to dream: the settings of one picture's dream, with the one set of defaults.

What changes from octave to octave is in `schedule`, what becomes of the gradient in `step`,
what stays of the source in `compositing`; to a user they are keys of one table, [dream].
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .compositing import CompositingConfig
from .schedule import Pixels, ScheduleConfig
from .step import StepConfig

Tiles = Literal["dense", "grid", "spiral", "random"]
Pad = Literal["reflect", "mean"]


class DreamConfig(CompositingConfig, StepConfig, ScheduleConfig):
    """How one picture is dreamt."""

    border_px: Pixels | None = None
    """Width of the border that the network sees around the picture, in pixels. None is a third of how far the
    network looks around a place, from 32 to 128."""

    pad: Pad = "reflect"
    """What lies beyond the picture's edge: `reflect` mirrors the picture, `mean` is its mean colour, flat."""

    tiles: Tiles = "dense"
    """How the network meets the frame: `dense` slides it over the whole frame as one convolution, `grid`
    blends tiles of the network's size, `spiral` steps through them from the centre, `random` through random
    crops."""

    memory_mib: Annotated[int, Field(ge=64)] | None = None
    """Memory the gradient may take, in MiB: a frame that needs more is cut into tiles with a halo. None is
    half of what the machine, or the graphics card, has; on the CPU, 1024 where that does not double the
    work."""

    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Arithmetic inside the network: `auto` is bf16 where the device multiplies it in hardware (AMX,
    AVX-512's bf16, CUDA), else fp32."""

    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    """Seed of everything random: shifts, random classes, noise."""

"""How to dream: the settings of one picture's dream, with the one set of defaults.

What changes from octave to octave is in `schedule`, what becomes of the gradient in `step`,
what stays of the source in `compositing`; to a user they are keys of one table, [dream].
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..setting.option import Option
from ..transforms.pad import Pad
from .compositing import CompositingConfig
from .schedule import DREAM, ScheduleConfig
from .schedule_files import read_schedule_flag
from .step import StepConfig

MACHINE = "Network and machine"
Tiles = Literal["dense", "grid", "spiral", "random"]


class DreamConfig(CompositingConfig, StepConfig, ScheduleConfig):
    """How one picture is dreamt."""

    schedule: Annotated[
        None,
        Option(
            "--schedule",
            panel=DREAM,
            metavar="FILE",
            read=read_schedule_flag,
            help="Octaves one by one, with steps, blur and targets of their own: JSON, TOML or deepdraw's "
            "list. Other flags win over it.",
        ),
    ] = None
    """The octaves one by one, as a list of tables, coarsest first (see docs/engine.md). It is spread over the
    settings above as soon as it is read."""

    seed: Annotated[
        int,
        Field(ge=0, le=2**63 - 1),
        Option(
            "--seed -s",
            panel=DREAM,
            everyday=True,
            help="Seed of everything random: the same seed makes the same dream.",
        ),
    ] = 0
    """Seed of everything random: shifts, random classes, noise."""

    tiles: Annotated[
        Tiles,
        Option(
            "--tiles",
            panel=DREAM,
            help="How the network meets the frame: dense slides over it at once, grid blends tiles of the "
            "network's size, spiral steps through them from the centre, random through random crops.",
        ),
    ] = "dense"
    """How the network meets the frame: `dense` slides it over the whole frame as one convolution, `grid`
    blends tiles of the network's size, `spiral` steps through them from the centre, `random` through random
    crops."""

    border_px: Annotated[
        Annotated[int, Field(ge=0, le=4096)] | None,
        Option(
            "--border",
            panel=DREAM,
            metavar="PX",
            unset="as the network needs",
            help="How far beyond the picture's edge the network sees.",
        ),
    ] = None
    """Width of the border that the network sees around the picture, in pixels. None is as the
    network needs, from 16 to 128 (docs/engine.md): 24 for SqueezeNet's fire8, 48 for its classes."""

    pad: Annotated[
        Pad,
        Option(
            "--pad",
            panel=DREAM,
            help="What lies beyond the picture's edge: its mirror image, or its mean colour.",
        ),
    ] = "reflect"
    """What lies beyond the picture's edge: `reflect` mirrors the picture, `mean` is its mean colour, flat."""

    precision: Annotated[
        Literal["auto", "fp32", "bf16"],
        Option(
            "--precision", panel=MACHINE, help="Arithmetic of the network: auto is bf16 where that is fast."
        ),
    ] = "auto"
    """Arithmetic inside the network: `auto` is bf16 where that is faster (CUDA, AMX, AVX-512's
    bf16 on AMD), else fp32."""

    memory_mib: Annotated[
        Annotated[int, Field(ge=64)] | None,
        Option(
            "--memory",
            panel=MACHINE,
            metavar="MIB",
            unset="as much as helps, at most half of the machine's",
            help="Memory for one gradient: larger frames are cut into tiles that give the same result.",
        ),
    ] = None
    """Memory the gradient may take, in MiB: a frame that needs more is cut into tiles with a halo. None is
    half of what the machine, or the graphics card, has; on the CPU, 1024 where that does not double the
    work."""

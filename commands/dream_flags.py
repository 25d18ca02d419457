"""What to dream of, how, and on which network: the flags that every dreaming command takes.

The defaults named in the help are those of `render.settings.Settings`; a test holds the two together, so that
asking for help need not load the settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from .flag_groups import Sets, flag
from .parsing import absolute_if_folder, parse_channels, parse_counts, parse_numbers, parse_weights

TARGETS = "What to dream of (repeatable, summed)"
DREAM = "How to dream"
MACHINE = "Network and machine"


@dataclass(frozen=True)
class TargetFlags:
    """What the dream should see. Any of these replaces all targets of a preset or record."""

    classes: Annotated[
        list[str] | None,
        flag(
            "--class",
            "-c",
            metavar="NAME[=WEIGHT]",
            panel=TARGETS,
            default="one class by lot",
            help="A class of the network: a name (goldfish), an index (107), a range (0-20), random:3. "
            "A negative weight (shark=-0.5) pushes away. Replaces the preset's targets, as --layer and "
            "--channel do.",
        ),
        Sets("targets.classes", parse_weights),
    ] = None

    layers: Annotated[
        list[str] | None,
        flag(
            "--layer",
            "-l",
            metavar="LAYER[=WEIGHT]",
            panel=TARGETS,
            help="Whatever a whole layer already sees, more of it: the classic deep dream.",
        ),
        Sets("targets.layers", parse_weights),
    ] = None

    channels: Annotated[
        list[str] | None,
        flag(
            "--channel",
            metavar="LAYER:INDEX[=WEIGHT]",
            panel=TARGETS,
            help="One channel of a layer, such as fire8/concat:12.",
        ),
        Sets("targets.channels", parse_channels),
    ] = None


@dataclass(frozen=True)
class DreamFlags:
    """How one picture is dreamt."""

    octaves: Annotated[
        int | None,
        flag(
            "--octaves",
            metavar="N",
            panel=DREAM,
            default="4",
            help="Sizes the picture is dreamt at, small to full: more make larger shapes.",
        ),
        Sets("dream.octaves"),
    ] = None

    octave_scale: Annotated[
        float | None,
        flag(
            "--octave-scale",
            metavar="RATIO",
            panel=DREAM,
            default="1.4",
            help="Ratio between neighbouring sizes.",
        ),
        Sets("dream.octave_scale"),
    ] = None

    iterations: Annotated[
        str | None,
        flag(
            "--iterations",
            "-n",
            metavar="N[,N…]",
            panel=DREAM,
            default="20",
            help="Steps per octave: one number, or one per octave, coarsest first (20,20,10,10).",
        ),
        Sets("dream.iterations", parse_counts),
    ] = None

    step_size: Annotated[
        str | None,
        flag(
            "--step-size",
            metavar="X[,X…]",
            panel=DREAM,
            default="1.0",
            help="Mean change of a pixel per step, in 1/255: larger is wilder.",
        ),
        Sets("dream.step_size", parse_numbers),
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

    sigma: Annotated[
        str | None,
        flag(
            "--sigma",
            metavar="PX[,PX…]",
            panel=DREAM,
            default="0.0",
            help="Gaussian blur of the gradient.",
        ),
        Sets("dream.sigma_px", parse_numbers),
    ] = None

    spectrum: Annotated[
        float | None,
        flag(
            "--spectrum",
            metavar="P",
            panel=DREAM,
            default="0.4",
            help="Weigh the gradient's spectrum by 1/f^P: 0 leaves it, more paints broader strokes.",
        ),
        Sets("dream.spectrum"),
    ] = None

    seed: Annotated[
        int | None,
        flag(
            "--seed",
            "-s",
            metavar="N",
            panel=DREAM,
            default="0",
            help="Seed of everything random: the same seed makes the same dream.",
        ),
        Sets("dream.seed"),
    ] = None

    tiles: Annotated[
        str | None,
        flag(
            "--tiles",
            metavar="dense",
            panel=DREAM,
            default="dense",
            help="How the network meets the frame: dense slides it over the whole frame at once.",
        ),
        Sets("dream.tiles"),
    ] = None


@dataclass(frozen=True)
class MachineFlags:
    """Which network dreams, where, and in which arithmetic."""

    model: Annotated[
        str | None,
        flag(
            "--model",
            "-m",
            metavar="NAME|FOLDER",
            panel=MACHINE,
            default="bestiary",
            help="A network by name (lucidreel models list), or a folder with a .prototxt and a .caffemodel.",
        ),
        Sets("model", absolute_if_folder),
    ] = None

    device: Annotated[
        str | None,
        flag(
            "--device",
            metavar="auto|cpu|cuda|mps",
            panel=MACHINE,
            default="auto",
            help="Where the network runs.",
        ),
        Sets("device"),
    ] = None

    precision: Annotated[
        str | None,
        flag(
            "--precision",
            metavar="auto|fp32|bf16",
            panel=MACHINE,
            default="auto",
            help="Arithmetic of the network: auto is bf16 where that is fast.",
        ),
        Sets("dream.precision"),
    ] = None

    memory: Annotated[
        int | None,
        flag(
            "--memory",
            metavar="MIB",
            panel=MACHINE,
            default="half of it",
            help="Memory for one gradient: larger frames are cut into tiles that give the same result.",
        ),
        Sets("dream.memory_mib"),
    ] = None

"""Every flag that more than one command takes, declared once: its words, its help, the setting it decides.

The defaults named in the help are those of `render.settings.Settings`; a test holds the two together, so that
asking for help need not load the settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from typer.models import OptionInfo

from .flag_groups import Sets
from .parsing import (
    absolute_if_folder,
    parse_channels,
    parse_counts,
    parse_frame_rate,
    parse_numbers,
    parse_shift,
    parse_size,
    parse_speed,
    parse_time,
    parse_weights,
)

TARGETS = "What to dream of (repeatable, summed)"
DREAM = "How to dream"
CLIP = "Which part of the clip, and what comes along"
CAMERA = "The camera"
MACHINE = "Network and machine"
FILM = "The film file"
SETTINGS = "Where settings come from (defaults < preset or record < flags)"


def flag(
    *names: str, panel: str, help: str, metavar: str | None = None, default: str | None = None
) -> OptionInfo:
    """Declare a flag in a panel of the help, its default told at the end of its help."""
    told = help if default is None else f"{help} (default: {default})"
    option = typer.Option(*names, metavar=metavar, rich_help_panel=panel, help=told, show_default=False)
    assert isinstance(option, OptionInfo)
    return option


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
            default="4096",
            help="Memory for one gradient: larger frames are cut into tiles that give the same result.",
        ),
        Sets("dream.memory_mib"),
    ] = None


@dataclass(frozen=True)
class ClipFlags:
    """Which part of a clip is dreamt, at what size and rate, and what comes along from frame to frame."""

    start: Annotated[
        str | None,
        flag(
            "--start",
            metavar="TIME",
            panel=CLIP,
            default="the clip's first frame",
            help="First moment: 2s, 350ms, 1:02.5.",
        ),
        Sets("clip.start_s", parse_time),
    ] = None

    end: Annotated[
        str | None,
        flag(
            "--end",
            metavar="TIME",
            panel=CLIP,
            default="the clip's end",
            help="Stop before this moment.",
        ),
        Sets("clip.end_s", parse_time),
    ] = None

    size: Annotated[
        str | None,
        flag(
            "--size",
            metavar="WxH",
            panel=CLIP,
            default="the clip's own",
            help="Size of the result in pixels: 960x540.",
        ),
        Sets("clip.size_px", parse_size),
    ] = None

    fps: Annotated[
        str | None,
        flag(
            "--fps",
            metavar="RATE",
            panel=CLIP,
            default="every frame at its own time",
            help="Resample to a constant rate: 24, 23.976, 30000/1001.",
        ),
        Sets("clip.fps", parse_frame_rate),
    ] = None

    carry: Annotated[
        str | None,
        flag(
            "--carry",
            metavar="blend|none",
            panel=CLIP,
            default="blend",
            help="What each frame takes over from the dream of the frame before: a share of it, or nothing.",
        ),
        Sets("clip.carry"),
    ] = None

    carry_share: Annotated[
        float | None,
        flag(
            "--carry-share",
            metavar="0..1",
            panel=CLIP,
            default="0.3",
            help="How much of it, for --carry blend.",
        ),
        Sets("clip.carry_share"),
    ] = None


@dataclass(frozen=True)
class PictureFlags:
    """The size of a single picture."""

    size: Annotated[
        str | None,
        flag(
            "--size",
            metavar="WxH",
            panel=DREAM,
            default="the picture's own",
            help="Size to dream at, in pixels: 960x540.",
        ),
        Sets("clip.size_px", parse_size),
    ] = None


@dataclass(frozen=True)
class CameraFlags:
    """A camera that moves at constant speed into a dream."""

    duration: Annotated[
        str | None,
        flag(
            "--duration",
            "-d",
            metavar="TIME",
            panel=CAMERA,
            default="10.0",
            help="Length of the film: 10s, 1:30.",
        ),
        Sets("zoom.duration_s", parse_time),
    ] = None

    fps: Annotated[
        str | None,
        flag(
            "--fps",
            metavar="RATE",
            panel=CAMERA,
            default="24",
            help="Frame rate: 24, 23.976, 30000/1001.",
        ),
        Sets("zoom.fps", parse_frame_rate),
    ] = None

    size: Annotated[
        str | None,
        flag(
            "--size",
            metavar="WxH",
            panel=CAMERA,
            default="the picture's own",
            help="Size of the film in pixels: 960x540.",
        ),
        Sets("zoom.size_px", parse_size),
    ] = None

    zoom: Annotated[
        str | None,
        flag(
            "--zoom",
            metavar="FACTOR/s",
            panel=CAMERA,
            default="1.5",
            help="Magnification per second: 1/s stands still, 2/s doubles, 0.5/s moves away.",
        ),
        Sets("zoom.zoom_per_s", parse_speed),
    ] = None

    rotate: Annotated[
        str | None,
        flag(
            "--rotate",
            metavar="DEG/s",
            panel=CAMERA,
            default="0.0",
            help="Rotation in degrees per second, counter-clockwise.",
        ),
        Sets("zoom.rotate_deg_per_s", parse_speed),
    ] = None

    shift: Annotated[
        str | None,
        flag(
            "--shift",
            metavar="X,Y/s",
            panel=CAMERA,
            default="0.0,0.0",
            help="Pixels to the right and down per second: 0,5/s.",
        ),
        Sets("zoom.shift_px_per_s", parse_shift),
    ] = None


@dataclass(frozen=True)
class FilmFlags:
    """How a film is encoded."""

    crf: Annotated[
        int | None,
        flag(
            "--crf",
            metavar="N",
            panel=FILM,
            default="visually clean for the codec",
            help="Constant rate factor: lower is larger and better.",
        ),
        Sets("output.crf"),
    ] = None


@dataclass(frozen=True)
class SoundFlags:
    """Whether a clip's sound comes along."""

    no_sound: Annotated[
        bool,
        flag("--no-sound", panel=FILM, help="Leave the clip's sound out; else it is copied."),
        Sets("output.sound", lambda _: False),
    ] = False


@dataclass(frozen=True)
class SourceFlags:
    """Where settings come from besides the flags."""

    preset: Annotated[
        str | None,
        flag(
            "--preset",
            "-p",
            metavar="NAME|FILE",
            panel=SETTINGS,
            help="A look by name (lucidreel presets list) or a .toml file of your own.",
        ),
    ] = None

    config: Annotated[
        Path | None,
        flag(
            "--config",
            metavar="RECORD",
            panel=SETTINGS,
            help="Replay the record written beside an earlier output (OUT.mp4.toml).",
        ),
    ] = None


@dataclass(frozen=True)
class RunFlags:
    """How a run behaves towards files and the terminal."""

    overwrite: Annotated[
        bool, typer.Option("--overwrite", "-y", help="Replace the output if it is already there.")
    ] = False

    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False


FilmOutput = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="OUT",
        show_default=False,
        help="Film to write: .mp4 .mov .mkv .webm .gif, or a folder of numbered PNGs.",
    ),
]
PictureOutput = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="OUT", show_default=False, help="Picture to write: .png .jpg .webp .tif."
    ),
]

"""Where settings come from, where results go, and how a run behaves: flags that are no settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from typer.models import OptionInfo

from ..dream.setting.frozen import FrozenConfig
from ..dream.setting.option import Option
from ..render.checkpoint.rule import KEEP, KeepRule

MACHINE = (
    "model",
    "backend",
    "caffe_python",
    "device",
    "threads",
    "dream.precision",
    "dream.memory_mib",
)
"""The settings of network and machine, which the help has under one heading."""
SETTINGS = "A look or a record to start from (other flags win over it)"


class SourceFlags(FrozenConfig):
    """Where settings come from besides the flags."""

    preset: Annotated[
        str | None,
        Option(
            "--preset -p",
            panel=SETTINGS,
            everyday=True,
            metavar="NAME|FILE",
            completes="presets",
            help="A look by name (lucidreel presets list) or a .toml file of your own; one per run.",
        ),
    ] = None

    config: Annotated[
        Path | None,
        Option(
            "--config",
            panel=SETTINGS,
            everyday=True,
            metavar="RECORD",
            read=Path,
            help="Replay the record written beside an earlier output (OUT.mp4.toml).",
        ),
    ] = None


class RunFlags(FrozenConfig):
    """How a run behaves towards files and the terminal."""

    overwrite: Annotated[
        bool, Option("--overwrite -y", everyday=True, help="Replace the output if it is already there.")
    ] = False

    quiet: Annotated[bool, Option("--quiet -q", help="Say nothing but errors.")] = False


class FilmFlags(KeepRule):
    """What becomes of a film's finished frames, and whether it is made at all."""

    dry_run: Annotated[
        bool,
        Option(
            "--dry-run",
            panel=KEEP,
            help="Say what would be rendered (frames, cuts, time, disk space) and end.",
        ),
    ] = False


def _output(help: str) -> OptionInfo:
    option = typer.Option("--output", "-o", metavar="OUT", help=help, show_default=False, readable=False)
    assert isinstance(option, OptionInfo)
    return option


FilmOutput = Annotated[
    Path, _output("Film to write: .mp4 .mov .mkv .webm .gif; without a suffix, a folder of numbered PNGs.")
]
PictureOutput = Annotated[Path, _output("Picture to write: .png .jpg .webp .tif.")]

"""Where settings come from, where results go, and how a run behaves on the way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from typer.models import OptionInfo

from .completion import offer_presets
from .flag_command import show_every_flag
from .flag_groups import Sets, flag

SETTINGS = "A look or a record to start from (other flags win over it)"


@dataclass(frozen=True)
class SourceFlags:
    """Where settings come from besides the flags."""

    preset: Annotated[
        str | None,
        flag(
            "--preset",
            "-p",
            complete=offer_presets,
            everyday=True,
            metavar="NAME|FILE",
            panel=SETTINGS,
            help="A look by name (lucidreel presets list) or a .toml file of your own; one per run.",
        ),
    ] = None

    config: Annotated[
        Path | None,
        flag(
            "--config",
            everyday=True,
            metavar="RECORD",
            panel=SETTINGS,
            help="Replay the record written beside an earlier output (OUT.mp4.toml).",
        ),
    ] = None


@dataclass(frozen=True)
class RunFlags:
    """How a run behaves towards files and the terminal."""

    overwrite: Annotated[
        bool,
        flag(
            "--overwrite",
            "-y",
            everyday=True,
            panel=None,
            help="Replace the output if it is already there.",
        ),
    ] = False

    quiet: Annotated[bool, flag("--quiet", "-q", panel=None, help="Say nothing but errors.")] = False

    no_tags: Annotated[
        bool,
        flag(
            "--no-tags",
            panel=None,
            help="Leave title, settings and program out of the file's tags.",
        ),
        Sets("output.tags", lambda _: False),
    ] = False

    help_all: Annotated[
        bool,
        typer.Option(
            "--help-all", is_eager=True, callback=show_every_flag, help="Show every flag there is, and exit."
        ),
    ] = False


def _output(help: str) -> OptionInfo:
    return flag("--output", "-o", everyday=True, panel=None, metavar="OUT", help=help)


FilmOutput = Annotated[
    Path, _output("Film to write: .mp4 .mov .mkv .webm .gif; without a suffix, a folder of numbered PNGs.")
]
PictureOutput = Annotated[Path, _output("Picture to write: .png .jpg .webp .tif.")]

"""Where settings come from, where results go, and how a run behaves on the way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from .flag_groups import flag

SETTINGS = "Where settings come from (defaults < preset or record < flags)"


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

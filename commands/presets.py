"""`lucidreel presets`: the looks that ship with the program, and what is inside them."""

from __future__ import annotations

from typing import Annotated

import typer

from .completion import offer_presets
from .flag_command import FlagCommand, FlagGroup
from .group_help import help_when_alone
from .tables import print_table
from .terminal import say_of_file

app = typer.Typer(cls=FlagGroup, help="List the looks, or show what is inside one.")
app.callback(invoke_without_command=True)(help_when_alone)


@app.command("list", cls=FlagCommand)
def list_all() -> None:
    """List the presets, one line each.

    Use one with --preset NAME; flags on the command line win over it.
    """
    from ..presets.catalogue import list_presets

    print_table(("NAME", "LOOK"), [(preset.name, preset.description) for preset in list_presets()])


@app.command(cls=FlagCommand)
def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE",
            help="A preset's name, or a .toml file.",
            autocompletion=offer_presets,
        ),
    ],
) -> None:
    """Print a preset with its comments: the start of one of your own.

    Examples:

      lucidreel presets show lucid > my-look.toml
      lucidreel render clip.mp4 -o dream.mp4 --preset my-look.toml
    """
    from ..presets.catalogue import find_preset, read_preset

    read_preset(name)
    say_of_file(find_preset(name).text.rstrip())

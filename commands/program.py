"""What commands there are, on one typer application: those that dream are `late_commands`.

It is imported by `cli.run` when the program's signals and streams are in order: importing typer takes a
moment, in which a Ctrl-C may come.
"""

from __future__ import annotations

from typing import Annotated

import typer

from .. import __version__
from . import doctor, models, presets
from .flag_command import FlagCommand
from .group_help import help_when_alone
from .late_commands import LateGroup
from .terminal import say

app = typer.Typer(
    name="lucidreel",
    cls=LateGroup,
    help="Turn video into lucid deep dreams: name what to see, and a neural network sees it in every frame.",
    epilog="Exit codes: 0 done, 2 usage, 3 configuration, 4 network files, 5 unknown class or layer, 6 no "
    "such input, 7 unreadable media, 8 output, 9 resume, 10 memory, 11 device, 70 bug, 130 interrupted.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.add_typer(models.app, name="models")
app.add_typer(presets.app, name="presets")
app.command("doctor", cls=FlagCommand)(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"lucidreel {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _without_command(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error; may stand anywhere on the line.")
    ] = False,
) -> None:
    help_when_alone(context)

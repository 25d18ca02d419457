"""The `lucidreel` program: its commands, and how errors and interruptions end it.

    cli.py        what commands there are; errors -> one message and an exit code
    commands/     one module per command; words -> Settings -> render

Nothing heavy is imported here: torch, OpenCV and PyAV load inside the commands that need them, so that
`lucidreel --help` answers at once. Imports name the package in full so that `python cli.py` works as well.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Never

import typer

import lucidreel
from lucidreel.commands import doctor, models, presets, preview, render, still, zoom
from lucidreel.commands.flag_command import FlagCommand
from lucidreel.commands.terminal import explain_media_error, help_when_alone, note, print_error
from lucidreel.errors import LucidreelError, OutOfMemoryError
from lucidreel.render.interrupt import terminate_as_interrupt

# PyTorch's threads spin while they wait for each other, and steal the cores from decoder, encoder and
# whatever else runs: beside two busy processes on two cores a render took twice as long (docs/engine.md).
# OpenMP reads this when torch is loaded, which is later.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

EXIT_BUG = 70
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="lucidreel",
    help="Turn video into lucid deep dreams: name what to see, and a neural network sees it in every frame.",
    epilog="Exit codes: 0 done, 2 usage, 3 configuration, 4 network files, 5 unknown class or layer, 6 no "
    "such input, 7 unreadable media, 8 output, 9 resume, 10 memory, 11 device, 70 bug, 130 interrupted.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.command("render", cls=FlagCommand)(render.render)
app.command("zoom", cls=FlagCommand)(zoom.zoom)
app.command("preview", cls=FlagCommand)(preview.preview)
app.command("still", cls=FlagCommand)(still.still)
app.add_typer(models.app, name="models")
app.add_typer(presets.app, name="presets")
app.command("doctor", cls=FlagCommand)(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"lucidreel {lucidreel.__version__}")
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


def run(arguments: list[str]) -> int:
    """Run the program on its arguments and return the exit code."""
    debug = "--debug" in arguments
    try:
        with terminate_as_interrupt():
            outcome = app(
                [argument for argument in arguments if argument != "--debug"],
                prog_name="lucidreel",
                standalone_mode=False,
            )
    except LucidreelError as error:
        return _fail(error, str(error), error.exit_code, debug)
    except MemoryError as error:
        full = OutOfMemoryError("this machine's memory is full. Give a smaller --size.")
        return _fail(error, str(full), full.exit_code, debug)
    except KeyboardInterrupt:
        outcome = EXIT_INTERRUPTED
    except Exception as error:
        # typer's own complaints (an unknown option, a missing value) have no public base in all its versions.
        if hasattr(error, "format_message") and hasattr(error, "exit_code"):
            return _fail(
                error, error.format_message().rstrip(".") + _help_hint(error), int(error.exit_code), debug
            )
        bug = f"{type(error).__name__}: {error} (this is a bug; --debug shows where)"
        return _fail(error, bug, EXIT_BUG, debug)
    if outcome == EXIT_INTERRUPTED:
        note("interrupted")
    return outcome if isinstance(outcome, int) else 0


def main() -> Never:
    """Run the program as the shell called it."""
    sys.exit(run(sys.argv[1:]))


def _fail(error: Exception, message: str, exit_code: int, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exception(error)
        explain_media_error(error)
    print_error(message)
    return exit_code


def _help_hint(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f" (see: {context.command_path} --help)" if context is not None else ""


if __name__ == "__main__":
    main()

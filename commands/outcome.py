"""How a run of the program ends: every error becomes one message and an exit code."""

from __future__ import annotations

import errno
import os

from ..errors import InputNotFoundError, LucidreelError, OutOfMemoryError, UsageError, one_line
from ..render.signals import terminate_as_interrupt, was_interrupted
from .terminal import explain_media_error, note, print_error

EXIT_BUG = 70
EXIT_INTERRUPTED = 130
DEBUG = "--debug"


def carry_out(arguments: list[str]) -> int:
    """Run the command that the arguments ask for, and return the exit code."""
    debug = DEBUG in arguments
    try:
        with terminate_as_interrupt():
            outcome = _of_command([argument for argument in arguments if argument != DEBUG])
    except LucidreelError as error:
        return fail(error, str(error), error.exit_code, debug)
    except MemoryError as error:
        full = OutOfMemoryError("this machine's memory is full. Give a smaller --size.")
        return fail(error, str(full), full.exit_code, debug)
    except KeyboardInterrupt:
        return _interrupted()
    except Exception as error:
        return _interrupted() if was_interrupted() else _unexpected(error, debug)
    if outcome == EXIT_INTERRUPTED:
        return _interrupted()
    return outcome if isinstance(outcome, int) else 0


def fail(error: Exception, message: str, exit_code: int, debug: bool) -> int:
    """Say what went wrong, with the traceback where it is wanted, and return the exit code."""
    if debug:
        import traceback

        traceback.print_exception(error)
        explain_media_error(error)
    print_error(message)
    return exit_code


def _of_command(arguments: list[str]) -> object:
    _require_current_folder()
    from .program import app

    return app(arguments, prog_name="lucidreel", standalone_mode=False)


def _require_current_folder() -> None:
    """Refuse to work in a folder that is gone: any file without a full path would be looked for nowhere."""
    try:
        os.getcwd()  # noqa: PTH109 - asked for its error
    except OSError as error:
        raise InputNotFoundError(
            f"the current folder is not there any more, or may not be entered ({error.strerror}). Go to one "
            "that is with cd."
        ) from error


def _unexpected(error: Exception, debug: bool) -> int:
    # typer's own complaints (an unknown option, a missing value) have no public base in all its versions.
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        complaint = " ".join(error.format_message().split()).rstrip(".") + _help_hint(error)
        return fail(error, one_line(complaint), int(error.exit_code), debug)
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        # Whatever looks for a file of that name gets this, also when it only asks whether there is one.
        long = UsageError(f"the name {str(error.filename)!r} is longer than a file's may be.")
        return fail(error, str(long), long.exit_code, debug)
    bug = one_line(f"{type(error).__name__}: {error} (this is a bug; --debug shows where)")
    return fail(error, bug, EXIT_BUG, debug)


def _interrupted() -> int:
    note("interrupted")
    return EXIT_INTERRUPTED


def _help_hint(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f" (see: {context.command_path} --help)" if context is not None else ""

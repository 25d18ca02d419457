"""What goes where on the terminal: results to stdout, everything else to stderr.

Errors look the same from everywhere: "error:", what is wrong, on stderr. rich adds colour where there is a
terminal to show it and is only imported then.
"""

from __future__ import annotations

import re
import sys

from ..errors import MediaError, one_line

# Control characters (of both sets), and those that turn the direction of what follows.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def say(text: str) -> None:
    """Print a result."""
    print(text)


def say_of_file(text: str) -> None:
    """Print what stands in a file of anybody's; to a terminal without what would steer it.

    Elsewhere it stays as it is, for `lucidreel presets show lucid > look.toml`.
    """
    say(_STEERING.sub(lambda found: ascii(found[0])[1:-1], text) if sys.stdout.isatty() else text)


def note(text: str) -> None:
    """Print something worth knowing that is not the result, as one line whatever names it quotes."""
    _print_aside(one_line(text))


def print_error(message: str) -> None:
    """Print one error message, with its first word in red on a terminal."""
    if sys.stderr.isatty():
        from rich.console import Console

        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print("[bold red]error:[/]", end=" ")
        console.print(message, markup=False)
    else:
        _print_aside(f"error: {message}")


def explain_media_error(error: Exception) -> None:
    """Print the command behind a failed decode or encode, and its last words."""
    if isinstance(error, MediaError) and error.command:
        note("command: " + " ".join(error.command))
    if isinstance(error, MediaError) and error.stderr_tail:
        _print_aside(error.stderr_tail)


def _print_aside(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

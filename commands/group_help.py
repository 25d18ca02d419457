"""What a group of commands says when it is called without any of them."""

from __future__ import annotations

import typer

from .terminal import say


def help_when_alone(context: typer.Context) -> None:
    """Show the help of a group of commands that was called without any of them."""
    if context.invoked_subcommand is None:
        say(context.get_help())

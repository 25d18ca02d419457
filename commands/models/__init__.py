"""`lucidreel models`: the networks at hand, what is in them and what they know; getting more of them."""

from __future__ import annotations

import typer

from ..flag_command import FlagCommand, FlagGroup
from ..group_help import help_when_alone
from .adding import add
from .class_table import classes
from .fetching import fetch
from .info import info
from .layer_table import layers
from .listing import list_all

__all__ = ["app"]

app = typer.Typer(cls=FlagGroup, help="List networks, look inside one, get another.")
app.callback(invoke_without_command=True)(help_when_alone)
app.command("list", cls=FlagCommand)(list_all)
for command in (info, layers, classes, fetch, add):
    app.command(cls=FlagCommand)(command)

"""Commands that are loaded when they are called: the program's help lists them without knowing their flags.

Flags are made from the settings, and to load those takes as long as all else that `lucidreel --help` does.
What the help says of such a command, the first line of its docstring, is read from its source.
"""

from __future__ import annotations

import ast
import importlib
from importlib.abc import InspectLoader
from importlib.util import find_spec
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand
from typer.main import get_command

from .flag_command import FlagCommand, FlagGroup


class LateGroup(FlagGroup):
    """The program's commands, of which `late` are loaded when called: functions in modules of their names."""

    late: ClassVar[tuple[str, ...]] = ("render", "zoom", "preview", "still")

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._only_names = False
        self.commands = {**{name: TyperCommand(name) for name in self.late}, **self.commands}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, loaded; or what help and completion show of it."""
        if cmd_name not in self.late:
            return super().get_command(ctx, cmd_name)
        return TyperCommand(cmd_name, help=_told(cmd_name)) if self._only_names else _loaded(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, without loading the commands that it lists."""
        self._only_names = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._only_names = False


def _loaded(name: str) -> Any:
    module = importlib.import_module(f".{name}", __package__)
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command(name, cls=FlagCommand, context_settings={"help_option_names": ["--help", "-h"]})(
        getattr(module, name)
    )
    return get_command(app)


def _told(name: str) -> str:
    """Return the first line of a command's docstring; of a program without its source, after loading it."""
    spec = find_spec(f"{__package__}.{name}")
    loader = None if spec is None else spec.loader
    source = loader.get_source(f"{__package__}.{name}") if isinstance(loader, InspectLoader) else None
    if source is None:
        return str(_loaded(name).help)
    functions = (each for each in ast.parse(source).body if isinstance(each, ast.FunctionDef))
    command = next(each for each in functions if each.name == name)
    return (ast.get_docstring(command) or "").partition("\n")[0]

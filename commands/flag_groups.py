"""Flags declared once, in groups, and shared by the commands that take them.

A group is a frozen dataclass whose fields carry their typer option; a command names whole groups:

    @with_flag_groups
    def still(picture: Path, what: TargetFlags, how: DreamFlags) -> None: ...

typer sees the groups' fields as if the command listed them, the command gets the filled-in groups. A field
that decides a setting says which one, and how its words are read, with `Sets`.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, get_type_hints

import typer
from typer.models import OptionInfo

from .completion import Complete, listed_words, offered


@dataclass(frozen=True)
class Sets:
    """Marks a flag as the source of the setting at `key` ("dream.octaves"), its value read by `read`."""

    key: str
    read: Callable[[Any], Any] = lambda value: value
    only_with: tuple[str, str, str] | None = None
    """Where it has an effect: a setting's key, its value there, and the flag that says so."""


@dataclass(frozen=True)
class GivenFlag:
    """A flag that was on the command line: its name, the setting it decides, and its unread value."""

    name: str
    sets: Sets
    value: Any


def flag(
    *names: str,
    panel: str | None,
    help: str,
    metavar: str | None = None,
    default: str | None = None,
    everyday: bool = False,
    complete: Complete | None = None,
    least: int | None = None,
) -> OptionInfo:
    """Declare a flag in a panel of the help, its default told at the end of its help.

    `--help` shows the `everyday` ones, `--help-all` all of them. `complete` offers words to a shell; a flag
    whose metavar lists words ("flow|blend|none") offers these by itself.
    """
    option = typer.Option(
        *names,
        metavar=metavar,
        rich_help_panel=panel,
        help=help if default is None else f"{help} (default: {default})",
        show_default=False,
        hidden=not everyday,
        min=least,
        readable=False,  # whoever reads a file says what it is, and that it cannot be read
        autocompletion=complete or offered(listed_words(metavar or "")),
    )
    assert isinstance(option, OptionInfo)
    return option


def with_flag_groups(command: Callable[..., None]) -> Callable[..., None]:
    """Return `command` with every dataclass parameter replaced by that dataclass's fields."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type] = {
        name: kind
        for name, kind in hints.items()
        if isinstance(kind, type) and dataclasses.is_dataclass(kind)
    }
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(command).parameters.values():
        if parameter.name in groups:
            parameters += _fields_as_parameters(groups[parameter.name])
        else:
            parameters.append(parameter.replace(annotation=hints[parameter.name]))

    @functools.wraps(command)
    def from_flat(**values: Any) -> None:
        filled = {
            name: kind(**{field.name: values.pop(field.name) for field in dataclasses.fields(kind)})
            for name, kind in groups.items()
        }
        command(**values, **filled)

    by_kind = sorted(parameters, key=lambda parameter: parameter.kind)
    from_flat.__signature__ = inspect.Signature(by_kind)  # type: ignore[attr-defined]
    from_flat.__annotations__ = {parameter.name: parameter.annotation for parameter in by_kind}
    return from_flat


def given_flags(*groups: Any) -> Iterator[GivenFlag]:
    """Yield the flags of `groups` that decide a setting and were given, in their order of declaration."""
    for group in groups:
        hints = get_type_hints(type(group), include_extras=True)
        for field in dataclasses.fields(group):
            value = getattr(group, field.name)
            extras = getattr(hints[field.name], "__metadata__", ())
            sets = next((extra for extra in extras if isinstance(extra, Sets)), None)
            absent = value is None or value is False or value == []
            if sets is not None and not absent:
                option = next(extra for extra in extras if isinstance(extra, OptionInfo))
                yield GivenFlag(str(option.default), sets, value)


def _fields_as_parameters(group: type) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    for field in dataclasses.fields(group):
        required = field.default is dataclasses.MISSING
        yield inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if required else field.default,
            annotation=hints[field.name],
        )

"""A command with many flags: short help and full help, and words for what typer would say of wrong ones.

`--help` shows the flags that matter every day, `--help-all` the rest (`Option.everyday` marks them). Words
that cannot be told apart by typer's parser are looked at before it complains: an output without -o, a class
of two words without quotes, a look given twice, a flag that another command has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from ..errors import UsageError
from .misread import no_such_command, no_such_flag, too_many_words, wrong_value
from .terminal import say

# Flags that name a look, a file or a network: given twice, one would silently go unheard. Of a number given
# twice the last one counts, as everywhere, so that a flag can be added to a longer line.
_ONCE = ("--preset", "--config", "--mask", "--schedule", "--model")


def show_every_flag(context: typer.Context, wanted: bool) -> None:
    """Show the help with all flags in it, and end; the callback of --help-all."""
    if not wanted or context.resilient_parsing:
        return
    with _every_flag_shown(context.command.params):
        say(context.get_help())
    raise typer.Exit


class _BareFlags:
    """Flags that take no value are shown without the name of a type."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the command's parameters."""
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for each in params:
            if getattr(each, "is_flag", False) and each.metavar is None:
                each.metavar = ""
        return params


class FlagGroup(_BareFlags, TyperGroup):
    """A group of commands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before the command. Raises UsageError for a flag that belongs behind it."""
        try:
            return super().parse_args(ctx, list(args))
        except Exception as error:  # typer's own, which has no public base in all its versions
            name = getattr(error, "option_name", None)
            if name is None:
                raise
            owners = [path for path, each in _commands(ctx.find_root()) if _has(each, name)]
            if owners:
                raise UsageError(f"{name} goes after a command: {owners[0]} … {name}") from error
            raise

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the first word names. Raises UsageError for another word."""
        if (
            args
            and args[0] not in self.commands
            and not args[0].startswith("-")
            and not ctx.resilient_parsing
        ):
            raise UsageError(no_such_command(ctx.command_path, args[0], list(self.commands)))
        return super().resolve_command(ctx, args)


class FlagCommand(_BareFlags, TyperCommand):
    """A command whose flags are made by `options.with_options`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Look for what the parser would not explain, then parse. Raises UsageError."""
        if ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        given = self._refuse_what_is_misunderstood(ctx, args)
        try:
            return super().parse_args(ctx, list(args))
        except Exception as error:
            _explain_value(error, given)
            raise

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Offer every flag, those of --help-all too."""
        with _every_flag_shown(self.params):
            return super().shell_complete(ctx, incomplete)

    def _refuse_what_is_misunderstood(self, ctx: Any, args: Sequence[str]) -> Mapping[str, Any]:
        """Return the words given to each parameter, by its name in the program."""
        try:
            given, left, order = self.make_parser(ctx).parse_args(args=list(args))
        except Exception as error:  # typer's own, which has no public base in all its versions
            self._explain_flag(ctx, args, getattr(error, "option_name", None))
            raise
        if any(word in (*ctx.help_option_names, "--help-all") for word in args):
            return {}
        single = [each for each in order if not getattr(each, "multiple", False)]
        names = [name for each in single for name in getattr(each, "opts", ())[:1]]
        for name in _ONCE:
            if names.count(name) > 1:
                raise UsageError(_given_twice(name))
        if left:
            raise UsageError(too_many_words(ctx.command_path, args, left, _valued(self.params)))
        return dict(given)

    def _explain_flag(self, ctx: Any, args: Sequence[str], name: str | None) -> None:
        """Raise UsageError for a flag that is not here, or that is here and lacks its value."""
        if name is None:
            return
        own = next((each for each in self.params if name in each.opts), None)
        if own is not None:
            raise UsageError(f"{name} needs a value: {name} {own.metavar or own.name.upper()}")
        owners = [path for path, each in _commands(ctx.find_root()) if _has(each, name)]
        known = [option for each in self.params for option in each.opts if option.startswith("-")]
        raise UsageError(no_such_flag(ctx.command_path, name, args, owners, known))


def _explain_value(error: Exception, given: Mapping[str, Any]) -> None:
    """Raise UsageError for a value that is missing, or that typer cannot read; leave other errors alone."""
    param, complaint = getattr(error, "param", None), getattr(error, "message", "")
    if param is None or not param.opts[0].startswith("-"):
        return
    word = given.get(param.name)
    if word is None and param.required:
        example = "".join(f" {name} {param.metavar}" for name in param.opts[-1:])
        raise UsageError(f"nothing says where to write the result: add{example}") from error
    if isinstance(word, str):
        raise UsageError(wrong_value(param.opts[0], word, complaint)) from error


def _given_twice(name: str) -> str:
    if name == "--preset":
        return (
            "--preset is given twice, and a run has one look. To mix two, copy one (lucidreel presets show "
            "NAME > my-look.toml), change it, and give --preset my-look.toml."
        )
    return f"{name} is given twice, and only one can count. Leave one out."


def _valued(params: Sequence[Any]) -> dict[str, str]:
    """Return every flag that takes a value, by each of its names, as it is called."""
    flags = [each for each in params if not getattr(each, "is_flag", True)]
    return {name: each.opts[0] for each in flags for name in each.opts}


def _commands(root: Any) -> Iterator[tuple[str, Any]]:
    """Yield every command of the program with the words that call it."""
    waiting = [(root.command_path, root.command)]
    while waiting:
        path, command = waiting.pop(0)
        inner = [(name, command.get_command(None, name)) for name in getattr(command, "commands", ())]
        waiting += [(f"{path} {name}", each) for name, each in inner]
        if not inner:
            yield path, command


def _has(command: Any, name: str) -> bool:
    return any(name in each.opts for each in command.params)


@contextmanager
def _every_flag_shown(params: Sequence[Any]) -> Iterator[None]:
    """Have typer take all flags for such as are shown."""
    hidden = [each for each in params if getattr(each, "hidden", False)]
    for each in hidden:
        each.hidden = False
    try:
        yield
    finally:
        for each in hidden:
            each.hidden = True

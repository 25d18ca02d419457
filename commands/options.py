"""The flags of a command, made from the fields of configurations.

A command names the settings it reads, tables ("dream") or single ones ("clip.size_px"), and groups of flags
that are no settings, configurations of their own:

    @with_options
    def still(picture: str, *, run: RunFlags, given: Annotated[Given, Reads("targets", "dream")]) -> None: ...

typer sees a flag for every field that has an `Option`, as if the command listed them. The command gets its
groups filled in, and what the line says of settings as `Given`: words, which `resolve` has the settings read.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.models import OptionInfo

from ..dream.setting.fields import Setting, settings_of
from ..dream.setting.frozen import FrozenConfig
from ..errors import ConfigError, UsageError
from ..render.settings.settings import Settings
from .completion import COMPLETIONS, offered
from .flag_command import show_every_flag
from .given import Given, GivenOption

_LINE = "the command line"


@dataclass(frozen=True, init=False)
class Reads:
    """Marks the parameter of a command that gets its settings: which of them it reads."""

    keys: tuple[str, ...]
    without: Sequence[str]
    panels: Mapping[str, str]
    config: type[FrozenConfig]

    def __init__(
        self,
        *keys: str,
        without: Sequence[str] = (),
        panels: Mapping[str, str] | None = None,
        config: type[FrozenConfig] = Settings,
    ) -> None:
        """Name tables and settings by their keys; one named beside its table comes where it is named.

        `panels` moves some to other headings of the help.
        """
        for name, value in (
            ("keys", keys),
            ("without", without),
            ("panels", panels or {}),
            ("config", config),
        ):
            object.__setattr__(self, name, value)

    def settings(self) -> Iterator[Setting]:
        """Yield the settings that have a flag, in the order of the keys."""
        for key in self.keys:
            left_out = {*self.without, *self.keys} - {key}
            for each in settings_of(self.config):
                if each.option is not None and _is_under(each.key, key) and each.key not in left_out:
                    yield each


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Return `command` with flags for typer in place of `Given`, of groups of flags, and --help-all."""
    hints = get_type_hints(command, include_extras=True)
    takers: dict[str, _Taker] = {}
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(command).parameters.values():
        hint = hints[parameter.name]
        taker = _taker(hint)
        if taker is None:
            parameters.append(parameter.replace(annotation=hint))
        else:
            takers[parameter.name] = taker
            parameters += [taker.parameter(setting) for setting in taker.settings]
    parameters.append(_HELP_ALL)

    @functools.wraps(command)
    def from_flat(**values: Any) -> None:
        del values[_HELP_ALL.name]
        taken = {name: taker.take(values) for name, taker in takers.items()}
        command(**values, **taken)

    by_kind = sorted(parameters, key=lambda parameter: parameter.kind)
    from_flat.__signature__ = inspect.Signature(by_kind)  # type: ignore[attr-defined]
    from_flat.__annotations__ = {parameter.name: parameter.annotation for parameter in by_kind}
    return from_flat


@dataclass(frozen=True)
class _Taker:
    """Takes its flags' words out of all that typer hands over."""

    settings: tuple[Setting, ...]
    panels: Mapping[str, str]
    group: type[FrozenConfig] | None = None

    def parameter(self, setting: Setting) -> inspect.Parameter:
        """Return the parameter that typer makes a flag of."""
        assert setting.option is not None
        kind: Any = list[str] | None if setting.option.repeatable else str | None
        return inspect.Parameter(
            _name(setting),
            inspect.Parameter.KEYWORD_ONLY,
            default=False if setting.is_switch else None,
            annotation=Annotated[bool if setting.is_switch else kind, flag_of(setting, self.panels)],
        )

    def take(self, values: dict[str, Any]) -> Any:
        """Return the group, or what is given of settings. Raises UsageError for a group that cannot be."""
        words = {setting: values.pop(_name(setting)) for setting in self.settings}
        given = Given(
            tuple(
                GivenOption(setting, value)
                for setting, value in words.items()
                if value not in (None, False, [])
            )
        )
        if self.group is None:
            return given
        try:
            return self.group.read(given.tree(), _LINE, spoken=given.typed())
        except ConfigError as failure:
            raise UsageError(str(failure)) from failure


def flag_of(setting: Setting, panels: Mapping[str, str] | None = None) -> OptionInfo:
    """Return typer's option for a setting, its default told at the end of its help."""
    option = setting.option
    assert option is not None
    default = setting.default_in_words
    made = typer.Option(
        *option.names.split(),
        metavar=setting.metavar,
        rich_help_panel=(panels or {}).get(setting.key, option.panel) or None,
        help=f"{setting.help} (default: {default})" if default else setting.help,
        show_default=False,
        hidden=not option.everyday,
        readable=False,  # whoever reads a file says what it is, and that it cannot be read
        autocompletion=COMPLETIONS[option.completes] if option.completes else offered(setting.choices),
    )
    assert isinstance(made, OptionInfo)
    return made


def _taker(hint: Any) -> _Taker | None:
    """Return who takes the flags of a parameter, or None for one that typer knows itself."""
    if get_origin(hint) is Annotated and get_args(hint)[0] is Given:
        reads = next(extra for extra in hint.__metadata__ if isinstance(extra, Reads))
        return _Taker(tuple(reads.settings()), reads.panels)
    if isinstance(hint, type) and issubclass(hint, FrozenConfig):
        return _Taker(tuple(settings_of(hint)), {}, hint)
    return None


def _name(setting: Setting) -> str:
    return setting.key.replace(".", "_")


def _is_under(key: str, table: str) -> bool:
    return key == table or key.startswith(f"{table}.")


_HELP_ALL = inspect.Parameter(
    "help_all",
    inspect.Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool,
        typer.Option(
            "--help-all", is_eager=True, callback=show_every_flag, help="Show every flag there is, and exit."
        ),
    ],
)

"""How a setting is said on the command line: data that stands beside the field it belongs to.

    octaves: Annotated[int, Field(ge=1, le=32), Option("--octaves", panel="How to dream", everyday=True)] = 4
    # and, below it, its docstring: Number of sizes the picture is dreamt at, from small to full size.

Flags, their help with the true default, completion, error messages and docs/settings.md are all made from
such fields: `fields.settings_of` finds them, `commands/options.py` makes the flags.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Completed = Literal["presets", "models", "classes", "layers", "channels", "neurons"]


@dataclass(frozen=True)
class Option:
    """The flag of a setting. A field of type bool is a flag without a value, which says the opposite of the
    default: the names of one that is true by default begin with "--no-"."""

    names: str
    """The flag, and its short form if it has one: "--iterations -n"."""

    panel: str = ""
    """The heading that the flag stands under in the help; "" is "Options"."""

    help: str = ""
    """What --help says, in a line or two; "" says what the field's docstring does."""

    metavar: str = ""
    """What stands for the value in the help; "" lists the words to choose from, or is N or X for a number."""

    unset: str = ""
    """What it is by default, where the field's default (None, or nothing at all) does not say so itself."""

    everyday: bool = False
    """Whether --help shows the flag, and not --help-all alone."""

    repeatable: bool = False
    """Whether the flag may be given several times. Then the setting gets the list of the words."""

    completes: Completed | None = None
    """What the shell offers on Tab; None offers the words to choose from, or files."""

    only_with: tuple[str, str] | None = None
    """The key of a setting without which this one says nothing, and its value: ("clip.carry", "flow")."""

    read: Callable[[Any], Any] | None = None
    """What turns the words into what the settings hold, where these read no words themselves: files, above
    all, which are named from the current folder. Raises ConfigError, UsageError or ValueError."""

    @property
    def flag(self) -> str:
        """The flag's long name."""
        return self.names.split()[0]

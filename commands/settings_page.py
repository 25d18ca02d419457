"""docs/settings.md: every setting there is, read off the fields of `render.settings.Settings`.

python -m lucidreel.commands.settings_page > docs/settings.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby

from ..dream.setting.fields import Setting, settings_of
from ..dream.setting.frozen import FrozenConfig
from ..render.settings.settings import Settings

_HEAD = """# Settings

Everything that decides what a run makes: the keys of presets and records, and the flags that set them.
A preset is a file with some of these tables (`lucidreel presets show lucid`); what it leaves out has the
default. Times, sizes, speeds and numbers that vary may be written in it as they are on the command line
(`start_s = "1:02.5"`), or as plain values.

`python -m lucidreel.commands.settings_page > docs/settings.md` writes this page.
"""


def settings_page(config: type[FrozenConfig] = Settings) -> str:
    """Return the page, a heading for each table and an entry for each key."""
    tables = groupby(settings_of(config), key=lambda setting: setting.key.rpartition(".")[0])
    return "\n".join([_HEAD, *(line for name, entries in tables for line in _table(name, entries))])


def _table(name: str, settings: Iterator[Setting]) -> Iterator[str]:
    yield f"## [{name}]\n" if name else "## At the top\n"
    for setting in settings:
        yield _entry(setting)


def _entry(setting: Setting) -> str:
    facts = (
        [f"`{', '.join(setting.option.names.split())} {setting.metavar}`".replace(" `", "`")]
        if setting.option
        else []
    )
    facts += [f"default {_default(setting)}"]
    facts += [setting.allowed] if setting.allowed and not setting.choices else []
    told = " ".join((setting.field.description or "").split())
    return f"**`{setting.key.rpartition('.')[2]}`** · {' · '.join(facts)}\n\n{told}\n"


def _default(setting: Setting) -> str:
    if setting.is_switch:
        return f"`{str(setting.default).lower()}`"
    if setting.option is not None and setting.option.unset:
        return setting.option.unset
    return f"`{setting.default_in_words}`" if setting.default_in_words else "none"


if __name__ == "__main__":
    sys.stdout.write(settings_page())

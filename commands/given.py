"""What a command line says of settings: for each, its flag and its words, which the settings read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..dream.setting.fields import Setting, settings_of
from ..dream.setting.frozen import FrozenConfig
from ..dream.setting.option import Option
from ..errors import ConfigError, UsageError
from ..render.settings.settings import Settings

Tree = dict[str, Any]


@dataclass(frozen=True)
class GivenOption:
    """A setting's flag that was on the command line, with its words as they were typed."""

    setting: Setting
    words: Any

    @property
    def option(self) -> Option:
        """How it is said."""
        assert self.setting.option is not None
        return self.setting.option

    @property
    def flag(self) -> str:
        """The flag's name."""
        return self.option.flag

    @property
    def typed(self) -> str:
        """The flag with its value, as often as it was given: "--class eye --class fin"."""
        if self.setting.is_switch:
            return self.flag
        several = self.words if isinstance(self.words, list) else [self.words]
        return " ".join(f"{self.flag} {word}" for word in several)

    def value(self) -> Any:
        """Return what the settings take: the words, unless they are read here already. Raises UsageError."""
        if self.setting.is_switch:
            return not self.setting.default
        read = self.option.read
        try:
            return self.words if read is None else read(self.words)
        except (ConfigError, UsageError) as failure:
            raise UsageError(f"{self.flag} {failure}") from failure
        except ValueError as failure:
            raise UsageError(f"{self.flag} {failure}.") from failure


@dataclass(frozen=True)
class Given:
    """What a command line says of settings."""

    options: tuple[GivenOption, ...] = ()

    @classmethod
    def of(cls, words: Mapping[str, Any], config: type[FrozenConfig] = Settings) -> Given:
        """Return the words of some settings, by their keys: {"dream.octaves": "3"}."""
        known = {setting.key: setting for setting in settings_of(config)}
        return cls(tuple(GivenOption(known[key], value) for key, value in words.items()))

    def of_panel(self, panel: str) -> tuple[GivenOption, ...]:
        """Return the flags that stand under this heading of the help."""
        return tuple(each for each in self.options if each.option.panel == panel)

    def tree(self) -> Tree:
        """Return the settings as nested tables. Raises UsageError naming the flag it cannot read."""
        tree: Tree = {}
        for each in self.options:
            branch = tree
            *path, leaf = each.setting.key.split(".")
            for part in path:
                branch = branch.setdefault(part, {})
            branch[leaf] = each.value()
        return tree

    def typed(self) -> dict[str, str]:
        """Return what was typed for each setting: {"clip.size_px": "--size 0x0"}."""
        return {each.setting.key: each.typed for each in self.options}


def flag_name(key: str) -> str:
    """Return the flag of the setting with this key."""
    return next(each.option.flag for each in settings_of(Settings) if each.key == key and each.option)

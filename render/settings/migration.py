"""Settings as an older lucidreel wrote them, brought to today's keys: a step for each version of the schema.

    the record of a result     [record] schema = 2    which schema its keys follow; absent is 1
    the plan of kept frames    schema = 2             the same
    a preset, other settings                          do not say

The schema is the set of keys in `settings.Settings` and what their values mean. Whoever renames, moves or
removes a key, or gives a value another meaning, raises `SCHEMA` and adds the step that leads there from the
version before:

    STEPS = {..., 2: (renamed("dream.turn_deg", "dream.rotate_jitter_deg"), removed("output.colour"))}

A new key needs no step as long as its default does what was done before there was one; otherwise
`added("dream.key", value)` is it. Whatever reads settings goes through `migrated`, so nothing else knows of
old keys. A file that does not say its age may mix both: of it only keys that are gone are brought along.

`tests/render/settings/test_migration.py` holds the keys of every version against those of today.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

from ... import __version__
from ...dream.setting.varying import Ramp
from ...dream.targets.regions import region_printed_anew
from ...dream.targets.targets import Targets, printed_anew
from ...errors import ConfigError, LucidreelError

SCHEMA = 2
"""The version of the keys that this program writes."""

OLDEST = 1
"""The version of files that do not name one."""

_EACH = "[]"


@dataclass(frozen=True)
class Change:
    """What became of one key between two versions. Keys are dotted; "targets[].x" is x in each of a list."""

    old: str
    """The key as it was; a table moves with all that is in it."""
    new: str | None
    """The key as it is now; None where it is gone."""
    convert: Callable[[Any], Any] = lambda value: value
    """What the value of then is written as now. In a checkpoint's file, numbers may be words."""

    @property
    def tells_its_age(self) -> bool:
        """Whether the old key, where there is one, can only be of the version before."""
        return self.old != self.new


def renamed(old: str, new: str) -> Change:
    """Return the change of a key, or table, that has another name or place."""
    return Change(old, new)


def removed(old: str) -> Change:
    """Return the change of a key that decides nothing any more."""
    return Change(old, None)


def converted(key: str, convert: Callable[[Any], Any]) -> Change:
    """Return the change of a key whose values are written otherwise."""
    return Change(key, key, convert)


@dataclass(frozen=True)
class Addition:
    """A key that was not there, and what was done without it."""

    key: str
    value: Any


def added(key: str, value: Any) -> Addition:
    """Return the change for a new key whose default does not do what was done before."""
    return Addition(key, value)


def _with_dots(value: Any) -> Any:
    """Return "30..12" for "30>12", in a list too; what is no ramp stays as it is."""
    if isinstance(value, list):
        return [_with_dots(each) for each in value]
    try:
        return str(Ramp.of(value)) if isinstance(value, str) and ".." in str(Ramp.of(value)) else value
    except ValueError:
        return value


_RAMPS = (
    *(f"dream.{name}" for name in ("iterations", "step_size", "sigma_px", "blur_px")),
    "zoom.iterations_share",
)

_TARGETS_PRINTED = tuple(
    converted(f"{table}.{name}", partial(printed_anew, kind))
    for name, kind in Targets.kinds().items()
    for table in ("targets", f"dream.octave_targets{_EACH}")
)
"""Targets were kept as they were typed; now they are as `Target.entry` prints them."""

STEPS: Mapping[int, tuple[Change | Addition, ...]] = {
    1: (
        *_TARGETS_PRINTED,
        converted("dream.mask", region_printed_anew),
        *(converted(key, _with_dots) for key in _RAMPS),
        renamed("clip.flow.catch_up", "clip.flow.disocclusion_share"),
    ),
}
"""What leads from each version to the next. The last step is open until a release carries it."""


def schema_of(value: object, where: str, error: type[LucidreelError], advice: str) -> int:
    """Return the schema that a file states, `value`; None is the first one.

    Raises `error` where it is no version, or a newer one than this program knows; `advice` is the next step.
    """
    if value is None:
        return OLDEST
    if not isinstance(value, int) or isinstance(value, bool) or value < OLDEST:
        raise error(f"{where}: schema = {value!r} is no version of the settings' keys. {advice}")
    if value > SCHEMA:
        raise error(
            f"{where} was written by a newer lucidreel: its settings follow schema {value}, and this one "
            f"({__version__}) knows those up to {SCHEMA}. {advice}"
        )
    return value


def migrated(
    settings: Mapping[str, Any],
    schema: int | None,
    where: str,
    error: type[LucidreelError] = ConfigError,
) -> dict[str, Any]:
    """Return nested settings of a schema with today's keys.

    `schema` is None for a file that does not say. Raises `error` where a key is there under both its names.
    """
    tree: dict[str, Any] = deepcopy(dict(settings))
    for version in range(OLDEST if schema is None else schema, SCHEMA):
        for change in STEPS[version]:
            if isinstance(change, Change):
                if schema is not None or change.tells_its_age:
                    _move(tree, change.old.split("."), change, where, error)
            elif schema is not None and _at(tree, change.key.split(".")[:-1]) is not None:
                *path, name = change.key.split(".")
                _table(tree, path).setdefault(name, change.value)
    return tree


def _move(
    tree: dict[str, Any], old: list[str], change: Change, where: str, error: type[LucidreelError]
) -> None:
    """Take a value from its old key to its new one, in every table of a list that is on the way."""
    each = next((at for at, part in enumerate(old) if part.endswith(_EACH)), None)
    if each is not None:
        inner = _at(tree, [*old[:each], old[each].removesuffix(_EACH)])
        for table in inner if isinstance(inner, list) else ():
            if isinstance(table, dict):
                _move(table, old[each + 1 :], change, where, error)
        return
    *path, name = old
    parent = _at(tree, path)
    if not isinstance(parent, dict) or name not in parent:
        return
    value = parent.pop(name)
    if change.new is None:
        return
    *new_path, new_name = change.new.rpartition(f"{_EACH}.")[2].split(".")
    target = _table(tree, new_path)
    if new_name in target:
        raise error(f"{where}: {change.old} is the old name of {change.new}, and both are there. Keep one.")
    target[new_name] = change.convert(value)
    if path and not parent:  # the last key of a table that is gone
        _at(tree, path[:-1]).pop(path[-1])


def _at(tree: Any, path: list[str]) -> Any:
    """Return what lies at a path of keys, or None."""
    for part in path:
        if not isinstance(tree, dict) or part not in tree:
            return None
        tree = tree[part]
    return tree


def _table(tree: dict[str, Any], path: list[str]) -> dict[str, Any]:
    """Return the table at a path of keys, made where there is none."""
    for part in path:
        tree = tree.setdefault(part, {})
    return tree

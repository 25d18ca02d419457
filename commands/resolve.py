"""From preset or record and flags to the one validated Settings of a run.

Everything is a plain nested dict until the end: a preset's (or a record's) keys, then the flags' keys over
them, then one validation. A flag that names a target replaces all targets underneath: a preset's eyes do not
creep into a dream of `--class goldfish`.
"""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any, cast

from ..errors import ConfigError, UsageError
from ..presets.catalogue import find_preset, read_preset
from ..presets.layering import Tree, lay_over, with_schedule
from ..render.settings.records import Record, read_record, refuse_nameless
from ..render.settings.settings import Settings
from .given import Given, flag_name
from .run_options import SourceFlags

# Commands that can work on what another one's record names.
_SAME_INPUT = ({"render", "preview"}, {"still", "zoom"})


def resolve_settings(source: SourceFlags, given: Given) -> tuple[Settings, Record | None]:
    """Return the settings of a run, and the record it replays if `--config` named one.

    Raises UsageError for a value on the command line that makes no sense, alone or together with the rest;
    PresetError or ConfigError for a preset or record that does not hold together.
    """
    record = None
    base: Tree = {}
    if source.preset is not None and source.config is not None:
        raise UsageError(
            "--preset and --config exclude each other: a record already holds its preset's values."
        )
    if source.preset is not None:
        base = read_preset(source.preset)
    elif source.config is not None:
        record = read_record(source.config)
        base = record.settings.model_dump(mode="json", exclude_none=True)
    try:
        flags = given.tree()
        tree = lay_over(with_schedule(base, flags), flags)
        refuse_nameless(tree)
        settings = Settings.read(tree, "the command line", spoken=given.typed())
        _refuse_flags_without_effect(settings, given)
        return settings, record
    except ConfigError as failure:
        raise UsageError(str(failure)) from failure


def preset_facts(source: SourceFlags, record: Record | None) -> dict[str, str]:
    """Return what a record says of the preset its settings came from, directly or by way of another record.

    They are its name, or the full path of a file, and the BLAKE2b digest of its text.
    """
    if source.preset is not None:
        return find_preset(source.preset).origin
    kept = {} if record is None else record.extra
    return {key: kept[key] for key in ("preset", "preset_blake2") if key in kept}


def require_input(given: str | Path | None, record: Record | None, command: str, question: str) -> str:
    """Return what `command` works on: the word given, or what the record was made of.

    Raises UsageError with the question when there is neither, or when the record's is of another kind.
    """
    if given is None and record is not None and record.command is not None:
        kin = next((kin for kin in _SAME_INPUT if command in kin), {command})
        if record.command not in kin:
            raise UsageError(
                f"this is a record of `{record.command}`: {record.source} cannot be taken over. {question}"
            )
    word = given or (record.source if record is not None else None)
    if word is None:
        raise UsageError(question)
    return str(word)


def _refuse_flags_without_effect(settings: Settings, given: Given) -> None:
    """Raise UsageError for a flag that counts only together with another, which says otherwise."""
    for each in given.options:
        option = each.setting.option
        if option is None or option.only_with is None:
            continue
        key, value = option.only_with
        found: Any = reduce(getattr, key.split("."), cast(Any, settings))
        if found != value:
            other = flag_name(key)
            raise UsageError(
                f"{each.typed} has no effect with {other} {found}: it belongs to {other} {value}."
            )

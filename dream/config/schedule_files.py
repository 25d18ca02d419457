"""Schedules in files: JSON, TOML, or the list as it stands in deepdraw's notebook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import ConfigError, InputNotFoundError
from ...models.reading.files import MIB, FileKind
from ...models.reading.python_lists import read_python_list
from ...models.reading.tables import read_json, read_toml
from ..targets.targets import with_absolute_files
from .schedule import ScheduleConfig

_KEYS = ("schedule", "octaves")
_KIND = FileKind(
    "schedule",
    ConfigError,
    most_bytes=MIB // 4,
    missing=InputNotFoundError,
    advice="Write a list of tables, one per octave, coarsest first, as [[schedule]] in TOML or [{…}, {…}] in "
    "JSON.",
)


def read_schedule(path: Path) -> list[dict[str, Any]]:
    """Return the tables of a schedule's file, one per octave, coarsest first; what is in them is not checked.

    A .toml holds them as [[schedule]] (or [[dream.schedule]], as a preset does), a .json as a list or under
    "schedule" or "octaves". Any other text is read as Python (`python_lists`). Raises InputNotFoundError or
    ConfigError.
    """
    tables = _unwrapped(_parsed(path))
    if not isinstance(tables, list) or not tables or not all(isinstance(each, dict) for each in tables):
        raise _KIND.fault(path, "it holds no list of tables")
    return tables


def read_schedule_flag(text: str) -> list[dict[str, Any]]:
    """Return the tables of the schedule's file that a command line names, files in them as full paths.

    Raises InputNotFoundError, or ConfigError for one that holds no schedule, or a wrong one, with its name.
    """
    path = Path(text)
    tables = read_schedule(path)
    folder = path.absolute().parent
    full = [
        {**table, "targets": with_absolute_files(table["targets"], folder)}
        if isinstance(table.get("targets"), Mapping)
        else table
        for table in tables
    ]
    ScheduleConfig.read({"schedule": full}, text)
    return full


def _parsed(path: Path) -> Any:
    match path.suffix.lower():
        case ".toml":
            return read_toml(path, _KIND)
        case ".json":
            return read_json(path, _KIND)
    return read_python_list(path, _KIND)


def _unwrapped(value: Any) -> Any:
    """Return the list inside {"schedule": […]}, {"octaves": […]} or {"dream": {"schedule": […]}}."""
    if isinstance(value, dict):
        inner = value.get("dream", value)
        if isinstance(inner, dict):
            return next((inner[key] for key in _KEYS if key in inner), None)
    return value

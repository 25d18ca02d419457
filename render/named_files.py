"""The files that settings name (maps, guides, files of classes): which they are, and their full paths.

What stands in a preset means files beside that preset, wherever the program is started; and a record made of
it is good from any folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..dream.maps import maps_wanted
from ..dream.targets.syntax import (
    anchored,
    anchored_map,
    is_class_file,
    is_map_file,
    split_guide,
    split_map,
    split_owner,
)
from .settings import Settings


def named_files(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield what each file is in an error ("the guide"), and its path as it is written in the settings."""
    for name in maps_wanted(settings.targets, settings.dream):
        if is_map_file(name):
            yield "the map", name.removeprefix("!")
    for targets in (settings.targets, *settings.dream.octave_targets):
        yield from (("the guide", split_guide(word)[0]) for word in targets.guides)
        words = (split_owner(split_map(word)[0])[1] for word in (*targets.classes, *targets.palette))
        yield from (("the file of classes", word) for word in words if is_class_file(word))


def with_full_paths(settings: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return valid settings, as nested tables, with files as full paths, relative ones from `folder`."""
    full = dict(settings)
    if "targets" in full:
        full["targets"] = anchored(full["targets"], folder)
    if "dream" in full:
        full["dream"] = _dream(full["dream"], folder)
    return full


def _dream(dream: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    full = dict(dream)
    if full.get("mask"):
        full["mask"] = anchored_map(full["mask"], folder)
    if "octave_targets" in full:
        full["octave_targets"] = [anchored(each, folder) for each in full["octave_targets"]]
    if "schedule" in full:
        full["schedule"] = [
            {**table, "targets": anchored(table["targets"], folder)} if "targets" in table else table
            for table in full["schedule"]
        ]
    return full

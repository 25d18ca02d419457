"""The files that settings name (maps, guides, files of classes): which they are, and their absolute paths.

What stands in a preset means files beside that preset, wherever the program is started; and a record made of
it is good from any folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...dream.maps import regions_wanted
from ...dream.targets.files import NamedFile
from ...dream.targets.regions import RegionFile, read_region
from ...dream.targets.targets import with_absolute_files
from ...errors import ConfigError
from .settings import Settings


def named_files(settings: Settings) -> Iterator[NamedFile]:
    """Yield every file that settings name, maps first."""
    for region in regions_wanted(settings.targets, settings.dream):
        if isinstance(region, RegionFile):
            yield NamedFile("the map", region.path)
    for targets in (settings.targets, *settings.dream.octave_targets):
        for target in targets.all:
            yield from target.own_files


def with_absolute_paths(
    settings: Mapping[str, Any], folder: Path, where: str, error: type[ConfigError] = ConfigError
) -> dict[str, Any]:
    """Return settings, as nested tables, with files as absolute paths, relative ones from a folder.

    What is no table is left for whoever checks it. Raises `error`, which says `where`, for a target or a map
    that cannot be read, and for a program to run.
    """
    full = dict(settings)
    if (program := full.get("caffe_python")) is not None:
        raise error(
            f"{where}: caffe_python = {program!r} is a program to run, and none is taken from a file, which "
            "may be anybody's. Leave it out, and say --caffe-python, or name it in LUCIDREEL_CAFFE_PYTHON."
        )
    try:
        if isinstance(full.get("targets"), Mapping):
            full["targets"] = with_absolute_files(full["targets"], folder)
        if isinstance(full.get("dream"), Mapping):
            full["dream"] = _dream(full["dream"], folder)
    except ConfigError as failure:
        raise error(f"{where}: {failure}") from None
    return full


def _dream(dream: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    full = dict(dream)
    if isinstance(full.get("mask"), str):
        full["mask"] = read_region(full["mask"]).absolute(folder).name
    if isinstance(full.get("octave_targets"), list):
        full["octave_targets"] = [_targets(each, folder) for each in full["octave_targets"]]
    if isinstance(full.get("schedule"), list):
        full["schedule"] = [
            {**table, "targets": _targets(table["targets"], folder)}
            if isinstance(table, Mapping) and "targets" in table
            else table
            for table in full["schedule"]
        ]
    return full


def _targets(tables: Any, folder: Path) -> Any:
    return with_absolute_files(tables, folder) if isinstance(tables, Mapping) else tables

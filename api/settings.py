"""Keywords of a Python call, laid over a preset: the same settings by the same names.

    render(…, preset="lucid", strength=…)        a setting by its name alone
    render(…, clip={"carry": "none"})            or in its table, as a preset has it
    render(…, classes={"goldfish": 1})           what to dream of; targets={…} is the same
    render(…, config="dream.mp4.toml")           all of a record beside a film

A name alone belongs to the first table in which it is found: a setting of the picture's dream before one of
the film.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel

from ..errors import ConfigError, suggestion
from ..models.backend import BackendName
from ..models.network import Network
from ..models.zoo.registry import load_network
from ..presets.catalogue import read_preset
from ..presets.layering import Tree, lay_over, with_schedule
from ..render.settings.records import read_record
from ..render.settings.settings import Settings

AnyNetwork: TypeAlias = "str | os.PathLike[str] | Network"
"""A network that is loaded, its name (`lucidreel models list`), or the folder of one."""

FILM = ("targets", "dream", "clip", "output", "clip.flow")
FLIGHT = ("targets", "dream", "zoom", "output")
PICTURE = ("targets", "dream", "clip", "clip.flow")


def settings_of(
    given: Mapping[str, Any],
    tables: Sequence[str],
    *,
    where: str,
    preset: str | os.PathLike[str] | None = None,
    config: str | os.PathLike[str] | None = None,
    network: AnyNetwork | Sequence[AnyNetwork] | None = None,
) -> Settings:
    """Return what a call's keywords ask for, over a preset or a record.

    `tables` are those of `Settings` in which a name alone is looked for, in that order; `network` is what is
    loaded already. Raises PresetError or ConfigError.
    """
    if preset is not None and config is not None:
        raise ConfigError("preset and config exclude each other: a record already holds its preset's values.")
    base: Tree = {}
    if preset is not None:
        base = read_preset(os.fspath(preset))
    elif config is not None:
        base = read_record(Path(config)).settings.model_dump(mode="json", exclude_none=True)
    over: Tree = {}
    for name, value in given.items():
        _placed(over, name, _plain(value), tables, where)
    if network is not None:
        names = [each if isinstance(each, str) else each.name for each in several(network)]
        loaded = {each.backend for each in several(network) if not isinstance(each, str)}
        over = {"model": names, **({"backend": min(loaded)} if loaded else {}), **over}
    return Settings.read(lay_over(with_schedule(base, over), over), where)


def loaded_networks(
    network: AnyNetwork | Sequence[AnyNetwork] | None, settings: Settings
) -> Sequence[Network] | None:
    """Return the networks that a call gives; None where it only names them, and the run loads them itself."""
    given = [] if network is None else several(network)
    if all(isinstance(each, str) for each in given):
        return None
    return loaded_all(given, settings.backend, settings.caffe_python)


def loaded_all(
    given: Sequence[str | Network], backend: BackendName, caffe_python: str | Path | None
) -> list[Network]:
    """Return networks of which some are named, and run in a backend then."""
    return [
        load_network(each, backend=backend, caffe_python=caffe_python) if isinstance(each, str) else each
        for each in given
    ]


def several(network: AnyNetwork | Sequence[AnyNetwork]) -> Sequence[str | Network]:
    """Return one network or many as a list, names and folders as text."""
    given = network if isinstance(network, Sequence) and not isinstance(network, str) else [network]
    return [os.fspath(each) if isinstance(each, os.PathLike) else each for each in given]


def _placed(tree: Tree, name: str, value: Any, tables: Sequence[str], where: str) -> None:
    """Put a keyword's value where it belongs. Raises ConfigError for a name that no table has."""
    table = next((each for each in ("", *tables) if name in _fields(each)), None)
    if table is None:
        known = sorted({field for each in ("", *tables) for field in _fields(each)})
        raise ConfigError(f"{where}: there is no setting {name!r}.{suggestion(name, known)}")
    branch = tree
    for part in table.split(".") if table else ():
        branch = branch.setdefault(part, {})
    if isinstance(value, dict) and isinstance(branch.get(name), dict):
        value = lay_over(branch[name], value)
    branch[name] = value


def _fields(table: str) -> Mapping[str, Any]:
    """Return the fields of a table of `Settings`; "" is the top."""
    kind: Any = Settings
    for part in table.split(".") if table else ():
        kind = kind.model_fields[part].annotation
    fields: Mapping[str, Any] = kind.model_fields
    return fields


def _plain(value: Any) -> Any:
    """Return a value as a preset has it: tables as dicts, paths as text."""
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_unset=True)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return value

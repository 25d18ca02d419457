"""The record beside every result: what was run, on what, with which settings, ready to be run again.

[record]                        what, when read back, tells the story
lucidreel = "0.1.0"
schema = 2                      which keys the settings have: see `migration`
command = "render"
source = "harbour.mp4"
[targets.classes] …             the complete settings, in the shape of a preset

A source whose name is not UTF-8 is written as a URI ("file:///clips/caf%E9.mp4"): TOML holds text alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import tomli_w

from ... import __version__
from ...errors import ConfigError, InputNotFoundError, OutputError
from ...models.reading.files import MIB, FileKind
from ...models.reading.tables import read_toml
from ..files.atomic import write_text
from .migration import SCHEMA, migrated, schema_of
from .named_files import with_absolute_paths
from .settings import Settings

_TABLE = "record"
_URI = "file://"
_UPDATE = "Update lucidreel, or say the settings anew."
_KIND = FileKind(
    "configuration",
    ConfigError,
    most_bytes=4 * MIB,
    missing=InputNotFoundError,
    advice="Name the .toml file beside a result, or one with the keys of a preset.",
)


@dataclass(frozen=True)
class Record:
    """A record read back. `command` and `source` are None in a settings file that no run has written."""

    command: str | None
    source: str | None
    settings: Settings
    extra: Mapping[str, str] = field(default_factory=dict)


def record_path(output: Path) -> Path:
    """Return where the record of `output` goes: "film.mp4" has "film.mp4.toml" beside it."""
    return output.with_name(f"{output.name}.toml")


def write_record(
    output: Path, command: str, source: str | None, settings: Settings, extra: Mapping[str, str] | None = None
) -> Path:
    """Write the record of a result beside it and return its path. Raises OutputError."""
    return place_record(output, record_text(output, command, source, settings, extra))


def record_text(
    output: Path, command: str, source: str | None, settings: Settings, extra: Mapping[str, str] | None = None
) -> str:
    """Return the record of a result as a file; `extra` is told in its [record] too."""
    facts = {"lucidreel": __version__, "schema": SCHEMA, "command": command}
    if source is not None:
        facts["source"] = source if is_text(source) else Path(source).as_uri()
    told = settings.model_dump(mode="json", exclude_none=True, exclude={"caffe_python"})  # never read back
    table = {**told, _TABLE: {**facts, **(extra or {})}}
    name = _on_a_line(record_path(output).name)
    return f"# Replay: lucidreel {command} … --config {name}\n{tomli_w.dumps(table)}"


def place_record(output: Path, text: str) -> Path:
    """Write a record's text beside its result and return its path. Raises OutputError."""
    path = record_path(output)
    refuse_foreign_record(output)
    write_text(path, text, overwrite=path.exists())
    return path


def refuse_foreign_record(output: Path) -> None:
    """Raise OutputError where the record's name is taken by something that lucidreel has not written.

    An older record is replaced: it tells of an output that is replaced, or gone.
    """
    path = record_path(output)
    if os.path.lexists(path) and not _is_record(path):
        raise OutputError(
            f"{path} is no record of lucidreel's, and the record of {output.name} would take its place. Move "
            "it away, or name another output."
        )


def _is_record(path: Path) -> bool:
    """Tell whether a file is a record that some version of lucidreel has written."""
    try:
        facts = read_toml(path, _KIND).get(_TABLE)
    except (ConfigError, InputNotFoundError):
        return False
    return isinstance(facts, dict) and "lucidreel" in facts


def refuse_nameless(settings: Mapping[str, Any]) -> None:
    """Raise ConfigError where nested settings name a file by bytes that are no text, as no record can."""
    for word in _words(settings):
        if not is_text(word):
            raise ConfigError(
                f"{word!r} is not UTF-8, and the record of a result could not name it. Rename the file or "
                "its folder, or make a link to it under another name."
            )


def is_text(word: str) -> bool:
    """Tell whether a word is text; a file's name may be any bytes, which Python keeps as half characters."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _words(key)
            yield from _words(inner)
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _words(inner)


def _on_a_line(name: str) -> str:
    """Return a name as a comment can hold it."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in name)


def read_record(path: Path) -> Record:
    """Read a record, or a plain settings file, of this schema or an older one.

    Raises InputNotFoundError or ConfigError.
    """
    table: dict[str, Any] = read_toml(path, _KIND)
    facts = table.pop(_TABLE, None)
    if not isinstance(facts, dict | None):
        raise ConfigError(f"{path.name}: [{_TABLE}] must be a table, not {facts!r}.")
    schema = None if facts is None else schema_of(facts.pop("schema", None), path.name, ConfigError, _UPDATE)
    facts = {key: str(value) for key, value in (facts or {}).items()}
    command, source = facts.pop("command", None), facts.pop("source", None)
    if source is not None and source.startswith(_URI):
        source = os.fsdecode(unquote_to_bytes(source.removeprefix(_URI)))
    today = migrated(table, schema, path.name)
    full = with_absolute_paths(today, path.absolute().parent, path.name)
    return Record(command, source, Settings.read(full, path.name), facts)

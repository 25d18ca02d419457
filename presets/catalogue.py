"""The looks: TOML files in this folder, found by name, or anyone's own file found by path.

A preset is `render.settings.Settings` with only some of the keys. Its first line is a comment that says in
one sentence what the look is; `lucidreel presets list` prints it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import PresetError, suggestion
from ..models.reading.files import FileKind, is_file, read_text
from ..models.reading.tables import parse_toml

FOLDER = Path(__file__).parent
_KIND = FileKind("preset", PresetError, advice="`lucidreel presets show lucid` prints one to start from.")


@dataclass(frozen=True)
class Preset:
    """A look that can be asked for by name."""

    name: str
    path: Path

    @property
    def is_known(self) -> bool:
        """Whether it is one of those that ship with lucidreel."""
        return self.path.parent == FOLDER

    @property
    def text(self) -> str:
        """The file as written, comments included. Raises PresetError."""
        return read_text(self.path, _KIND)

    @property
    def description(self) -> str:
        """The sentence on the file's first line."""
        return self.text.partition("\n")[0].removeprefix("#").strip()

    @property
    def origin(self) -> dict[str, str]:
        """What a record says of it: its name, or its file's full path, and the BLAKE2b digest of its text."""
        from ..render.settings.records import is_text  # heavy, and a list of names needs it not

        word = self.name if self.is_known else str(self.path.resolve())
        digest = hashlib.blake2b(self.text.encode(), digest_size=16).hexdigest()
        return {"preset": word if is_text(word) else Path(word).as_uri(), "preset_blake2": digest}


def list_presets() -> tuple[Preset, ...]:
    """Return the presets that ship with lucidreel, by name."""
    return tuple(Preset(path.stem, path) for path in sorted(FOLDER.glob("*.toml")))


def find_preset(name_or_path: str) -> Preset:
    """Return the preset of that name, or the file at that path.

    Raises PresetError offering the nearest names.
    """
    known = {preset.name: preset for preset in list_presets()}
    if name_or_path in known:
        return known[name_or_path]
    path = Path(name_or_path)
    if path.suffix.lower() == ".toml" and is_file(path):
        return Preset(path.stem, path)
    if path.suffix.lower() == ".toml":
        raise PresetError(f"no preset file {name_or_path!r}; presets by name: {', '.join(known)}.")
    raise PresetError(
        f"no preset {name_or_path!r}.{suggestion(name_or_path, known)} "
        f"Presets: {', '.join(known)}; or the path of a .toml file."
    )


def read_preset(name_or_path: str) -> dict[str, Any]:
    """Return a preset's keys as plain nested dicts, known to be valid settings, files in it as full paths.

    Keys by which an older version knew a setting are understood.

    Raises PresetError for an unknown preset, a file that is not TOML, an unknown key or a value out of range.
    """
    from ..render.settings.migration import migrated
    from ..render.settings.named_files import (
        with_absolute_paths,  # these are heavy, and a list of names needs neither
    )
    from ..render.settings.settings import Settings

    preset = find_preset(name_or_path)
    where = f"preset {name_or_path}"
    data = migrated(parse_toml(preset.text, preset.path, _KIND), None, where, PresetError)
    full = with_absolute_paths(data, preset.path.absolute().parent, where, PresetError)
    Settings.read(full, where, PresetError)
    return full

"""How targets are written: what is behind the "@", and which words are files.

    goldfish@water.png      a class, and the map of where it lives
    sea.json@!dark          a file of classes, and a map computed from the frame, inverted
    bees.jpg@fire8/concat   a guide picture, and the layer that is compared
    fire8/concat:12@0.2,0.7 a neuron, and its place

A word is a file when it ends like one (".png", ".json"). Files are kept as full paths once they have been
read from a command line or a preset: a record of them is good from any folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,7}")
CLASS_FILES = (".json", ".toml")
STRENGTHS = ("strongest", "weakest", "average")
MAP_FORMS = "write TARGET@MAP, such as goldfish@water.png or goldfish@luminance."


def split_map(word: str) -> tuple[str, str]:
    """Return a target and its map's name: "goldfish@water.png" is ("goldfish", "water.png"), "" is no map."""
    target, at, name = word.partition("@")
    return target.strip(), name.strip() if at else ""


def split_guide(word: str) -> tuple[str, str, str]:
    """Return (file, layer, map) of "file", "file@layer" or "file@layer@map"; "" where there is none.

    The file ends where it first looks like one, since folders and files may hold "@" themselves.
    """
    parts = word.split("@")
    paths = ["@".join(parts[:count]) for count in range(1, len(parts) + 1)]
    path = next((path for path in paths if _SUFFIX.fullmatch(Path(path).suffix)), parts[0])
    layer, _, where = word[len(path) + 1 :].partition("@")
    return path.strip(), layer.strip(), where.strip()


def is_class_file(word: str) -> bool:
    """Tell whether a class target is a file of classes."""
    return word.lower().endswith(CLASS_FILES)


def is_map_file(name: str) -> bool:
    """Tell whether a map's name is a file's rather than a word such as "luminance" or "band:0-0.33"."""
    return _SUFFIX.fullmatch(Path(name.removeprefix("!")).suffix) is not None


def anchored(targets: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the tables of `Targets` with every file in them as a full path, relative ones from `folder`."""
    return {
        kind: {_anchored_word(kind, word, folder): weight for word, weight in table.items()}
        if isinstance(table, Mapping)
        else table
        for kind, table in targets.items()
    }


def _anchored_word(kind: str, word: str, folder: Path) -> str:
    if kind == "neurons" or word.endswith("@"):  # whoever looks the word up complains of a lone "@"
        return word
    if kind == "guides":
        path, layer, where = split_guide(word)
        parts = [_full(path, folder), layer, anchored_map(where, folder)]
    else:
        target, where = split_map(word)
        parts = [_full(target, folder) if is_class_file(target) else target, anchored_map(where, folder)]
    while not parts[-1]:
        parts.pop()
    return "@".join(parts)


def anchored_map(name: str, folder: Path) -> str:
    """Return a map's name with its file, if it is one, as a full path, relative ones from `folder`."""
    if not is_map_file(name):
        return name
    inverse = "!" if name.startswith("!") else ""
    return inverse + _full(name.removeprefix("!"), folder)


def _full(path: str, folder: Path) -> str:
    return str((folder / Path(path).expanduser()).resolve())

"""Files of classes: a group that belongs together, named once and dreamt of together.

    ["goldfish", "great white shark", 107]              a JSON list
    {"goldfish": 1.0, "jellyfish": -0.5}                a JSON table: weights by class
    {"1": 1, "2": -1}                                   spikelynch/deepdream's class files: weights by number
    {"target": {"1": 1.0}, "model": "googlenet", …}     the record that program leaves beside its pictures,
    {"target": "1,107", "weight": -0.5, …}              which neuralgae writes and reads too
    classes = ["goldfish", "0-20"]                      TOML, with a list, or a [classes] table of weights

Classes are written as everywhere: names, wnids, numbers, ranges, "random:3". Files in files are not followed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import ConfigError, InputNotFoundError
from ...models.reading.files import MIB, FileKind
from ...models.reading.tables import read_json, read_toml
from .classes import Classes, draws_apart, read_classes
from .files import is_class_file
from .syntax import AND, name_in, parts

_LARGEST_WEIGHT = 1000.0
_FORMS = 'write a list, ["goldfish", "0-20"], or weights by class, {"goldfish": 1.0, "shark": -0.5}'
_KIND = FileKind(
    "file of classes",
    ConfigError,
    most_bytes=MIB // 2,
    missing=InputNotFoundError,
    advice=f"{_FORMS[:1].upper()}{_FORMS[1:]}.",
)


def read_class_file(path: Path) -> list[tuple[Classes, float]]:
    """Return the classes of a .json or .toml file with their weights.

    Raises InputNotFoundError when there is no such file, ConfigError when it does not hold classes.
    """
    data = (read_toml if path.suffix.lower() == ".toml" else read_json)(path, _KIND)
    if isinstance(data, dict):
        whole, data = data, next((data[key] for key in ("classes", "target") if key in data), data)
        if isinstance(data, str):  # there, one weight for all of them stands beside it; null and 0 mean 1
            data = {data: whole.get("weight") or 1.0}
    if isinstance(data, str):
        data = [data]
    if isinstance(data, list):
        entries = _counted(path, data)
    elif isinstance(data, Mapping):
        entries = [(_classes(path, str(word)), _weight(path, str(word), each)) for word, each in data.items()]
    else:
        raise ConfigError(f"{path.name} holds no classes: {_FORMS}.")
    named = [(classes, weight) for classes, weight in entries if str(classes).strip(", ")]
    if not named:
        raise ConfigError(f"{path.name} names no class: {_FORMS}.")
    return named


def _counted(path: Path, words: list[Any]) -> list[tuple[Classes, float]]:
    """Return how often each entry of a list is named; "random:1" named again is another draw."""
    for word in words:
        if isinstance(word, bool) or not isinstance(word, str | int):
            raise ConfigError(f"{path.name}: {word!r} is not a class: {_FORMS}.")
    named = draws_apart(_classes(path, str(word)) for word in words)
    return [(classes, float(times)) for classes, times in Counter(named).items()]


def _classes(path: Path, word: str) -> Classes:
    names = [name_in(part) for part in parts(word, AND)]
    if nested := next((name for name in names if is_class_file(name)), None):
        raise ConfigError(f"{path.name} names another file of classes, {nested}: name both on their own.")
    return read_classes(word)


def _weight(path: Path, word: str, weight: object) -> float:
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise ConfigError(f"{path.name}: {word!r} has no number for a weight: {_FORMS}.")
    if not (math.isfinite(weight) and abs(weight) <= _LARGEST_WEIGHT):
        raise ConfigError(f"{path.name}: {word!r} weighs {weight}; weights go from -1000 to 1000.")
    return float(weight)

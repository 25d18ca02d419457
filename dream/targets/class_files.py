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
from .syntax import lots_apart

_LARGEST_WEIGHT = 1000.0
_FORMS = 'write a list, ["goldfish", "0-20"], or weights by class, {"goldfish": 1.0, "shark": -0.5}'
_KIND = FileKind(
    "file of classes",
    ConfigError,
    most_bytes=MIB // 2,
    missing=InputNotFoundError,
    advice=f"{_FORMS[:1].upper()}{_FORMS[1:]}.",
)


def read_class_file(path: Path) -> dict[str, float]:
    """Return the weights by class, as written, of a .json or .toml file.

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
        data = _counted(path, data)
    if not isinstance(data, Mapping):
        raise ConfigError(f"{path.name} holds no classes: {_FORMS}.")
    weights = {str(word): _weight(path, str(word), weight) for word, weight in data.items()}
    if not any(word.strip(", ") for word in weights):
        raise ConfigError(f"{path.name} names no class: {_FORMS}.")
    return weights


def _counted(path: Path, words: list[Any]) -> dict[str, int]:
    """Return how often each class is named in a list; "random:1" named again is another lot."""
    for word in words:
        if isinstance(word, bool) or not isinstance(word, str | int):
            raise ConfigError(f"{path.name}: {word!r} is not a class: {_FORMS}.")
    return Counter(lots_apart(str(word) for word in words))


def _weight(path: Path, word: str, weight: object) -> float:
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise ConfigError(f"{path.name}: {word!r} has no number for a weight: {_FORMS}.")
    if not (math.isfinite(weight) and abs(weight) <= _LARGEST_WEIGHT):
        raise ConfigError(f"{path.name}: {word!r} weighs {weight}; weights go from -1000 to 1000.")
    return float(weight)

"""Which networks dream, as people write them: one, or several that dream together, each with its weight.

    bestiary                         one network
    bestiary, ~/nets/squeezenet      two, of which each has half of every step
    bestiary, ~/nets/squeezenet=0.5  the second with half of the first one's push

A folder whose own name ends like a weight ("nets/tuned=2") is taken as a whole where it is there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import ModelFileError
from ..reading.files import is_folder
from .registry import find_network, list_networks

MOST_NETWORKS = 8
_MOST_WEIGHT = 1000.0
_WEIGHED = re.compile(r"(.+)=\s*([+-]?(?:[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9}))\s*", re.DOTALL)


@dataclass(frozen=True)
class Choice:
    """One of the networks that dream: its name or folder, and how hard it pushes beside the others."""

    name: str
    weight: float = 1.0


def read_choices(words: Sequence[str]) -> tuple[Choice, ...]:
    """Return the networks that words such as "bestiary" and "nets/mine=0.5" name.

    Raises ValueError for none or too many of them, one that is named twice, and weights that are none.
    """
    if not words:
        raise ValueError("model names no network: name one, or several")
    if len(words) > MOST_NETWORKS:
        raise ValueError(f"{len(words)} networks: at most {MOST_NETWORKS} dream together. Leave some out")
    choices = (Choice(words[0]),) if len(words) == 1 else tuple(_read(word) for word in words)
    names = [choice.name for choice in choices]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(_named_twice(twice))
    return choices


def choices_in_full(words: Sequence[str]) -> str | list[str]:
    """Return a network, or several, as settings name them: folders, seen from the current one, in full."""
    if len(words) == 1:
        return folder_in_full(words[0])
    full = []
    for word in words:
        match = _WEIGHED.fullmatch(word)
        if match is not None and folder_in_full(word) == word:
            full.append(f"{folder_in_full(match[1])}={match[2]}")
        else:
            full.append(folder_in_full(word))
    return full


def folder_in_full(word: str) -> str:
    """Return a folder's path in full, so that a record of it is good from anywhere; a name stays a name.

    As everywhere, the name of a known network wins over a folder of that name in the current directory.
    Raises ValueError for a word that cannot be a path.
    """
    try:
        there = Path(word).is_dir()
    except OSError as failure:
        raise ValueError(f"{word!r} cannot be a path ({failure.strerror})") from failure
    if not there or any(entry.name == word for entry in list_networks()):
        return word
    return str(Path(word).resolve())


def refuse_the_same(choices: Sequence[Choice]) -> None:
    """Raise ModelFileError where two words mean one network: a name, and the folder that it stands for."""
    found: dict[str, str] = {}
    for choice in choices:
        before = found.setdefault(find_network(choice.name).identity, choice.name)
        if before != choice.name:
            raise ModelFileError(f"{before} and {choice.name} are the same network: {_named_twice(before)}.")


def _read(word: str) -> Choice:
    match = None if is_folder(Path(word)) else _WEIGHED.fullmatch(word)
    if match is None:
        return Choice(word)
    weight = float(match[2])
    if not 0 < weight <= _MOST_WEIGHT:
        raise ValueError(
            f"{word!r}: a network's weight is above 0, up to {_MOST_WEIGHT:g}. To have one push a "
            f"class away, write --class {Path(match[1]).name}::NAME=-1"
        )
    return Choice(match[1].strip(), weight)


def _named_twice(name: str) -> str:
    return f"network {name!r} is named twice. Leave one out; to have it push twice as hard, write {name}=2"

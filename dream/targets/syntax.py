"""How targets are written: what is behind the "@", and which words are files.

    goldfish@water.png      a class, and the map of where it lives
    sea.json@!dark          a file of classes, and a map computed from the frame, inverted
    bees.jpg@fire8/concat   a guide picture, and the layer that is compared
    fire8/concat:12@0.2,0.7 a neuron, and its place
    bestiary::eye           a class, or a layer, of one of several networks

A name that holds one of these signs is taken as a whole where the file is there, or where what follows cannot
be anything else ("a=b.png", "a@b.png", "a:b.png").

A word is a file when it ends like one (".png", ".json"). Files are kept as full paths once they have been
read from a command line or a preset: a record of them is good from any folder. Files of classes stand alone,
never in a list with commas: a folder's name may hold a comma.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ...errors import ConfigError

_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,7}")
_LOT = re.compile(r"\s*(random:[0-9]{1,9})\s*([@=].*)?", re.DOTALL)
_OTHER_WEIGHT = re.compile(r"(.*[^\s:*x+-])(?:\s*[:*x]\s*|\s+)([+-]?[0-9]{0,9}\.?[0-9]{1,9})")
_FLAGS = {"classes": "--class", "palette": "--palette"}
OF = "::"
"""What stands between a network's name and the target that is its own."""
CLASS_FILES = (".json", ".toml")
LONGEST_WORD = 10_000
"""The most letters of one target: all classes of ImageNet by their ids. More fit into a file."""
STRENGTHS = ("strongest", "weakest", "average")
MAP_FORMS = "write TARGET@MAP, such as goldfish@water.png or goldfish@luminance."


def weight_advice(word: str) -> str:
    """Return " Write goldfish=0.5 …" for a name that ends like a weight ("goldfish:0.5"), or ""."""
    match = _OTHER_WEIGHT.fullmatch(word)
    return f" A weight follows an equals sign: {match[1]}={match[2]}." if match else ""


def split_map(word: str, folder: Path = Path()) -> tuple[str, str]:
    """Return a target and its map's name: "goldfish@water.png" is ("goldfish", "water.png"), "" is no map.

    A file of classes may hold "@" itself: the longest one that is there, from `folder`, counts.
    """
    named = [path for path in _beginnings(word) if is_class_file(path) and _is_there(path, folder)]
    target = named[-1] if named else word.partition("@")[0]
    return target.strip(), word[len(target) + 1 :].strip()


def split_owner(word: str, folder: Path = Path()) -> tuple[str, str]:
    """Return (network, target) of "bestiary::eye"; ("", word) for a target that names no network.

    A network is called by its name or its folder's last one, never by a path; a file of that name that is
    there, from `folder`, is a file.
    """
    owner, sign, target = word.partition(OF)
    if (
        not sign
        or not owner.strip()
        or re.search(r"[/\\@=]", owner)
        or _is_there(word.partition("@")[0], folder)
    ):
        return "", word
    return owner.strip(), target.strip()


def with_owner(owner: str, target: str) -> str:
    """Return the word that `split_owner` takes apart."""
    return f"{owner}{OF}{target}" if owner else target


def split_guide(word: str, folder: Path = Path()) -> tuple[str, str, str]:
    """Return (file, layer, map) of "file", "file@layer" or "file@layer@map"; "" where there is none.

    Folders and files may hold "@" themselves: the file is the longest one that is there, from `folder`, or
    ends where it first looks like one.
    """
    paths = [path for path in _beginnings(word) if _SUFFIX.fullmatch(Path(path).suffix)]
    there = [path for path in paths[1:] if _is_there(path, folder)]
    path = there[-1] if there else paths[0] if paths else word.partition("@")[0]
    layer, _, where = word[len(path) + 1 :].partition("@")
    return path.strip(), layer.strip(), where.strip()


def _beginnings(word: str) -> Iterator[str]:
    """Yield "a", "a@b", "a@b@c" of "a@b@c"."""
    yield from (word[: at.start()] for at in re.finditer("@", word))
    yield word


def _is_there(path: str, folder: Path) -> bool:
    try:
        return (folder / Path(path.strip()).expanduser()).is_file()
    except (OSError, RuntimeError, ValueError):  # too long for a name, nobody's "~home"
        return False


def is_class_file(word: str) -> bool:
    """Tell whether a class target is a file of classes."""
    return word.lower().endswith(CLASS_FILES)


def refuse_file_in_list(word: str, folder: Path = Path(), flag: str = "--class") -> None:
    """Raise ConfigError for a list with a file of classes in it ("eye,sea.json"), telling what to write.

    A file's own name or folder may hold commas: what is there, from `folder`, is no list.
    """
    parts = [part.strip() for part in word.split(",")]
    files = [part for part in parts if is_class_file(part)]
    if len(parts) == 1 or not files or (is_class_file(word) and _is_path(word, folder)):
        return
    rest = ",".join(part for part in parts if part and part not in files)
    words = " ".join(f"{flag} {shlex.quote(each)}" for each in [*files, rest] if each)
    raise ConfigError(f"{word!r}: a file of classes cannot stand in a list. Repeat {flag}: {words}.")


def _is_path(word: str, folder: Path) -> bool:
    """Tell whether a name with commas is a file's, or at least one that would lie in a folder that exists."""
    try:
        path = folder / Path(word).expanduser()
        return path.is_file() or ("," not in path.name and path.parent.is_dir())
    except (OSError, RuntimeError):  # too long for a name, nobody's "~home"
        return False


def lots_apart(texts: Iterable[str]) -> list[str]:
    """Return words of targets with lots that come again numbered: "random:2" twice ends in "random:2#2".

    So each is an entry of its own, with its own weight and map, and draws other classes.
    """
    apart: list[str] = []
    times: Counter[str] = Counter()
    for text in texts:
        if match := _LOT.fullmatch(text):
            times[match[1]] += 1
            number = f"#{times[match[1]]}" if times[match[1]] > 1 else ""
            text = match[1] + number + (match[2] or "")
        apart.append(text)
    return apart


def is_map_file(name: str) -> bool:
    """Tell whether a map's name is a file's rather than a word such as "luminance" or "band:0-0.33"."""
    return _SUFFIX.fullmatch(Path(name.removeprefix("!")).suffix) is not None


def anchored(targets: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the tables of `Targets` with every file in them as a full path, relative ones from `folder`.

    Raises ConfigError for a file of classes in a list.
    """
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
        path, layer, where = split_guide(word, folder)
        parts = [_full(path, folder), layer, anchored_map(where, folder)]
    else:
        owner, word = split_owner(word, folder)
        target, where = split_map(word, folder)
        if kind in _FLAGS:
            refuse_file_in_list(target, folder, _FLAGS[kind])
        target = _full(target, folder) if is_class_file(target) else target
        parts = [with_owner(owner, target), anchored_map(where, folder)]
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
    try:
        whole = folder / Path(path).expanduser()
        return str(whole.parent.resolve() / whole.name)  # a link keeps its name, whose ending says what it is
    except (OSError, RuntimeError):  # nobody's "~home", links in a circle: whoever opens it complains
        return str(folder / path)

"""Which names are files: they end like one (".png", ".json"), or they are there.

    a@b.json@dark           the file of classes a@b.json where it is there, else the class "a"
    a@b/bees.jpg@conv1      a guide ends where it first looks like a file, or is the longest one that is there

A folder is where relative names are looked for; without one, nothing is looked for at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .syntax import AT, beginnings, cut, name_in

CLASS_FILES = (".json", ".toml")
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,7}")


@dataclass(frozen=True)
class NamedFile:
    """A file that a target names: what it is in an error ("the guide"), and its path."""

    what: str
    path: str


def ends_like_a_file(name: str) -> bool:
    """Tell whether a name has a file's ending."""
    return _SUFFIX.fullmatch(Path(name).suffix) is not None


def is_class_file(name: str) -> bool:
    """Tell whether a class target is a file of classes."""
    return name.lower().endswith(CLASS_FILES)


def is_there(path: str, folder: Path | None) -> bool:
    """Tell whether a file is there, a relative one from a folder."""
    try:
        return folder is not None and (folder / Path(path).expanduser()).is_file()
    except (OSError, RuntimeError, ValueError):  # too long for a name, nobody's "~home"
        return False


def could_be_there(path: str, folder: Path | None) -> bool:
    """Tell whether a name with commas is a file's, or at least one that would lie in a folder that exists."""
    if folder is None:
        return False
    try:
        whole = folder / Path(path).expanduser()
        return whole.is_file() or ("," not in whole.name and whole.parent.is_dir())
    except (OSError, RuntimeError, ValueError):  # too long for a name, nobody's "~home"
        return False


def class_file_before_sign(text: str, folder: Path | None) -> str | None:
    """Return the longest beginning of a text, up to an "@" or its end, that is a file of classes there."""
    files = [each for each in beginnings(text) if is_class_file(each) and is_there(name_in(each), folder)]
    return files[-1] if files else None


def file_before_sign(text: str, folder: Path | None) -> str:
    """Return the beginning of a text that is a file, up to an "@" or its end.

    It is the longest one that is there, or the first that ends like a file; where none does, all before the
    first "@".
    """
    files = [each for each in beginnings(text) if ends_like_a_file(name_in(each))]
    there = [each for each in files[1:] if is_there(name_in(each), folder)]
    return there[-1] if there else files[0] if files else cut(text, AT)[0]


def absolute_path(path: str, folder: Path) -> str:
    """Return a file's absolute path, a relative one's from a folder."""
    try:
        whole = folder / Path(path).expanduser()
        return str(whole.parent.resolve() / whole.name)  # a link keeps its name, whose ending says what it is
    except (OSError, RuntimeError):  # nobody's "~home", links in a circle: whoever opens it complains
        return str(folder / path)

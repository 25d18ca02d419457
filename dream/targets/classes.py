"""Which classes are meant: one, a range, several, those in a file, or some at random.

    goldfish, n01443537         one class: a synonym, a WordNet id       ClassName
    1                           its number                               ClassNumber
    0-20                        these 21                                 ClassRange
    0-7,390-397,goldfish        all of these                             ClassList
    sea.json, sea.toml          those in a file (`class_files`)          ClassFile
    random:3                    three at random, by the seed             RandomClasses
    random:3#2                  another three: no class is drawn twice
    random:all                  every class, each pulled or pushed at    EveryClass
                                random: spikelynch/deepdream's "randomise"

These are the values and how they are written; `find_classes` looks them up in a network.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import ConfigError
from ...models.reading.numerals import number_in
from .files import could_be_there, is_class_file
from .syntax import AND, Quote, is_quoted, name_in, parts, plain

_RANGE = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)
_RANDOM = re.compile(r"random:(\d{1,9})(?:#(\d{1,9}))?", re.ASCII)
_EVERY = ("random:all", "randomise")


@dataclass(frozen=True)
class Classes:
    """Some classes, whatever the network; the base of the values below."""

    def text(self, quote: Quote) -> str:
        """Return the classes as they are written, names by `quote`."""
        raise NotImplementedError

    def with_files(self, change: Callable[[str], str]) -> Classes:
        """Return the classes with the path of their file, if they have one, changed."""
        return self

    def __str__(self) -> str:
        return self.text(plain)


@dataclass(frozen=True)
class ClassName(Classes):
    """The class with this synonym or WordNet id."""

    name: str

    def __post_init__(self) -> None:
        if is_class_file(self.name):
            raise ConfigError(f"class {self.name!r} ends like a file of classes: give the class's number.")

    def text(self, quote: Quote) -> str:
        return quote(self.name)


@dataclass(frozen=True)
class ClassNumber(Classes):
    """The class of this number in the network."""

    index: int

    def text(self, quote: Quote) -> str:
        return str(self.index)


@dataclass(frozen=True)
class ClassRange(Classes):
    """The classes from one number to another, both included."""

    first: int
    last: int

    def text(self, quote: Quote) -> str:
        return f"{self.first}-{self.last}"


@dataclass(frozen=True)
class RandomClasses(Classes):
    """So many classes at random, others than any before them; `draw` tells two such draws apart."""

    count: int
    draw: int = 1

    def text(self, quote: Quote) -> str:
        return f"random:{self.count}" + (f"#{self.draw}" if self.draw != 1 else "")


@dataclass(frozen=True)
class EveryClass(Classes):
    """Every class of the network, each pulled or pushed at random."""

    def text(self, quote: Quote) -> str:
        return _EVERY[0]


@dataclass(frozen=True)
class ClassFile(Classes):
    """The classes in a .json or .toml file."""

    path: str

    def __post_init__(self) -> None:
        if not is_class_file(self.path):
            raise ConfigError(f"{self.path!r} is no file of classes: these end in .json or .toml.")

    def text(self, quote: Quote) -> str:
        return quote(self.path)

    def with_files(self, change: Callable[[str], str]) -> ClassFile:
        return ClassFile(change(self.path))


@dataclass(frozen=True)
class ClassList(Classes):
    """Several classes, without files: what two of its members have in common is not meant twice."""

    members: tuple[Classes, ...]

    def text(self, quote: Quote) -> str:
        return AND.join(member.text(quote) for member in self.members)


def read_classes(text: str, folder: Path | None = None, flag: str = "--class") -> Classes:
    """Return the classes that are written so, without a map or a weight.

    A file's own name or folder may hold commas: what is there, from `folder`, is no list. Raises ConfigError
    for a list with a file in it, telling what to write with the flag.
    """
    word = text.strip()
    members = [part.strip() for part in parts(word, AND)]
    if any(is_class_file(name_in(member)) for member in members):
        if len(members) > 1 and not (is_class_file(word) and could_be_there(word, folder)):
            raise ConfigError(_file_in_list(word, members, flag))
        return ClassFile(name_in(word))
    members = [member for member in members if member]
    return _read_one(word) if len(members) < 2 else ClassList(tuple(map(_read_one, members)))


def draws_apart(several: Iterable[Classes]) -> list[Classes]:
    """Return classes with draws that come again numbered: a second "random:2" is "random:2#2".

    So each is an entry of its own, with its own weight and map, and draws other classes.
    """
    times: Counter[int] = Counter()
    apart: list[Classes] = []
    for classes in several:
        if isinstance(classes, RandomClasses) and classes.draw == 1:
            times[classes.count] += 1
            classes = replace(classes, draw=times[classes.count])
        apart.append(classes)
    return apart


def _read_one(word: str) -> Classes:
    if is_quoted(word):
        return ClassName(name_in(word))
    if word in _EVERY:
        return EveryClass()
    if draw := _RANDOM.fullmatch(word):
        return RandomClasses(int(draw[1]), int(draw[2] or 1))
    if span := _RANGE.fullmatch(word):
        return ClassRange(int(span[1]), int(span[2]))
    index = number_in(word)
    return ClassName(word) if index is None else ClassNumber(index)


def _file_in_list(word: str, members: list[str], flag: str) -> str:
    files = [member for member in members if is_class_file(name_in(member))]
    rest = AND.join(member for member in members if member and member not in files)
    words = " ".join(f"{flag} {shlex.quote(each)}" for each in [*files, rest] if each)
    return f"{word!r}: a file of classes cannot stand in a list. Repeat {flag}: {words}."

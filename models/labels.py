"""The words for a network's classes, and how a person's word finds its class.

Label files have one class per line, in the network's order. Understood are `n01443537 goldfish, Carassius
auratus` (ImageNet's synset_words.txt), `goldfish, Carassius auratus`, plain words, and Places' `/a/abbey 0`
(a path and the class's number). Underscores and slashes in words are spaces: `train_station/platform`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import ClassNotFoundError, ModelFileError, cut, suggestion
from .reading.files import MIB, FileKind, read_lines
from .reading.numerals import is_numeral, number_in

_WNID = re.compile(r"(n\d{8})[\s:,]+(.*)")
_NUMBERED = re.compile(r"(.*\S)\s+(\d+)")
_LEADING_NUMBER = re.compile(r"([0-9]{1,9})\s*[:,\t]\s*(.*)")
_MOST = 100_000  # four times what the largest ImageNet has
_KIND = FileKind(
    "label file",
    ModelFileError,
    most_bytes=4 * MIB,
    advice="Give one line of text per class, in the network's order.",
)


@dataclass(frozen=True)
class ClassLabel:
    """One class: its number in the network, its WordNet id (or ""), and its synonyms, the usual one first."""

    index: int
    wnid: str
    words: tuple[str, ...]

    @property
    def name(self) -> str:
        """The first synonym, or the number when there are no words."""
        return self.words[0] if self.words else str(self.index)


class Labels:
    """A network's classes in order; empty (but usable by number) when no words are known.

    `owner` is whom messages tell of.
    """

    def __init__(self, classes: Iterable[ClassLabel] = (), owner: str = "this network") -> None:
        self.owner = owner
        self._classes = tuple(classes)
        self._by_word: dict[str, int] = {}
        for label in self._classes:
            for word in (label.wnid, ", ".join(label.words), *label.words):
                if word:  # of classes that share a word ("crane"), the first one gets it
                    self._by_word.setdefault(_folded(word), label.index)

    def __len__(self) -> int:
        return len(self._classes)

    def __iter__(self) -> Iterator[ClassLabel]:
        return iter(self._classes)

    def __getitem__(self, index: int) -> ClassLabel:
        return self._classes[index]

    def known(self, word: str) -> int | None:
        """Return the number of the class that a synonym or a WordNet id names; None where none does."""
        return self._by_word.get(_folded(word))

    def find(self, word: str) -> int:
        """Return the class's number for a synonym (upper or lower case), a WordNet id or a number as text.

        Raises ClassNotFoundError with the nearest names.
        """
        folded = _folded(word)
        if (named := self.known(word)) is not None:
            return named
        if is_numeral(folded):
            index = number_in(folded)
            if index is None or (self._classes and index >= len(self._classes)):
                has = f"classes 0 to {len(self) - 1}" if self._classes else "no class of so large a number"
                raise ClassNotFoundError(f"Class {cut(folded)} does not exist: {self.owner} has {has}.")
            return index
        if not self._classes:
            raise ClassNotFoundError(f"Class {word!r}: {self.owner} has no labels; give the class's number.")
        names = [name for label in self._classes for name in label.words]
        raise ClassNotFoundError(
            f"Class {word!r} is not known to {self.owner}.{suggestion(word, names)} "
            "`lucidreel models classes`, with the same --model, lists them all."
        )


def read_labels(path: Path) -> Labels:
    """Read a label file; ModelFileError when it cannot be read as text or holds nothing."""
    lines = read_lines(path, _KIND)
    if len(lines) > _MOST:
        raise _KIND.fault(path, f"it has {len(lines):,} lines, and at most {_MOST:,} classes are named")
    return parse_labels(lines, str(path))


def parse_labels(lines: Iterable[str], where: str = "labels") -> Labels:
    """Parse lines of labels; empty lines at the end are dropped, others keep the numbering in step."""
    texts = [line.strip() for line in lines]
    while texts and not texts[-1]:
        texts.pop()
    if not texts:
        raise ModelFileError(f"{where}: holds no labels.")
    numbered = all(_NUMBERED.fullmatch(text) for text in texts) and _numbers_count_up(texts)
    return Labels(_label(index, text, numbered) for index, text in enumerate(texts))


def _numbers_count_up(texts: list[str]) -> bool:
    """Whether the last word of every line is that line's number, as in Places' category files."""
    return all(text.split()[-1] == str(index) for index, text in enumerate(texts))


def _label(index: int, text: str, numbered: bool) -> ClassLabel:
    if match := _WNID.fullmatch(text):
        return ClassLabel(index, match[1], _synonyms(match[2]))
    if re.fullmatch(r"n\d{8}", text):
        return ClassLabel(index, text, ())
    if numbered and (match := _NUMBERED.fullmatch(text)):
        text = match[1]
    elif (match := _LEADING_NUMBER.fullmatch(text)) and int(match[1]) == index:
        text = match[2]
    return ClassLabel(index, "", _synonyms(text))


def _synonyms(text: str) -> tuple[str, ...]:
    """Split at commas; the initial that a Places path starts with (/a/abbey) goes."""
    text = re.sub(r"^/\w/", "", text)
    return tuple(_spaced(word).strip("'\"") for word in text.split(",") if word.strip())


def _spaced(word: str) -> str:
    return word.replace("_", " ").replace("/", " ").strip()


def _folded(word: str) -> str:
    """Return a word as it is looked up: upper case, underscores and slashes make no difference."""
    return _spaced(word).casefold()

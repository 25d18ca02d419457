"""Which classes a word means: one, a range, a list, a file of them, or some at random.

goldfish, n01443537, 1      one class: a synonym, a WordNet id, its number
0-20                        these 21
0-7,390-397,goldfish        all of these
sea.json, sea.toml          those in a file (`class_files`)
random:3                    three at random, the same ones for the same seed
random:3#2                  another three: every lot draws from what the lots before it left
random:all                  every class, each pulled or pushed at random: spikelynch/deepdream's "randomise"
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from ...errors import ClassNotFoundError, ConfigError, TargetError, cut
from ...models.network import Listing
from ...models.reading.numerals import is_numeral, number_in
from .class_files import read_class_file
from .syntax import is_class_file, refuse_file_in_list, weight_advice

_RANGE = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)
_RANDOM = re.compile(r"random:(\d{1,9})(?:#\d{1,9})?", re.ASCII)
_EVERY = ("random:all", "randomise")
_MOST_NAMED = 2_000_000  # a file of half a megabyte has space for ranges that name a hundred times as many


class Lots:
    """Draws classes by a seed: no class twice, whichever entry asks for it, and the same ones every time."""

    def __init__(self, seed: int, among: Sequence[int] | None = None) -> None:
        """Draw by the seed among some classes, or all (None)."""
        self._seed = seed
        self._among = among
        self._random = np.random.default_rng(seed)
        self._drawn: set[int] = set()

    def draw(self, spec: str, wanted: int, network: Listing) -> list[int]:
        """Return so many classes that were not drawn before. Raises ClassNotFoundError for too many."""
        count = class_count(network)
        among = range(count) if self._among is None else self._among
        left = [index for index in among if index not in self._drawn]
        if not 1 <= wanted <= len(left):
            before = f", and the lots before it have drawn {len(self._drawn)}" if self._drawn else ""
            ask = f"ask for 1 to {len(left)}" if left else "leave it out"
            raise ClassNotFoundError(
                f"class {spec!r}: {network.name} has {len(among)} classes{before}, so {ask}"
            )
        drawn = [int(index) for index in self._random.choice(left, wanted, replace=False)]
        self._drawn.update(drawn)
        return drawn

    def signs(self, network: Listing) -> dict[int, float]:
        """Return 1 or -1 for every class."""
        random = np.random.default_rng(self._seed)  # anew: whatever was drawn before, the signs are the same
        return dict(enumerate((random.integers(0, 2, class_count(network)) * 2.0 - 1.0).tolist()))


def classes_meant(spec: str, network: Listing, lots: Lots) -> dict[int, float]:
    """Return the classes that one entry means, by index, each with its weight within the entry (mostly 1).

    Raises ClassNotFoundError naming the entry and what comes nearest, ConfigError for a file in a list; for
    files, what `read_class_file` does.
    """
    refuse_file_in_list(spec)
    if is_class_file(spec):
        return _in_file(Path(spec), network, lots)
    if spec in _EVERY:
        return lots.signs(network)
    if lot := _RANDOM.fullmatch(spec):
        return dict.fromkeys(lots.draw(spec, int(lot[1]), network), 1.0)
    if span := _RANGE.fullmatch(spec):
        return dict.fromkeys(_range(spec, int(span[1]), int(span[2]), network), 1.0)
    if is_numeral(spec):
        index = number_in(spec)
        if index is None or index >= class_count(network):
            raise ClassNotFoundError(
                f"class {cut(spec)}: {network.name} has classes 0 to {class_count(network) - 1}"
            )
        return {index: 1.0}
    return _named(spec, network, lots)


def class_count(network: Listing) -> int:
    """Return how many classes the network scores, from its class layer's width."""
    for layer in network.layers:
        if layer.name == network.class_layer:
            return layer.channels
    raise TargetError(
        f"{network.name} has no layer with class scores, so it cannot dream of classes: name a layer "
        f"instead, such as --layer {network.layers[len(network.layers) // 2].name}"
    )


def _range(spec: str, first: int, last: int, network: Listing) -> range:
    if first > last:
        raise ClassNotFoundError(f"class range {spec!r} runs backwards: write {last}-{first}")
    if last >= class_count(network):
        count = class_count(network)
        raise ClassNotFoundError(f"class range {spec!r}: {network.name} has classes 0 to {count - 1}")
    return range(first, last + 1)


def _named(word: str, network: Listing, lots: Lots) -> dict[int, float]:
    """Return the class called `word`, which may hold commas itself, or those of a list with commas."""
    class_count(network)
    try:
        return {network.labels.find(word): 1.0}
    except ClassNotFoundError as error:
        parts = [part.strip() for part in word.split(",") if part.strip()]
        if len(parts) > 1:  # a set: what two ranges share is not meant twice
            each_meant = _each_meant(parts, network, lots, repr(word))
            return {index: weight for meant in each_meant for index, weight in meant.items()}
        if advice := weight_advice(word):
            raise ClassNotFoundError(
                f"Class {word!r} is not known to {network.labels.owner}.{advice}"
            ) from None
        hint = ""
        if word.startswith(("random", "-")):
            hint = (
                " Write an index as 107, a range as 0-20, classes chosen at random as random:3 or random:all."
            )
        raise ClassNotFoundError(f"{error}{hint}") from None


def _in_file(path: Path, network: Listing, lots: Lots) -> dict[int, float]:
    words = read_class_file(path)
    parts = (part.strip() for word in words for part in word.split(","))
    if nested := next((part for part in parts if is_class_file(part)), None):
        raise ConfigError(f"{path.name} names another file of classes, {nested}: name both on their own.")
    weights: dict[int, float] = defaultdict(float)
    try:
        each_meant = _each_meant(words, network, lots, path.name)
        for weight, classes in zip(words.values(), each_meant, strict=True):
            for index, share in classes.items():
                weights[index] += weight * share
    except ClassNotFoundError as error:
        raise ClassNotFoundError(f"{path.name}: {error}") from None
    return weights


def _each_meant(words: Iterable[str], network: Listing, lots: Lots, where: str) -> Iterator[dict[int, float]]:
    """Yield what each word means; raises ConfigError when that is millions of classes."""
    named = 0
    for word in words:
        meant = classes_meant(word, network, lots)
        named += len(meant)
        if named > _MOST_NAMED:
            raise ConfigError(
                f"{where} names more than {_MOST_NAMED:,} classes: name each once, or write random:all."
            )
        yield meant

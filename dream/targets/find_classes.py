"""Classes looked up in a network: their numbers there.

Random classes are drawn without those that were drawn before, whichever entry asks for them, so that every
draw adds something; the same seed draws the same ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import singledispatch
from pathlib import Path

import numpy as np

from ...errors import ClassNotFoundError, ConfigError, TargetError, cut
from ...models.network import Listing
from ...models.reading.numerals import is_numeral
from .class_files import read_class_file
from .classes import (
    Classes,
    ClassFile,
    ClassList,
    ClassName,
    ClassNumber,
    ClassRange,
    EveryClass,
    RandomClasses,
)
from .syntax import weight_advice

_MOST_NAMED = 2_000_000  # a file of half a megabyte has space for ranges that name a hundred times as many


class Draws:
    """Draws classes by a seed: no class twice, whichever entry asks for it, and the same ones every time."""

    def __init__(self, seed: int, among: Sequence[int] | None = None) -> None:
        """Draw by the seed among some classes, or all (None)."""
        self._seed = seed
        self._among = among
        self._random = np.random.default_rng(seed)
        self._drawn: set[int] = set()

    def draw(self, classes: RandomClasses, network: Listing) -> list[int]:
        """Return so many classes that were not drawn before. Raises ClassNotFoundError for too many."""
        count = class_count(network)
        among = range(count) if self._among is None else self._among
        left = [index for index in among if index not in self._drawn]
        if not 1 <= classes.count <= len(left):
            before = f", and the draws before it have taken {len(self._drawn)}" if self._drawn else ""
            ask = f"ask for 1 to {len(left)}" if left else "leave it out"
            raise ClassNotFoundError(
                f"class {str(classes)!r}: {network.name} has {len(among)} classes{before}, so {ask}"
            )
        drawn = [int(index) for index in self._random.choice(left, classes.count, replace=False)]
        self._drawn.update(drawn)
        return drawn

    def signs(self, network: Listing) -> dict[int, float]:
        """Return 1 or -1 for every class."""
        random = np.random.default_rng(self._seed)  # anew: whatever was drawn before, the signs are the same
        return dict(enumerate((random.integers(0, 2, class_count(network)) * 2.0 - 1.0).tolist()))


@singledispatch
def find_classes(classes: Classes, network: Listing, draws: Draws) -> dict[int, float]:
    """Return the classes that one entry means, by number, each with its weight within the entry (mostly 1).

    Raises ClassNotFoundError naming the entry and what comes nearest; for files, what `read_class_file` does.
    """
    raise NotImplementedError(type(classes))


@find_classes.register
def _(classes: ClassName, network: Listing, draws: Draws) -> dict[int, float]:
    count, name = class_count(network), classes.name
    if is_numeral(name):  # of so many digits that it is no number to us
        raise ClassNotFoundError(f"class {cut(name)}: {network.name} has classes 0 to {count - 1}")
    try:
        return {network.labels.find(name): 1.0}
    except ClassNotFoundError as error:
        if advice := weight_advice(name):
            raise ClassNotFoundError(
                f"Class {name!r} is not known to {network.labels.owner}.{advice}"
            ) from None
        hint = ""
        if name.startswith(("random", "-")):
            hint = (
                " Write an index as 107, a range as 0-20, classes chosen at random as random:3 or random:all."
            )
        raise ClassNotFoundError(f"{error}{hint}") from None


@find_classes.register
def _(classes: ClassNumber, network: Listing, draws: Draws) -> dict[int, float]:
    count = class_count(network)
    if classes.index >= count:
        raise ClassNotFoundError(f"class {classes.index}: {network.name} has classes 0 to {count - 1}")
    return {classes.index: 1.0}


@find_classes.register
def _(classes: ClassRange, network: Listing, draws: Draws) -> dict[int, float]:
    first, last, count = classes.first, classes.last, class_count(network)
    if first > last:
        raise ClassNotFoundError(f"class range {str(classes)!r} runs backwards: write {last}-{first}")
    if last >= count:
        raise ClassNotFoundError(f"class range {str(classes)!r}: {network.name} has classes 0 to {count - 1}")
    return dict.fromkeys(range(first, last + 1), 1.0)


@find_classes.register
def _(classes: RandomClasses, network: Listing, draws: Draws) -> dict[int, float]:
    return dict.fromkeys(draws.draw(classes, network), 1.0)


@find_classes.register
def _(classes: EveryClass, network: Listing, draws: Draws) -> dict[int, float]:
    return draws.signs(network)


@find_classes.register
def _(classes: ClassList, network: Listing, draws: Draws) -> dict[int, float]:
    class_count(network)
    names = [member.name for member in classes.members if isinstance(member, ClassName)]
    if len(names) == len(classes.members):  # all the words for one class, as a list of labels has them
        whole = network.labels.known(", ".join(names))
        if whole is not None:
            return {whole: 1.0}
    each_found = _each_found(classes.members, network, draws, repr(str(classes)))
    return {index: weight for found in each_found for index, weight in found.items()}


@find_classes.register
def _(classes: ClassFile, network: Listing, draws: Draws) -> dict[int, float]:
    path = Path(classes.path)
    several, shares = zip(*read_class_file(path), strict=True)
    weights: dict[int, float] = defaultdict(float)
    try:
        each_found = _each_found(several, network, draws, path.name)
        for share, found in zip(shares, each_found, strict=True):
            for index, weight in found.items():
                weights[index] += share * weight
    except ClassNotFoundError as error:
        raise ClassNotFoundError(f"{path.name}: {error}") from None
    return weights


def class_count(network: Listing) -> int:
    """Return how many classes the network scores, from its class layer's width."""
    for layer in network.layers:
        if layer.name == network.class_layer:
            return layer.channels
    raise TargetError(
        f"{network.name} has no layer with class scores, so it cannot dream of classes: name a layer "
        f"instead, such as --layer {network.layers[len(network.layers) // 2].name}"
    )


def _each_found(
    several: Iterable[Classes], network: Listing, draws: Draws, where: str
) -> Iterator[dict[int, float]]:
    """Yield what each entry means; raises ConfigError when that is millions of classes."""
    named = 0
    for classes in several:
        found = find_classes(classes, network, draws)
        named += len(found)
        if named > _MOST_NAMED:
            raise ConfigError(
                f"{where} names more than {_MOST_NAMED:,} classes: name each once, or write random:all."
            )
        yield found

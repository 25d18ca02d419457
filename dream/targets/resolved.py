"""Targets in a network's own terms: class numbers, layers, channels; ready to be climbed, and to be told.

Target   "goldfish"             what was asked for, whatever the network
Found    class 1, everywhere    what that is in one network
Term     (`dream.terms`)        what a dream climbs for it
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from ...models.network import Listing
from .regions import Region

if TYPE_CHECKING:
    from ..objective import Term
    from .context import Context

MOST_NAMED = 8
"""How many targets a description names, and how many classes of a palette."""


@dataclass(frozen=True)
class Found:
    """One thing to dream of in a network's own terms. Those of one type that are equal add their weights."""

    region: Region | None = field(default=None, kw_only=True)

    order: ClassVar[int] = 0
    """Comes behind what has a lower one, whichever was asked for first: sums keep their order."""
    per_window: ClassVar[bool] = False
    """Whether it reads the scores of windows otherwise than by adding them up."""

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that it reads for themselves, whatever classes need."""
        return ()

    @property
    def classes(self) -> tuple[int, ...]:
        """The classes whose scores it reads."""
        return ()

    def name(self, network: Listing) -> str:
        """What it is called, without its region."""
        raise NotImplementedError

    def term(self, weight: float, context: Context) -> Term:
        """Return what a dream climbs for it. Raises TargetError for what such a network cannot have."""
        raise NotImplementedError

    @classmethod
    def check(cls, weights: Mapping[Self, float], network: Listing) -> None:
        """Raise TargetError where those of one type make no sense together."""

    @classmethod
    def named(cls, weights: Mapping[Self, float], network: Listing) -> Iterator[tuple[float, str]]:
        """Yield weights and names of those of one type."""
        for found, weight in weights.items():
            yield weight, found.name(network) + region_suffix(found.region)

    @classmethod
    def terms(cls, weights: Mapping[Self, float], context: Context) -> Iterator[Term]:
        """Yield the terms of those of one type; what weighs nothing has none."""
        for found, weight in weights.items():
            if weight:
                yield found.term(weight, context)


@dataclass(frozen=True)
class FoundClass(Found):
    """A class by its number, one of several that networks know together (`sharing`)."""

    index: int

    @property
    def classes(self) -> tuple[int, ...]:
        return (self.index,)

    def name(self, network: Listing) -> str:
        return class_name(network, self.index)


@dataclass(frozen=True)
class ResolvedTargets:
    """Everything to dream of in one network's own terms: weights, by kind (the fields of `Targets`)."""

    by_kind: Mapping[str, Mapping[Found, float]] = field(default_factory=dict)
    common_numbers: Mapping[int, int] = field(default_factory=dict)
    """By a class's number, the one by which several networks tell that their classes are the same."""

    @property
    def weights(self) -> dict[Found, float]:
        """Everything there is, with its weight."""
        return {found: weight for table in self.by_kind.values() for found, weight in table.items()}

    @property
    def has_weight(self) -> bool:
        """Whether anything has a weight."""
        return any(self.weights.values())

    @property
    def groups(self) -> Iterator[tuple[type[Found], dict[Found, float]]]:
        """Everything of one type together."""
        for table in self.by_kind.values():
            for kind in dict.fromkeys(type(found) for found in table):
                yield kind, {found: weight for found, weight in table.items() if type(found) is kind}

    @property
    def layers_read(self) -> set[str]:
        """The layers that are read for themselves, whatever the classes need."""
        return {layer for found, weight in self.weights.items() if weight for layer in found.layers}

    def named(self, network: Listing) -> Iterator[tuple[float, str]]:
        """Yield every target's weight and name."""
        for kind, weights in self.groups:
            yield from kind.named(weights, network)

    def describe(self, network: Listing) -> str:
        """Return the targets as people say them: "goldfish@water.png + 0.5 eye - shark + fire8/concat"."""
        return in_words(self.named(network))


def in_words(targets: Iterable[tuple[float, str]]) -> str:
    """Return weights and names as people say them; those without a weight are left out."""
    named = [(weight, name) for weight, name in targets if weight]
    words = [
        f"{'-' if weight < 0 else '+'} {'' if abs(weight) == 1 else f'{abs(weight):g} '}{name}"
        for weight, name in named[:MOST_NAMED]
    ]
    if len(named) > MOST_NAMED:
        words.append(f"and {len(named) - MOST_NAMED} more")
    return " ".join(words).removeprefix("+ ")


def class_name(network: Listing, index: int) -> str:
    """Return the first word for a class, or "class 12" where the network came without words."""
    return network.labels[index].name if index < len(network.labels) else f"class {index}"


def region_suffix(region: Region | None) -> str:
    """Return "@water.png", without the folder that the file lies in, or "" for everywhere."""
    return "" if region is None else f"@{region.with_files(lambda path: Path(path).name)}"

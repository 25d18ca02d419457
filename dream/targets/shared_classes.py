"""Which classes of several networks are the same thing: "goldfish" is number 1 here and number 41 there.

Networks number classes in their own ways, and know other words for them. Classes are the same where their
WordNet ids are; where one has no id, where they share a word. What is asked for is looked up in one list:

    the first network's classes, in its order       numbers, ranges and draws count here
    classes that only later networks know           found by name

A word means what the first network that knows it calls so: "crane" stays the bird that it is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...models.labels import ClassLabel, Labels
from ...models.network import LayerInfo, Listing
from ..ensemble import Ensemble, listed
from .find_classes import class_count

_SCORES = "the class scores of all"


@dataclass(frozen=True, eq=False)
class SharedClasses:
    """The classes of several networks as one `Listing`, whose only layer has the first network's scores."""

    name: str
    """The network whose numbers count."""
    labels: Labels
    layers: tuple[LayerInfo, ...]
    own: tuple[dict[int, int], ...]
    """For every network, its own number of each class that it knows, by the number here."""
    class_layer: str | None = _SCORES

    @classmethod
    def of(cls, ensemble: Ensemble[Listing]) -> SharedClasses:
        """Find the classes that are the same; networks without classes know none.

        Raises TargetError where no network has classes, and what their listings do.
        """
        with_classes = [member for member in ensemble if member.network.class_layer is not None]
        first = with_classes[0] if with_classes else ensemble.members[0]
        count = class_count(first.network)
        owner = listed([member.name for member in with_classes], "or")
        labels, own = Labels(owner=owner), []
        for member in ensemble:
            known = _labels_of(member.network) if member in with_classes else []
            labels, numbers = _joined(labels, known, owner)
            own.append(numbers)
        scores = LayerInfo(_SCORES, "Scores", count, (1, count))
        return cls(first.name, labels, (scores,), tuple(own))

    @property
    def input_size(self) -> tuple[int, int]:
        """One pixel: a list of classes looks at no picture."""
        return (1, 1)

    @property
    def known_to_all(self) -> list[int]:
        """The classes, of those that have a number, that every network with classes knows."""
        knowing = [numbers for numbers in self.own if numbers]
        return [
            index for index in range(self.layers[0].channels) if all(index in numbers for numbers in knowing)
        ]


def _labels_of(network: Listing) -> list[ClassLabel]:
    """Return one label per class, without words where the network came without."""
    count = class_count(network)
    return [
        network.labels[index] if index < len(network.labels) else ClassLabel(index, "", ())
        for index in range(count)
    ]


def _joined(labels: Labels, known: Sequence[ClassLabel], owner: str) -> tuple[Labels, dict[int, int]]:
    """Add a network's classes to a list; return the longer list, and its number of each class by theirs."""
    joined = list(labels)
    numbers: dict[int, int] = {}
    for label in known:
        place = _the_same(label, labels)
        if place is None or place in numbers:
            place = len(joined)
            joined.append(ClassLabel(place, label.wnid, label.words))
        else:  # a word that an earlier network has for another class goes on meaning that
            before = joined[place]
            more = tuple(word for word in label.words if labels.known(word) is None)
            joined[place] = ClassLabel(place, before.wnid or label.wnid, (*before.words, *more))
        numbers[place] = label.index
    return Labels(joined, owner), numbers


def _the_same(label: ClassLabel, labels: Labels) -> int | None:
    """Return the number of the class in a list that is the same thing as another network's class."""
    if label.wnid and (place := labels.known(label.wnid)) is not None:
        return place
    for word in label.words:
        place = labels.known(word)
        if place is not None and not (label.wnid and labels[place].wnid):
            return place
    return None

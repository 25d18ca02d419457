"""Targets in a network's own terms, ready to be aimed at, and in the words they are told with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...models.network import Listing
from .layers import Guide, Neuron, Strength
from .syntax import is_map_file

_NAMES_TOLD = 8


@dataclass(frozen=True)
class ResolvedTargets:
    """Targets in a network's own terms: weights by what is meant and by map ("": everywhere)."""

    classes: Mapping[tuple[int, str], float] = field(default_factory=dict)
    palette: Mapping[tuple[int, str], float] = field(default_factory=dict)
    layers: Mapping[tuple[str, str], float] = field(default_factory=dict)
    channels: Mapping[tuple[str, int, str], float] = field(default_factory=dict)
    strengths: Mapping[tuple[Strength, str], float] = field(default_factory=dict)
    neurons: Mapping[Neuron, float] = field(default_factory=dict)
    guides: Mapping[tuple[Guide, str], float] = field(default_factory=dict)
    kinds: Mapping[int, int] = field(default_factory=dict)
    """By a class's number, the number by which several networks tell that their classes are the same."""

    def describe(self, network: Listing) -> str:
        """Return the targets as people say them: "goldfish@water.png + 0.5 eye - shark + fire8/concat"."""
        return told(self.named(network))

    @property
    def weights(self) -> Iterator[float]:
        """All weights."""
        yield from (*self.classes.values(), *self.palette.values(), *self.layers.values())
        yield from (*self.channels.values(), *self.strengths.values(), *self.neurons.values())
        yield from self.guides.values()

    @property
    def layers_read(self) -> set[str]:
        """The layers that are read for themselves, whatever the classes need."""
        return {
            *(layer for (layer, _), weight in self.layers.items() if weight),
            *(layer for (layer, _, _), weight in self.channels.items() if weight),
            *(strength.layer for (strength, _), weight in self.strengths.items() if weight),
            *(neuron.layer for neuron, weight in self.neurons.items() if weight),
            *(guide.layer for (guide, _), weight in self.guides.items() if weight),
        }

    def named(self, network: Listing) -> Iterator[tuple[float, str]]:
        """Yield every target's weight and name."""
        for (index, where), weight in self.classes.items():
            yield weight, class_name(network, index) + _told(where)
        for where in dict.fromkeys(where for _, where in self.palette):
            yield 1.0, _palette_name(network, self.palette, where) + _told(where)
        for (layer, where), weight in self.layers.items():
            yield weight, layer + _told(where)
        for (layer, channel, where), weight in self.channels.items():
            yield weight, f"{layer}:{channel}{_told(where)}"
        for (strength, where), weight in self.strengths.items():
            yield weight, f"the {strength.count} {strength.end} channels of {strength.layer}{_told(where)}"
        for neuron, weight in self.neurons.items():
            across, down = neuron.place
            yield weight, f"{neuron.layer}:{neuron.channel}@{across:g},{down:g}"
        for (guide, where), weight in self.guides.items():
            yield weight, f"{Path(guide.path).name}@{guide.layer}{_told(where)}"


def told(targets: Iterable[tuple[float, str]]) -> str:
    """Return weights and names as people say them; those without a weight are left out."""
    named = [(weight, name) for weight, name in targets if weight]
    words = [
        f"{'-' if weight < 0 else '+'} {'' if abs(weight) == 1 else f'{abs(weight):g} '}{name}"
        for weight, name in named[:_NAMES_TOLD]
    ]
    if len(named) > _NAMES_TOLD:
        words.append(f"and {len(named) - _NAMES_TOLD} more")
    return " ".join(words).removeprefix("+ ")


def class_name(network: Listing, index: int) -> str:
    """Return the first word for a class, or "class 12" where the network came without words."""
    return network.labels[index].name if index < len(network.labels) else f"class {index}"


def _told(where: str) -> str:
    """Return a map as it is told: without the folder it lies in."""
    if not where:
        return ""
    inverse = "!" if where.startswith("!") else ""
    return f"@{inverse}{Path(where).name}" if is_map_file(where) else f"@{where}"


def _palette_name(network: Listing, palette: Mapping[tuple[int, str], float], where: str) -> str:
    names = [class_name(network, index) for index, place in palette if place == where]
    more = f" or {len(names) - _NAMES_TOLD} more" if len(names) > _NAMES_TOLD else ""
    return f"the nearest of {', '.join(names[:_NAMES_TOLD])}{more}"

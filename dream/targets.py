"""From the words of a user to numbers of a network: which classes, layers and channels are meant.

A class is named by a synonym ("goldfish"), a wnid ("n01443537") or its index ("1"); several at once by an
inclusive range of indices ("0-20") or by lot ("random:3", drawn with the seed: the same seed names the same
classes). Entries that meet in one class add their weights.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import ClassNotFoundError, LayerNotFoundError, TargetError, suggestion
from ..models.network import LayerInfo, Network
from .config import Targets

_RANGE = re.compile(r"(\d+)-(\d+)")
_RANDOM = re.compile(r"random:(\d+)")


@dataclass(frozen=True)
class ResolvedTargets:
    """Targets in a network's own terms: weights by class index, by layer, by (layer, channel)."""

    classes: Mapping[int, float]
    layers: Mapping[str, float]
    channels: Mapping[tuple[str, int], float]

    def describe(self, network: Network) -> str:
        """Return the targets as people say them: "goldfish + 0.5 jellyfish - shark + fire8/concat"."""
        named = [(weight, class_name(network, index)) for index, weight in self.classes.items()]
        named += [(weight, layer) for layer, weight in self.layers.items()]
        named += [(weight, f"{layer}:{channel}") for (layer, channel), weight in self.channels.items()]
        words = [
            f"{'-' if weight < 0 else '+'} {'' if abs(weight) == 1 else f'{abs(weight):g} '}{name}"
            for weight, name in named
        ]
        return " ".join(words).removeprefix("+ ")


def resolve_targets(targets: Targets, network: Network, seed: int) -> ResolvedTargets:
    """Look every target up in the network; without any target, one class is drawn by the seed.

    Raises ClassNotFoundError, LayerNotFoundError or TargetError naming the entry and what comes nearest.
    """
    if targets.empty:
        targets = Targets(classes={"random:1": 1.0})
    classes: dict[int, float] = {}
    for spec, weight in targets.classes.items():
        for index in _class_indices(spec, network, seed):
            classes[index] = classes.get(index, 0.0) + weight
    known = {layer.name: layer for layer in network.layers}
    layers = {_known_layer(name, known, network).name: weight for name, weight in targets.layers.items()}
    channels = {_channel(spec, known, network): weight for spec, weight in targets.channels.items()}
    resolved = ResolvedTargets(classes, layers, channels)
    if not any((*classes.values(), *layers.values(), *channels.values())):
        raise TargetError(
            "all targets weigh 0, so there is nothing to dream of: give one a weight other than 0"
        )
    return resolved


def class_name(network: Network, index: int) -> str:
    """Return the first word for a class, or "class 12" where the network came without words."""
    return network.labels[index].name if index < len(network.labels) else f"class {index}"


def _class_indices(spec: str, network: Network, seed: int) -> Iterator[int]:
    """Yield the class indices that one entry of `Targets.classes` means."""
    count = _class_count(network)
    if lot := _RANDOM.fullmatch(spec):
        wanted = int(lot[1])
        if not 1 <= wanted <= count:
            raise ClassNotFoundError(
                f"class {spec!r}: {network.name} has {count} classes, so ask for 1 to {count}"
            )
        yield from (int(index) for index in np.random.default_rng(seed).choice(count, wanted, replace=False))
    elif span := _RANGE.fullmatch(spec):
        first, last = int(span[1]), int(span[2])
        if first > last:
            raise ClassNotFoundError(f"class range {spec!r} runs backwards: write {last}-{first}")
        if last >= count:
            raise ClassNotFoundError(f"class range {spec!r}: {network.name} has classes 0 to {count - 1}")
        yield from range(first, last + 1)
    elif spec.isdecimal():
        if int(spec) >= count:
            raise ClassNotFoundError(f"class {spec}: {network.name} has classes 0 to {count - 1}")
        yield int(spec)
    else:
        yield _named(spec, network)


def _named(word: str, network: Network) -> int:
    """Return the index of the class called `word`; explains the words that are not names at all."""
    try:
        return network.labels.find(word)
    except ClassNotFoundError as error:
        if word.startswith(("random", "-")):
            hint = " Write an index as 107, a range as 0-20, classes by lot as random:3."
        elif "," in word:
            hint = " For several classes, name each one by itself: --class eye --class spiral."
        else:
            hint = ""
        raise ClassNotFoundError(f"{error}{hint}") from None


def _class_count(network: Network) -> int:
    """Return how many classes the network scores, from its class layer's width."""
    for layer in network.layers:
        if layer.name == network.class_layer:
            return layer.channels
    raise TargetError(
        f"{network.name} has no layer with class scores, so it cannot dream of classes: name a layer "
        f"instead, such as --layer {network.layers[len(network.layers) // 2].name}"
    )


def _known_layer(name: str, known: Mapping[str, LayerInfo], network: Network) -> LayerInfo:
    if name not in known:
        raise LayerNotFoundError(
            f"{network.name} has no layer {name!r}.{suggestion(name, known)} "
            "`lucidreel models layers`, with the same --model, lists them all."
        )
    return known[name]


def _channel(spec: str, known: Mapping[str, LayerInfo], network: Network) -> tuple[str, int]:
    """Read "layer:channel"; the layer's own name may hold colons."""
    name, colon, number = spec.rpartition(":")
    if not colon or not number.isdecimal():
        raise LayerNotFoundError(f"channel {spec!r}: write it as layer:number, such as fire8/concat:12")
    layer = _known_layer(name, known, network)
    if int(number) >= layer.channels:
        raise LayerNotFoundError(f"channel {spec!r}: layer {name} has channels 0 to {layer.channels - 1}")
    return name, int(number)

"""From the words of a user to numbers of a network: which classes, layers, channels and places are meant.

Classes are found by `classes`, the rest by `layers`. Entries that meet in one class, in the same
region, add their weights. Behind an "@" stands the map of where (`syntax`); "" is everywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ...errors import ConfigError, TargetError
from ...models.network import LayerFacts, Listing
from .classes import Lots, classes_meant
from .layers import (
    Guide,
    Neuron,
    Strength,
    channel_meant,
    guide_layer,
    known_layer,
    neuron_meant,
    strength_meant,
)
from .resolved import ResolvedTargets, class_name
from .syntax import MAP_FORMS, split_guide, split_map
from .targets import Targets


def resolve_targets(targets: Targets, network: Listing, seed: int) -> ResolvedTargets:
    """Look every target up in the network; without any target, one class is drawn by the seed.

    Raises ClassNotFoundError, LayerNotFoundError, TargetError, and what `class_files.read_class_file` raises,
    naming the entry and what comes nearest.
    """
    resolved = look_up(by_chance_if_empty(targets), network, Lots(seed))
    refuse_without_weight(resolved.weights)
    return resolved


def by_chance_if_empty(targets: Targets) -> Targets:
    """Return the targets; where there are none, a class that is drawn."""
    return Targets(classes={"random:1": 1.0}) if targets.empty else targets


def refuse_without_weight(weights: Iterable[float]) -> None:
    """Raise TargetError where nothing has a weight."""
    if not any(weights):
        raise TargetError(
            "all targets weigh 0, so there is nothing to dream of: give one a weight other than 0"
        )


def look_up(targets: Targets, network: Listing, lots: Lots) -> ResolvedTargets:
    """Return what the targets are in the network, be it nothing. Raises as `resolve_targets` does."""
    known = {layer.name: layer for layer in network.layers}
    channels, strengths = _channels(targets.channels, known, network)
    return ResolvedTargets(
        classes=_classes(targets.classes, network, lots),
        palette=_palette(targets.palette, network, lots),
        layers=_layers(targets.layers, known, network),
        channels=channels,
        strengths=strengths,
        neurons=_neurons(targets.neurons, known, network),
        guides=_guides(targets.guides, known, network),
    )


def _classes(table: Mapping[str, float], network: Listing, lots: Lots) -> dict[tuple[int, str], float]:
    weights: dict[tuple[int, str], float] = defaultdict(float)
    for spec, weight in table.items():
        word, where = _split(spec)
        for index, share in classes_meant(word, network, lots).items():
            weights[index, where] += weight * share
    return weights


def _palette(table: Mapping[str, float], network: Listing, lots: Lots) -> dict[tuple[int, str], float]:
    members = _classes(table, network, lots)
    for (index, where), weight in members.items():
        if weight <= 0:
            raise TargetError(
                f"palette: {class_name(network, index)} weighs {weight:g}, and a palette only pulls: "
                "leave it out, or push it away with --class NAME=-1"
            )
        if len([place for _, place in members if place == where]) == 1:
            raise TargetError(
                f"palette of {class_name(network, index)} alone: give two classes or more, such as "
                "--palette goldfish,jellyfish, or write --class for one"
            )
    return members


def _layers(
    table: Mapping[str, float], known: Mapping[str, LayerFacts], network: Listing
) -> dict[tuple[str, str], float]:
    weights: dict[tuple[str, str], float] = defaultdict(float)
    for spec, weight in table.items():
        word, where = _split(spec)
        weights[known_layer(word, known, network).name, where] += weight
    return weights


def _channels(
    table: Mapping[str, float], known: Mapping[str, LayerFacts], network: Listing
) -> tuple[dict[tuple[str, int, str], float], dict[tuple[Strength, str], float]]:
    channels: dict[tuple[str, int, str], float] = defaultdict(float)
    strengths: dict[tuple[Strength, str], float] = defaultdict(float)
    for spec, weight in table.items():
        word, where = _split(spec)
        if strength := strength_meant(word, known, network):
            strengths[strength, where] += weight
        else:
            channels[(*channel_meant(word, known, network), where)] += weight
    return channels, strengths


def _neurons(
    table: Mapping[str, float], known: Mapping[str, LayerFacts], network: Listing
) -> dict[Neuron, float]:
    weights: dict[Neuron, float] = defaultdict(float)
    for spec, weight in table.items():
        weights[neuron_meant(spec, known, network)] += weight
    return weights


def _guides(
    table: Mapping[str, float], known: Mapping[str, LayerFacts], network: Listing
) -> dict[tuple[Guide, str], float]:
    weights: dict[tuple[Guide, str], float] = defaultdict(float)
    for spec, weight in table.items():
        path, name, where = split_guide(spec)
        layer = known_layer(name, known, network) if name else guide_layer(network)
        if len(layer.shape) != 4:
            raise TargetError(f"guide {spec!r}: layer {layer.name} has no places left: name an earlier layer")
        weights[Guide(path, layer.name), where] += weight
    return weights


def _split(spec: str) -> tuple[str, str]:
    word, where = split_map(spec)
    if not word or (not where and "@" in spec):
        raise ConfigError(f"target {spec!r}: {MAP_FORMS}")
    return word, where

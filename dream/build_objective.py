"""Aiming: from targets found in a network to the terms to climb, and the network that computes just these.

When only classes are wanted, no other class's score is computed, and what a thousand classes cost is saved:
that is the common case, `--class goldfish`. Scores that are only added up need not be averaged over windows
first (see `models.dense`): then the frame's edge counts as much as its middle, tiles need a smaller halo, and
a class keeps to its map: averaged first, a score answers to the map of its whole window.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import TargetError
from ..models.network import Network
from .objective import Objective, Term
from .targets.resolved import ResolvedTargets
from .terms.cells import CellGrid
from .terms.classes import ClassShare, ClassTerm
from .terms.guide import GuideTerm, read_guide
from .terms.layers import ChannelTerm, LayerTerm, NeuronTerm
from .terms.palette import PaletteTerm
from .terms.strength import StrengthTerm


def build_objective(targets: ResolvedTargets, network: Network) -> tuple[Network, Objective]:
    """Return the dense network to climb on and the objective of the resolved targets.

    Cheap: nothing runs but the reading of guides, so it may be called once per octave. Raises TargetError
    for a target that such a network cannot have, and what `read_guide` raises.
    """
    wanted = {place for place, weight in (*targets.classes.items(), *targets.palette.items()) if weight}
    classes = tuple(sorted({index for index, _ in wanted}))
    if not classes:
        dense = _dense_if_possible(network)
        return dense, Objective(tuple(_layer_terms(targets, dense)))
    averaged = _needs_windows(targets, network)
    dense = network.dense(classes, averaged)
    channels = {index: place for place, index in enumerate(classes)}
    if _reads_other_scores(targets, network, dense):
        dense, channels = network.dense(averaged=averaged), {index: index for index in classes}
    terms = [*_layer_terms(targets, dense), *_class_terms(targets, dense, channels)]
    return dense, Objective(tuple(terms))


def _needs_windows(targets: ResolvedTargets, network: Network) -> bool:
    """Tell whether something reads the scores of windows otherwise than by adding them up."""
    without_extent = {info.name for info in network.layers if info.shape[2:] in ((), (1, 1))}
    return bool(targets.palette or targets.layers_read & without_extent)


def _reads_other_scores(targets: ResolvedTargets, network: Network, narrowed: Network) -> bool:
    """Tell whether a target reads a layer that wants the scores of all classes.

    On the way to the scores such a layer has other channels than it had; behind them, a softmax has another
    value.
    """
    order = [info.name for info in narrowed.layers]
    last = order.index(narrowed.class_layer or order[-1])
    return any(
        layer in order[last + 1 :] or _width(network, layer) != _width(narrowed, layer)
        for layer in targets.layers_read
    )


def _layer_terms(targets: ResolvedTargets, network: Network) -> Iterator[Term]:
    for (layer, where), weight in targets.layers.items():
        if weight:
            yield LayerTerm(weight, layer, _grid(network, layer, where), where)
    for (layer, channel, where), weight in targets.channels.items():
        if weight:
            yield ChannelTerm(weight, layer, (channel,), _grid(network, layer, where), where)
    for (strength, where), weight in targets.strengths.items():
        if weight:
            yield StrengthTerm(weight, strength, _grid(network, strength.layer, where), where)
    for neuron, weight in targets.neurons.items():
        if weight:
            grid = CellGrid.of(network, neuron.layer)
            yield NeuronTerm(weight, neuron.layer, neuron.channel, neuron.place, grid)
    for (guide, where), weight in targets.guides.items():
        if weight:
            pixels = read_guide(Path(guide.path), network.input_size)
            yield GuideTerm(weight, guide.layer, pixels, _grid(network, guide.layer, where), where)


def _class_terms(targets: ResolvedTargets, dense: Network, channels: Mapping[int, int]) -> Iterator[Term]:
    layer = dense.class_layer
    assert layer is not None  # there are classes
    wanted = {place: weight for place, weight in targets.classes.items() if weight}
    for region in dict.fromkeys(where for _, where in wanted):  # balanced, so that none outshines another
        here = {index: weight for (index, where), weight in wanted.items() if where == region}
        total = sum(abs(weight) for weight in here.values())
        shares = tuple(ClassShare(channels[index], weight / total, region) for index, weight in here.items())
        yield ClassTerm(total, layer, shares, _grid(dense, layer, region))
    for region in dict.fromkeys(where for _, where in targets.palette):
        pulls = {channels[index]: pull for (index, where), pull in targets.palette.items() if where == region}
        largest = max(pulls.values())
        members = tuple((channel, pull / largest) for channel, pull in pulls.items())
        kinds = tuple(targets.kinds.get(index, index) for index, where in targets.palette if where == region)
        yield PaletteTerm(largest, layer, members, CellGrid.of(dense, layer), region, kinds=kinds)


def _grid(network: Network, layer: str, where: str) -> CellGrid | None:
    return CellGrid.of(network, layer) if where else None


def _width(network: Network, layer: str) -> int | None:
    """Return a layer's channels; None where the network has no such layer."""
    return next((info.channels for info in network.layers if info.name == layer), None)


def _dense_if_possible(network: Network) -> Network:
    """Return the dense network, or the plain one where the way to its classes cannot slide."""
    try:
        return network.dense()
    except TargetError:
        return network

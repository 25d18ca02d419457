"""From targets found in a network to the terms to climb, and the network that computes just these.

When only classes are wanted, no other class's score is computed, and what a thousand classes cost is saved:
that is the common case, `--class goldfish`. Scores that are only added up need not be averaged over windows
first (see `models.graph.dense`): then the frame's edge counts as much as its middle, tiles need a smaller
halo, and a class keeps to its map: averaged first, a score answers to the map of its whole window.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import TargetError
from ...models.network import Network
from ..objective import Objective, Term
from ..targets.context import Context
from ..targets.resolved import ResolvedTargets


def build_objective(targets: ResolvedTargets, network: Network) -> tuple[Network, Objective]:
    """Return the dense network to climb on and the objective of the resolved targets.

    Cheap: nothing runs but the reading of guides, so it may be called once per octave. Raises TargetError
    for a target that such a network cannot have, and what `read_guide` raises.
    """
    wanted = {index for found, weight in targets.weights.items() if weight for index in found.classes}
    classes = tuple(sorted(wanted))
    if not classes:
        dense = _dense_if_possible(network)
        return dense, Objective(tuple(_terms(targets, Context(dense))))
    averaged = _needs_windows(targets, network)
    dense = network.dense(classes, averaged)
    channels = {index: place for place, index in enumerate(classes)}
    if _reads_other_scores(targets, network, dense):
        dense, channels = network.dense(averaged=averaged), {index: index for index in classes}
    context = Context(dense, channels, targets.common_numbers)
    return dense, Objective(tuple(_terms(targets, context)))


def _terms(targets: ResolvedTargets, context: Context) -> Iterator[Term]:
    """Yield the terms that read layers, then those that read scores."""
    for reads_scores in (False, True):
        for kind, weights in targets.groups:
            if any(found.classes for found in weights) == reads_scores:
                yield from kind.terms(weights, context)


def _needs_windows(targets: ResolvedTargets, network: Network) -> bool:
    """Tell whether something reads the scores of windows otherwise than by adding them up."""
    without_extent = {info.name for info in network.layers if info.shape[2:] in ((), (1, 1))}
    return bool(any(found.per_window for found in targets.weights) or targets.layers_read & without_extent)


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


def _width(network: Network, layer: str) -> int | None:
    """Return a layer's channels; None where the network has no such layer."""
    return next((info.channels for info in network.layers if info.name == layer), None)


def _dense_if_possible(network: Network) -> Network:
    """Return the dense network, or the plain one where the way to its classes cannot slide."""
    try:
        return network.dense()
    except TargetError:
        return network

"""Objectives: what a dream climbs, as values that add and scale.

A term turns activations into one scalar by summing over every position of the frame. Sums split: a frame cut
into tiles has the gradient of the whole (see `gradient`). Terms of different kinds live on very different
scales (a layer's squares against a class's scores), so a mix is balanced: each term is weighed against the
size of its own gradient, and a weight of 2 beside a weight of 1 means twice the push.

    LayerTerm    0.5 * sum of squares of a layer     google/deepdream's L2 objective, whose gradient at the
                                                     layer is the activation itself
    ChannelTerm  sum of one channel of a layer       tensorflow/lucid's channel objective
    ClassTerm    weighted sum of class scores        deepdraw's objective, at every window at once
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from ..errors import TargetError
from ..models.network import Network
from .targets import ResolvedTargets

Activations = Mapping[str, Tensor]


class Term(Protocol):
    """One thing to climb: a scalar computed from the activations of some layers."""

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers whose activations `value` reads."""
        ...

    @property
    def weight(self) -> float:
        """How hard this term pushes beside others; negative pushes away."""
        ...

    def value(self, activations: Activations) -> Tensor:
        """Return the term as a scalar float32 tensor, summed over all positions, not yet weighted."""
        ...


@dataclass(frozen=True)
class LayerTerm:
    """Half the squared L2 norm of a whole layer."""

    layer: str
    weight: float

    @property
    def layers(self) -> tuple[str, ...]:
        """The one layer."""
        return (self.layer,)

    def value(self, activations: Activations) -> Tensor:
        """Return 0.5 * sum(a^2)."""
        return 0.5 * activations[self.layer].float().square().sum()


@dataclass(frozen=True)
class ChannelTerm:
    """The sum of one channel of a layer."""

    layer: str
    channel: int
    weight: float

    @property
    def layers(self) -> tuple[str, ...]:
        """The one layer."""
        return (self.layer,)

    def value(self, activations: Activations) -> Tensor:
        """Return the sum of the channel over all positions."""
        return activations[self.layer][:, self.channel].float().sum()


@dataclass(frozen=True)
class ClassTerm:
    """Scores of several classes with their own weights, summed over every window of the frame.

    `channel_weights` pairs a channel of the class layer with its share of the term; the absolute shares of
    one term add up to 1.
    """

    layer: str
    channel_weights: tuple[tuple[int, float], ...]
    weight: float

    @property
    def layers(self) -> tuple[str, ...]:
        """The class layer of the dense network: one map of scores per class."""
        return (self.layer,)

    def value(self, activations: Activations) -> Tensor:
        """Return sum over windows and classes of weight * score."""
        scores = activations[self.layer]
        sums = [scores[:, channel].float().sum() * weight for channel, weight in self.channel_weights]
        return torch.stack(sums).sum()


@dataclass(frozen=True)
class Objective:
    """A sum of terms."""

    terms: tuple[Term, ...]

    @property
    def layers(self) -> tuple[str, ...]:
        """All layers the terms read, each once."""
        return tuple(dict.fromkeys(layer for term in self.terms for layer in term.layers))

    def value(self, activations: Activations, scales: tuple[float, ...]) -> Tensor:
        """Return the sum of the terms, each times its scale (see `ascent.balance`)."""
        parts = [
            scale * term.value(activations) for term, scale in zip(self.terms, scales, strict=True) if scale
        ]
        return torch.stack(parts).sum()


def aim(targets: ResolvedTargets, network: Network) -> tuple[Network, Objective]:
    """Return the dense network to climb on and the objective of the resolved targets.

    When only classes are wanted, the network computes no other class's scores.
    """
    terms: list[Term] = [LayerTerm(layer, weight) for layer, weight in targets.layers.items() if weight]
    terms += [ChannelTerm(*place, weight) for place, weight in targets.channels.items() if weight]
    wanted = {index: weight for index, weight in targets.classes.items() if weight}
    if not wanted or network.class_layer is None:
        return _dense_if_possible(network), Objective(tuple(terms))
    total = sum(abs(weight) for weight in wanted.values())
    shares = {index: weight / total for index, weight in wanted.items()}
    if terms:
        terms.append(ClassTerm(network.class_layer, tuple(shares.items()), total))
        return network.dense(), Objective(tuple(terms))
    alone = ClassTerm(network.class_layer, tuple(enumerate(shares.values())), total)
    return network.dense(tuple(wanted)), Objective((alone,))


def _dense_if_possible(network: Network) -> Network:
    """Return the dense network, or the plain one where the way to its classes cannot slide."""
    try:
        return network.dense()
    except TargetError:
        return network

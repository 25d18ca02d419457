"""Class scores: several classes, each with its weight, and if wanted, the region they live in.

    ClassTerm    weighted sum of class scores    deepdraw's objective, at every window at once

Classes of one term are summed as scores, not balanced against each other: a class the network is surer of is
climbed faster. Classes with different maps are terms of their own, and balanced (see `ascent.balance`). A
class with a map is climbed where the map is light: the map weighs the scores, and a score counts with what
the map says in the middle of what it sees.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ..objective import Activations, Maps
from .mapped import MappedTerm
from .sums import channel_sums


@dataclass(frozen=True)
class ClassShare:
    """One class of a term: its channel of the class layer, and its share."""

    channel: int
    share: float


@dataclass(frozen=True)
class ClassTerm(MappedTerm):
    """Scores of several classes with their own weights, summed over every window of the frame.

    The absolute shares of one term add up to 1.
    """

    shares: tuple[ClassShare, ...]

    def value(self, activations: Activations, maps: Maps) -> Tensor:
        """Return sum over windows and classes of share * map * score."""
        scores = activations[self.layer]
        channels, shares = [each.channel for each in self.shares], [each.share for each in self.shares]
        return channel_sums(scores, channels, shares, self.weights(scores, maps))

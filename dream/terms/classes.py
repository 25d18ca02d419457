"""Class scores: several classes, each with its weight, and if wanted, the region they live in.

    ClassTerm    weighted sum of class scores    deepdraw's objective, at every window at once

Classes of one term are summed as scores, not balanced against each other: a class the network is surer of is
climbed faster. Classes with different maps are terms of their own, and balanced (see `ascent.balance`). A
class with a map is climbed where the map is light: the map weighs the scores, and a score counts with what
the map says in the middle of what it sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from ..objective import Activations, Maps
from .mapped import MappedTerm


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
        weights = tuple(share.share for share in self.shares)
        mixed = _mixed(activations[self.layer], tuple(share.channel for share in self.shares), weights)
        return self.weighed(mixed, maps).sum()


def _mixed(scores: Tensor, channels: tuple[int, ...], weights: tuple[float, ...]) -> Tensor:
    """Return the weighted sum (n, 1, h, w) of some channels of a map of scores, in float32."""
    if len(channels) <= 4:  # no tensor of weights to keep on the device
        parts = [
            scores[:, channel].float() * weight for channel, weight in zip(channels, weights, strict=True)
        ]
        return torch.stack(parts).sum(dim=0)[:, None]
    chosen = scores.float()
    if channels != tuple(range(scores.shape[1])):
        chosen = chosen[:, _on_device(channels, scores.device)]
    return (chosen * _on_device(weights, scores.device)[:, None, None]).sum(dim=1, keepdim=True)


@cache
def _on_device(numbers: tuple[int, ...] | tuple[float, ...], device: torch.device) -> Tensor:
    """Return numbers as a tensor; kept, since copying to a graphics card makes every step wait.

    Kept for good: recorded passes go on reading it (`gradient.recordings`).
    """
    return torch.tensor(numbers, device=device)

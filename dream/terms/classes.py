"""Class scores: several classes, each with its weight and, if wanted, the region it lives in.

    ClassTerm    weighted sum of class scores    deepdraw's objective, at every window at once

Classes of one term are summed as scores, not balanced against each other: a class the network is surer of is
climbed faster. Classes with different maps are terms of their own, and balanced (see `ascent.balance`). A
class with a map is climbed where the map is light: the map weighs the scores, and a score counts with what
the map says in the middle of what it sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from ..objective import Activations, Maps, Term
from .cells import CellGrid


@dataclass(frozen=True)
class ClassShare:
    """One class of a term: its channel of the class layer, its share, and the map it lives in ("": all)."""

    channel: int
    share: float
    map_name: str = ""


@dataclass(frozen=True)
class ClassTerm(Term):
    """Scores of several classes with their own weights, summed over every window of the frame.

    The absolute shares of one term add up to 1.
    """

    layer: str
    shares: tuple[ClassShare, ...]
    grid: CellGrid | None = None

    @property
    def layers(self) -> tuple[str, ...]:
        """The class layer of the dense network: one map of scores per class."""
        return (self.layer,)

    @property
    def map_names(self) -> tuple[str, ...]:
        """The maps that the classes live in."""
        return tuple(dict.fromkeys(share.map_name for share in self.shares if share.map_name))

    @property
    def regions(self) -> tuple[str, ...]:
        """The maps that the classes live in, and "" where one lives everywhere."""
        return tuple(dict.fromkeys(share.map_name for share in self.shares))

    def value(self, activations: Activations, maps: Maps) -> Tensor:
        """Return sum over windows and classes of share * map * score."""
        scores = activations[self.layer]
        sums = []
        for name in dict.fromkeys(share.map_name for share in self.shares):
            here = [share for share in self.shares if share.map_name == name]
            weights = tuple(share.share for share in here)
            mixed = _mixed(scores, tuple(share.channel for share in here), weights)
            if self.grid is not None and name:
                mixed = mixed * self.grid.weights(maps[name], scores)
            sums.append(mixed.sum())
        return torch.stack(sums).sum()


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


@lru_cache(maxsize=64)
def _on_device(numbers: tuple[int, ...] | tuple[float, ...], device: torch.device) -> Tensor:
    """Return numbers as a tensor; kept, since copying to a graphics card makes every step wait."""
    return torch.tensor(numbers, device=device)

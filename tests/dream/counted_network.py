"""A network that counts the pixels it sees, and so a clock that runs as the network works."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from lucidreel.models.network import Network


class CountedNetwork:
    """A real network; it, and every network made of it, adds the pixels of each pass to `seen`."""

    def __init__(self, network: Network, seen: list[int] | None = None) -> None:
        self._network = network
        self.seen = [0] if seen is None else seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)

    def activations(self, images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        self.seen[0] += images.shape[0] * images.shape[-2] * images.shape[-1]
        return self._network.activations(images, layers)

    def dense(self, classes: Sequence[int] | None = None, averaged: bool = True) -> CountedNetwork:
        return CountedNetwork(self._network.dense(classes, averaged), self.seen)

    def to(self, device: torch.device, dtype: torch.dtype) -> CountedNetwork:
        return CountedNetwork(self._network.to(device, dtype), self.seen)

    def clock(self) -> float:
        """Return a millisecond for every 5 pixels that were seen."""
        return self.seen[0] / 5_000

"""What a target's term is made with: the network that it reads, and where in it the scores lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...models.network import Network
from ..terms.cells import CellGrid
from .regions import Region


@dataclass(frozen=True)
class Context:
    """What terms are made with: the dense network that they read."""

    network: Network
    channels: Mapping[int, int] = field(default_factory=dict)
    """Where in the class layer each wanted class has its scores, by its number."""
    common_numbers: Mapping[int, int] = field(default_factory=dict)
    """By a class's number, the one by which several networks tell that their classes are the same."""

    @property
    def class_layer(self) -> str:
        """The layer with one map of scores per class."""
        layer = self.network.class_layer
        assert layer is not None  # whoever asks has classes
        return layer

    def grid(self, layer: str, region: Region | None) -> CellGrid | None:
        """Return where a layer's cells lie, for a term that keeps to a region; None for one that does not."""
        return None if region is None else CellGrid.of(self.network, layer)

    def map_name(self, region: Region | None) -> str:
        """Return what a region's map is called by in a dream; "" is everywhere."""
        return "" if region is None else region.name

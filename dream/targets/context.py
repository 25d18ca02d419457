"""What a target's term is made with: the network that it reads, and where in it the scores lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...models.network import Network
from ..terms.cells import CellGrid
from ..terms.mapped import CellMap
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

    def where(self, layer: str, region: Region | None) -> CellMap | None:
        """Return a region's map as a layer's cells read it; None is everywhere."""
        return None if region is None else CellMap(region.name, CellGrid.of(self.network, layer))

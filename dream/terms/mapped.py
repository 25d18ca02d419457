"""What all terms of one layer share: they count everywhere alike, or where a map is light."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor

from ..objective import Maps, Term
from .cells import CellGrid


@dataclass(frozen=True)
class CellMap:
    """A map of where, as the cells of one layer read it."""

    name: str
    grid: CellGrid


@dataclass(frozen=True)
class MappedTerm(Term):
    """A term that reads one layer; with a map, every cell counts with what that says of it."""

    layer: str
    where: CellMap | None = field(default=None, kw_only=True)

    @property
    def layers(self) -> tuple[str, ...]:
        """The one layer."""
        return (self.layer,)

    @property
    def map_names(self) -> tuple[str, ...]:
        """The map, if any."""
        return () if self.where is None else (self.where.name,)

    def weighed(self, values: Tensor, maps: Maps) -> Tensor:
        """Return values (n, c, h, w) at the layer's cells, weighed by the map."""
        if self.where is None:
            return values
        return values * self.where.grid.weights(maps[self.where.name], values)

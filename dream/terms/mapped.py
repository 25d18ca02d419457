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

    def weights(self, value: Tensor, maps: Maps) -> Tensor | None:
        """Return what the map says at the cells of the layer's value (n, c, h, w), as (n, 1, h, w)."""
        return None if self.where is None else self.where.grid.weights(maps[self.where.name], value)

"""Whole layers, "fire8/concat": whatever they see already, more of it. The classic deep dream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from ....models.network import Listing
from ...setting.option import Option
from ..find_layers import find_layer
from ..resolved import Found
from ..syntax import Quote, name_in
from ..target import Target

if TYPE_CHECKING:
    from ...objective import Term
    from ..context import Context
    from ..find_classes import Draws


@dataclass(frozen=True)
class LayerTarget(Target):
    """A layer by its name."""

    layer: str

    option: ClassVar[Option] = Option(
        "--layer -l",
        metavar="LAYER[@MAP][=WEIGHT]",
        help="Whatever a whole layer already sees, more of it: the classic deep dream.",
        everyday=True,
        completes="layers",
    )

    @classmethod
    def read_name(cls, name: str, folder: Path | None) -> Self:
        return cls(name_in(name))

    def name_text(self, quote: Quote) -> str:
        return quote(self.layer)

    def find(self, network: Listing, draws: Draws) -> Iterator[tuple[Found, float]]:
        yield FoundLayer(find_layer(self.layer, network).name, region=self.region), self.weight

    @property
    def layer_read(self) -> str:
        return self.layer


@dataclass(frozen=True)
class FoundLayer(Found):
    """A layer that the network has."""

    layer: str

    @property
    def layers(self) -> tuple[str, ...]:
        return (self.layer,)

    def name(self, network: Listing) -> str:
        return self.layer

    def term(self, weight: float, context: Context) -> Term:
        from ...terms.layers import LayerTerm

        return LayerTerm(weight, self.layer, where=context.where(self.layer, self.region))

"""Single neurons: one channel of a layer at one place of the picture.

fire8/concat:12             in the middle
fire8/concat:12@0.2,0.7     at these shares of the picture's width and height
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from ....errors import ConfigError, TargetError
from ....models.network import Listing
from ....models.reading.numerals import decimal_in, decimal_text
from ...setting.option import Option
from ..find_layers import find_layer
from ..resolved import Found
from ..syntax import AND, AT, OF, PART, Quote, cut, parts, weight_advice
from ..target import Target, split_network
from .channels import number_found, read_channel

if TYPE_CHECKING:
    from ...objective import Term
    from ..context import Context
    from ..find_classes import Draws

_MIDDLE = (0.5, 0.5)


@dataclass(frozen=True)
class NeuronTarget(Target):
    """A layer's channel at one place, (across, down) as shares of the picture; None is the middle."""

    layer: str
    channel: int
    place: tuple[float, float] | None = None

    option: ClassVar[Option] = Option(
        "--neuron",
        metavar="LAYER:CHANNEL[@X,Y][=WEIGHT]",
        help="One neuron, in the middle of the picture or at shares of its width and height: "
        "conv4_1:12@0.2,0.7.",
        completes="neurons",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.region is not None or not all(0 <= share <= 1 for share in self.place or ()):
            raise ConfigError(_forms(self.entry_text(str)))

    @classmethod
    def read_entry(cls, entry: str, folder: Path | None = None) -> Self:
        network, rest = split_network(entry, folder)
        word, sign, place = cut(rest, AT)
        layer, channel = read_channel(word.strip())
        shares = [decimal_in(share) for share in parts(place, AND)] if sign else []
        match (channel, shares):
            case (int(), []):
                return cls(layer, channel, network=network)
            case (int(), [float(across), float(down)]):
                return cls(layer, channel, (across, down), network=network)
        raise ConfigError(_forms(entry))

    def entry_text(self, quote: Quote) -> str:
        network = f"{quote(self.network)}{OF}" if self.network else ""
        place = "" if self.place is None else AT + AND.join(map(decimal_text, self.place))
        return f"{network}{quote(self.layer)}{PART}{self.channel}{place}"

    def find(self, network: Listing, draws: Draws) -> Iterator[tuple[Found, float]]:
        layer = find_layer(self.layer, network)
        channel = number_found(self.channel, layer, replace(self, network="").entry)
        if len(layer.shape) != 4:
            raise TargetError(
                f"neuron {self.entry!r}: layer {layer.name} has no places left; write --channel "
                f"{self.layer}:{channel}"
            )
        yield FoundNeuron(layer.name, channel, self.place or _MIDDLE), self.weight

    @property
    def layer_read(self) -> str:
        return self.layer


def _forms(entry: str) -> str:
    return (
        f"{entry!r} is not a neuron: write LAYER:CHANNEL, like conv4_1:12, or with its place as shares of "
        f"the picture's width and height, and no map, like conv4_1:12@0.2,0.7.{weight_advice(entry)}"
    )


@dataclass(frozen=True)
class FoundNeuron(Found):
    """A channel of a layer that the network has, at one place."""

    layer: str
    channel: int
    place: tuple[float, float]

    @property
    def layers(self) -> tuple[str, ...]:
        return (self.layer,)

    def name(self, network: Listing) -> str:
        across, down = self.place
        return f"{self.layer}:{self.channel}@{across:g},{down:g}"

    def term(self, weight: float, context: Context) -> Term:
        from ...terms.cells import CellGrid
        from ...terms.layers import NeuronTerm

        grid = CellGrid.of(context.network, self.layer)
        return NeuronTerm(weight, self.layer, self.channel, self.place, grid)

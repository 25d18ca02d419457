"""Channels of a layer: one by its number, or those that are strong, weak or ordinary in the picture.

fire8/concat:12             one
fire8/concat:strongest      ten; also weakest, average
fire8/concat:strongest:3    three
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from ....errors import ConfigError, LayerNotFoundError, suggestion
from ....models.network import ListedLayer, Listing
from ....models.reading.numerals import number_in
from ...setting.option import Option
from ..find_layers import find_layer
from ..resolved import Found
from ..syntax import PART, Quote, cut_last, is_quoted, name_in, weight_advice
from ..target import Target

if TYPE_CHECKING:
    from ...objective import Term
    from ..context import Context
    from ..find_classes import Draws

STRENGTHS = ("strongest", "weakest", "average")
_STRENGTH_COUNT = 10  # as many as neural-dream shows


@dataclass(frozen=True)
class Strength:
    """Channels by how strong they are in the picture: which end, and how many; None is ten, or all."""

    end: str
    count: int | None = None

    def __post_init__(self) -> None:
        if self.end not in STRENGTHS:
            raise ConfigError(
                f"{self.end!r} is no strength of channels: {', '.join(STRENGTHS)}."
                f"{suggestion(self.end, STRENGTHS)}"
            )

    def __str__(self) -> str:
        return self.end if self.count is None else f"{self.end}{PART}{self.count}"


@dataclass(frozen=True)
class ChannelTarget(Target):
    """A layer's channel by its number, or some of its channels by their strength."""

    layer: str
    channel: int | Strength

    option: ClassVar[Option] = Option(
        "--channel",
        metavar="LAYER:INDEX[@MAP][=WEIGHT]",
        help="One channel of a layer, such as conv4_1:12; or those that are the strongest in the picture, "
        "conv4_1:strongest (ten), :weakest, :average, :strongest:3.",
        completes="channels",
    )

    @classmethod
    def read_name(cls, name: str, folder: Path | None) -> Self:
        layer, channel = read_channel(name)
        if not layer or channel is None:
            raise ConfigError(
                f"{name!r} is not a channel: write LAYER:INDEX, like conv4_1:12, or LAYER:strongest, "
                f"LAYER:weakest, LAYER:average.{weight_advice(name) or _nearest_strength(name)}"
            )
        return cls(layer, channel)

    def name_text(self, quote: Quote) -> str:
        return f"{quote(self.layer)}{PART}{self.channel}"

    def find(self, network: Listing, draws: Draws) -> Iterator[tuple[Found, float]]:
        layer = find_layer(self.layer, network)
        if isinstance(self.channel, Strength):
            yield _by_strength(replace(self, network=""), self.channel, layer), self.weight
        else:
            number = number_found(self.channel, layer, self.entry)
            yield FoundChannel(layer.name, number, region=self.region), self.weight

    @property
    def layer_read(self) -> str:
        return self.layer


def read_channel(name: str) -> tuple[str, int | Strength | None]:
    """Return the layer and what stands behind its last ":", a number or a strength; None for neither.

    A layer's own name may hold colons.
    """
    layer, sign, last = cut_last(name, PART)
    if not sign:
        return "", None
    number = number_in(last.strip())
    before, _, end = cut_last(layer, PART)
    if before and end in STRENGTHS and number is not None:
        return name_in(before), Strength(end, number)
    if last in STRENGTHS:
        return name_in(layer), Strength(last)
    return name_in(layer), number


def number_found(channel: int, layer: ListedLayer, entry: str) -> int:
    """Return the number of a channel that the layer has. Raises LayerNotFoundError."""
    if channel >= layer.channels:
        raise LayerNotFoundError(
            f"channel {entry!r}: layer {layer.name} has channels 0 to {layer.channels - 1}"
        )
    return channel


def _by_strength(target: ChannelTarget, strength: Strength, layer: ListedLayer) -> FoundStrength:
    count = min(_STRENGTH_COUNT, layer.channels) if strength.count is None else strength.count
    if not 1 <= count <= layer.channels:
        raise LayerNotFoundError(
            f"channel {target.entry!r}: layer {layer.name} has {layer.channels} channels, so ask for 1 to "
            f"{layer.channels}"
        )
    return FoundStrength(layer.name, strength.end, count, region=target.region)


def _nearest_strength(name: str) -> str:
    """Suggest the strength whose name is misspelt behind a layer's."""
    layer, _, last = cut_last(name, PART)
    word = cut_last(layer, PART)[2] if last.isdecimal() else last
    return suggestion(word, STRENGTHS) if layer and not is_quoted(word) else ""


@dataclass(frozen=True)
class FoundChannel(Found):
    """A channel of a layer that the network has."""

    layer: str
    channel: int

    @property
    def layers(self) -> tuple[str, ...]:
        return (self.layer,)

    def name(self, network: Listing) -> str:
        return f"{self.layer}:{self.channel}"

    def term(self, weight: float, context: Context) -> Term:
        from ...terms.layers import ChannelTerm

        where = context.where(self.layer, self.region)
        return ChannelTerm(weight, self.layer, (self.channel,), where=where)


@dataclass(frozen=True)
class FoundStrength(Found):
    """So many channels of a layer at one end of how strong they are in the picture."""

    layer: str
    end: str
    count: int

    order: ClassVar[int] = 1

    @property
    def layers(self) -> tuple[str, ...]:
        return (self.layer,)

    def name(self, network: Listing) -> str:
        return f"the {self.count} {self.end} channels of {self.layer}"

    def term(self, weight: float, context: Context) -> Term:
        from ...terms.strength import StrengthTerm

        where = context.where(self.layer, self.region)
        return StrengthTerm(weight, self.layer, self.end, self.count, where=where)

"""Which layers, channels, neurons and guides a word means.

fire8/concat                  a layer
fire8/concat:12               one of its channels
fire8/concat:strongest:3      its three strongest in the picture; also weakest, average
fire8/concat:12@0.2,0.7       that channel's neuron at these shares of the picture's width and height
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...errors import LayerNotFoundError, TargetError, suggestion
from ...models.network import LayerFacts, Listing
from ...models.reading.numerals import is_numeral, number_in
from .syntax import STRENGTHS, weight_advice

_STRENGTH = re.compile(rf"(.+):({'|'.join(STRENGTHS)})(?::(\d{{1,6}}))?", re.ASCII)
_STRENGTH_COUNT = 10  # as many as neural-dream shows


@dataclass(frozen=True)
class Strength:
    """Channels of a layer by how strong they are in the picture: which end, and how many."""

    layer: str
    end: str
    count: int


@dataclass(frozen=True)
class Neuron:
    """One channel of a layer at one place, (across, down) as shares of the picture."""

    layer: str
    channel: int
    place: tuple[float, float]


@dataclass(frozen=True)
class Guide:
    """A guide picture and the layer at which its features are compared."""

    path: str
    layer: str


def known_layer(name: str, known: Mapping[str, LayerFacts], network: Listing) -> LayerFacts:
    """Return a layer by name; LayerNotFoundError with the nearest names when there is none."""
    if name not in known:
        raise no_such_layer(name, known, f"{network.name} has no")
    return known[name]


def no_such_layer(name: str, known: Mapping[str, LayerFacts], who_has: str) -> LayerNotFoundError:
    """Return the error for a name that no layer has, with the nearest ones; `who_has` begins it."""
    near = _channel_advice(name, known) or weight_advice(name) or suggestion(name, known)
    return LayerNotFoundError(
        f"{who_has} layer {name!r}.{near} `lucidreel models layers`, with the same --model, lists them all."
    )


def layer_in(word: str) -> str:
    """Return the layer's name in "layer:12", "layer:strongest:3" and "layer:12@0.2,0.7"."""
    word = word.partition("@")[0].strip()
    strength = _STRENGTH.fullmatch(word)
    return strength[1] if strength else word.rpartition(":")[0]


def _channel_advice(name: str, known: Mapping[str, LayerFacts]) -> str:
    """Return " A channel …" for a layer's name with one of its channels, or ""."""
    layer, colon, channel = name.rpartition(":")
    is_channel = colon and layer in known and not re.fullmatch(r"-?[0-9]*[.,][0-9]+", channel)  # a weight
    return f" A channel is no layer: --channel {name}." if is_channel else ""


def strength_meant(word: str, known: Mapping[str, LayerFacts], network: Listing) -> Strength | None:
    """Read "layer:strongest" or "layer:strongest:3"; None for what names no strength."""
    match = _STRENGTH.fullmatch(word)
    if match is None:
        return None
    layer = known_layer(match[1], known, network)
    count = int(match[3]) if match[3] else min(_STRENGTH_COUNT, layer.channels)
    if not 1 <= count <= layer.channels:
        raise LayerNotFoundError(
            f"channel {word!r}: layer {layer.name} has {layer.channels} channels, so ask for 1 to "
            f"{layer.channels}"
        )
    return Strength(layer.name, match[2], count)


def channel_meant(word: str, known: Mapping[str, LayerFacts], network: Listing) -> tuple[str, int]:
    """Read "layer:channel"; the layer's own name may hold colons."""
    name, colon, number = word.rpartition(":")
    if not colon or not is_numeral(number):
        near = weight_advice(word) or (suggestion(number, STRENGTHS) if colon else "")
        raise LayerNotFoundError(
            f"channel {word!r}: write it as layer:number, such as conv4_1:12, or layer:strongest, "
            f"layer:weakest, layer:average.{near}"
        )
    layer = known_layer(name, known, network)
    channel = number_in(number)
    if channel is None or channel >= layer.channels:
        raise LayerNotFoundError(f"channel {word!r}: layer {name} has channels 0 to {layer.channels - 1}")
    return name, channel


def neuron_meant(spec: str, known: Mapping[str, LayerFacts], network: Listing) -> Neuron:
    """Read "layer:channel" (in the middle of the picture) or "layer:channel@across,down"."""
    word, at, place = spec.partition("@")
    layer, channel = channel_meant(word.strip(), known, network)
    try:
        across, down = (float(part) for part in place.split(",")) if at else (0.5, 0.5)
    except ValueError:
        across = down = -1.0
    if not (0 <= across <= 1 and 0 <= down <= 1):
        raise TargetError(
            f"neuron {spec!r}: a neuron has one place and no map: write it as shares of the picture's width "
            "and height, such as conv4_1:12@0.5,0.25"
        )
    if len(known[layer].shape) != 4:
        raise TargetError(f"neuron {spec!r}: layer {layer} has no places left; write --channel {word}")
    return Neuron(layer, channel, (across, down))


def guide_layer(network: Listing) -> LayerFacts:
    """Return the deepest layer that still has about a cell per 8 pixels.

    That is where google/deepdream compares guides: inception_3b/output in GoogLeNet, fire8/concat in
    SqueezeNet v1.0.
    """
    skipped = ("Pooling", "LRN", "Dropout", "Split", "Silence")
    found = [
        layer
        for layer in network.layers
        if len(layer.shape) == 4
        and layer.type not in skipped
        and min(layer.shape[2:]) > 1
        and round(network.input_size[0] / layer.shape[2]) <= 8
    ]
    if not found:
        raise TargetError(f"{network.name} has no layer to compare a guide at: name one, photo.jpg@layer")
    return found[-1]

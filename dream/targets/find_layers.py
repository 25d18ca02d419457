"""Layers looked up in a network by name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...errors import LayerNotFoundError, suggestion
from ...models.network import ListedLayer, Listing
from .syntax import PART, cut_last, weight_advice


def find_layer(name: str, network: Listing) -> ListedLayer:
    """Return a layer by name; LayerNotFoundError with the nearest names when there is none."""
    known = {layer.name: layer for layer in network.layers}
    if name not in known:
        raise no_such_layer(name, known, f"{network.name} has no")
    return known[name]


def no_such_layer(name: str, known: Mapping[str, ListedLayer], who_has: str) -> LayerNotFoundError:
    """Return the error for a name that no layer has, with the nearest ones; `who_has` begins it."""
    near = _channel_advice(name, known) or weight_advice(name) or suggestion(name, known)
    return LayerNotFoundError(
        f"{who_has} layer {name!r}.{near} `lucidreel models layers`, with the same --model, lists them all."
    )


def _channel_advice(name: str, known: Mapping[str, ListedLayer]) -> str:
    """Return " A channel …" for a layer's name with one of its channels, or ""."""
    layer, colon, channel = cut_last(name, PART)
    is_channel = colon and layer in known and not re.fullmatch(r"-?[0-9]*[.,][0-9]+", channel)  # a weight
    return f" A channel is no layer: --channel {name}." if is_channel else ""

"""`models layers`: a network's layers in order."""

from __future__ import annotations

from ..terminal import print_table
from .arguments import ModelArgument, ModelName, asked_for, load


def layers(name: ModelArgument = None, model: ModelName = None) -> None:
    """List a network's layers in order: what --layer and --channel can name.

    Example:

      lucidreel models layers bvlc_googlenet
    """
    network = load(asked_for(name, model))
    rows = [(layer.name, layer.type, _shape_words(layer.shape)) for layer in network.layers]
    print_table(("LAYER", "TYPE", "CHANNELS x HEIGHT x WIDTH"), rows)


def _shape_words(shape: tuple[int, ...]) -> str:
    return " x ".join(str(size) for size in shape[1:])

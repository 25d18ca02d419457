"""`models info`: what a network is."""

from __future__ import annotations

from ..terminal import say
from .arguments import ModelArgument, ModelName, asked_for, load


def info(name: ModelArgument = None, model: ModelName = None) -> None:
    """Tell what a network is: its input, its layers, its classes.

    Examples:

      lucidreel models info
      lucidreel models info my-googlenet/
    """
    network = load(asked := asked_for(name, model))
    height_px, width_px = network.input_size
    say(f"name     {network.name}")
    say(f"input    {width_px}x{height_px} (any other size works too)")
    say(f"pictures {network.pictures}")
    say(f"layers   {len(network.layers)} (lucidreel models layers {asked})")
    scored = next((layer.channels for layer in network.layers if layer.name == network.class_layer), None)
    scores = (
        "none: dream of layers instead"
        if scored is None
        else f"{scored}, scored by layer {network.class_layer}"
    )
    words = f", {len(network.labels)} with names" if len(network.labels) else ""
    say(f"classes  {scores}{words}")

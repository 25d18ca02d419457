"""The words of target flags, turned into the tables of `Targets`, files in them written out as full paths.

Weights follow an equals sign, maps an at sign: "goldfish@water.png=0.7". Whether a class or layer exists is
for the network to say; here only the form is looked at.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..dream.targets.syntax import MAP_FORMS, STRENGTHS, anchored, lots_apart, split_guide, weight_advice
from ..errors import ConfigError, UsageError, suggestion
from .parsing import parse_weights

_CHANNEL = re.compile(rf"[^@]+:(\d+|({'|'.join(STRENGTHS)})(:\d+)?)(@.*)?", re.ASCII)
_NEURON = re.compile(r"[^@]+:\d+(@[\d.]+,[\d.]+)?", re.ASCII)


def parse_classes(texts: list[str]) -> dict[str, float]:
    """Return {class: weight} from words like "goldfish", "shark=-0.5", "sea.json@water.png=2"."""
    return _in_full("classes", parse_weights(lots_apart(texts)))


def parse_palette(texts: list[str]) -> dict[str, float]:
    """Return {classes: pull} from words like "goldfish,shark,peacock" and "0-7"."""
    weights = _in_full("palette", parse_weights(lots_apart(texts)))
    for name, pull in weights.items():
        if pull <= 0:
            raise UsageError(
                f"{name!r} weighs {pull:g}, and a palette only pulls: write a weight above 0, or push a "
                "class away with --class NAME=-1."
            )
    return weights


def parse_layers(texts: list[str]) -> dict[str, float]:
    """Return {layer: weight} from words like "fire8/concat" and "conv1@luminance=0.5"."""
    return _in_full("layers", parse_weights(texts))


def parse_channels(texts: list[str]) -> dict[str, float]:
    """Return {"layer:index": weight} from words like "fire8/concat:12=0.5" and "fire8/concat:strongest:3"."""
    weights = parse_weights(texts)
    for name in weights:
        if not _CHANNEL.fullmatch(name):
            raise UsageError(
                f"{name!r} is not a channel: write LAYER:INDEX, like conv4_1:12, or LAYER:strongest, "
                f"LAYER:weakest, LAYER:average.{weight_advice(name) or _nearest_strength(name)}"
            )
    return _in_full("channels", weights)


def parse_neurons(texts: list[str]) -> dict[str, float]:
    """Return {"layer:channel@across,down": weight} from words like "conv1:12" and "conv1:3@0.2,0.7"."""
    weights = parse_weights(texts)
    for name in weights:
        if not _NEURON.fullmatch(name):
            raise UsageError(
                f"{name!r} is not a neuron: write LAYER:CHANNEL, like conv4_1:12, or with its place as "
                "shares of the picture's width and height, like conv4_1:12@0.2,0.7." + weight_advice(name)
            )
    return weights


def parse_guides(texts: list[str]) -> dict[str, float]:
    """Return {"file@layer": weight} from words like "bees.jpg" and "bees.jpg@fire8/concat=0.5"."""
    weights = parse_weights(texts)
    for name in weights:
        if not Path(split_guide(name)[0]).suffix:
            raise UsageError(
                f"{name!r} is not a guide: write a picture file, like bees.jpg or bees.jpg@LAYER."
            )
    return _in_full("guides", weights)


def _nearest_strength(name: str) -> str:
    """Suggest the strength whose name is misspelt behind a layer's."""
    words = [word for word in name.partition("@")[0].split(":")[1:] if not word.isdecimal()]
    return suggestion(words[-1], STRENGTHS) if words else ""


def _in_full(kind: str, weights: dict[str, float]) -> dict[str, float]:
    for name in weights:
        if name.startswith("@") or name.endswith("@"):
            raise UsageError(f"{name!r}: {MAP_FORMS}")
    try:
        full: dict[str, float] = anchored({kind: weights}, Path.cwd())[kind]
    except ConfigError as error:
        raise UsageError(str(error)) from None
    return full

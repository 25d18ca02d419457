"""Whom the speed benchmark sets against each other: the engine and the plain program, dream by dream.

Both have the same weights, picture, octaves and number of iterations. The engine's are its defaults: it also
computes a border around the picture and filters the gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lucidreel.benchmarks import eager
from lucidreel.benchmarks.definitions import made_up, squeezenet_v1_1, vgg16
from lucidreel.benchmarks.picture import NETWORK
from lucidreel.benchmarks.races import Plain, Runner, runner
from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.device import choose_dtype
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.load import load_definition, load_folder
from lucidreel.render.frames.frames import Picture

GOOGLENET = Path("models", "definitions", "bvlc_googlenet.prototxt")
CLASS, CLASS_INDEX = "jellyfish", 107
STILL: dict[str, Any] = {}  # nothing but the defaults
LAYER_DREAM = {"octaves": 4, "iterations": 10}


@dataclass(frozen=True)
class Contest:
    """One dream, by both."""

    network: Callable[[Path], CaffeNetwork]
    """From the shared folder."""
    targets: Targets
    plain: Callable[[], nn.Module]
    climbed: eager.Climbed = eager.layer
    is_class: bool = False

    def runners(
        self, shared: Path, picture: Picture, device: torch.device, precision: str
    ) -> tuple[Runner, Plain]:
        """Return the engine and the plain program, ready to dream."""
        settings = {**(STILL if self.is_class else LAYER_DREAM), "precision": precision}
        network = self.network(shared)
        ours = runner(network, self.targets, picture, device, **settings)
        filled = eager.fill(self.plain(), convolution_weights(network))
        ready = eager.ready(filled, choose_dtype(precision, device), device)
        octaves = tuple(plan.iterations for plan in DreamConfig(**settings).plans())
        return ours, Plain(ready, picture, self.climbed, octaves)


def convolution_weights(network: CaffeNetwork) -> Iterator[tuple[NDArray[np.float32], ...]]:
    """Yield the (weight, bias) of every convolution, in the definition's order."""
    for node, tensors in zip(network.graph.nodes, network.weights, strict=True):
        if node.type == "Convolution":
            yield tuple(tensor.float().numpy() for tensor in tensors)


def _squeezenet(shared: Path) -> CaffeNetwork:
    return load_folder(shared / NETWORK)


def _layer(name: str) -> Targets:
    return Targets(layers={name: 1.0})


CONTESTS: Mapping[str, Contest] = {
    "SqueezeNet v1.0, fire8": Contest(_squeezenet, _layer("fire8/concat"), eager.squeezenet_v1_0),
    "SqueezeNet v1.1, fire8": Contest(
        lambda shared: made_up(squeezenet_v1_1(), "squeezenet_v1.1"),
        _layer("fire8/concat"),
        eager.squeezenet_v1_1,
    ),
    "SqueezeNet v1.0, a class by default": Contest(
        _squeezenet,
        Targets(classes={CLASS: 1.0}),
        lambda: eager.squeezenet_v1_0(classes=True),
        eager.channel(CLASS_INDEX),
        is_class=True,
    ),
    "GoogLeNet, inception_4c": Contest(
        lambda shared: load_definition(shared / GOOGLENET, 0),
        _layer("inception_4c/output"),
        eager.googlenet,
    ),
    "VGG16, relu4_3": Contest(lambda shared: made_up(vgg16(), "vgg16"), _layer("relu4_3"), eager.vgg16),
}
"""The dreams that are raced, by name."""

"""The kinds of targets that every term is tested with, and pictures to test them on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from lucidreel.dream.objective import Maps, Objective
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.network import Network


@dataclass(frozen=True)
class Aimed:
    """A dense network, an objective prepared for one picture, and the maps it reads there."""

    network: Network
    objective: Objective
    maps: Maps

    def value(self, picture: Tensor, maps: Maps | None = None) -> Tensor:
        """Return the sum of the terms for a picture."""
        activations = self.network.activations(picture, self.objective.layers)
        scales = tuple(term.weight for term in self.objective.terms)
        return self.objective.value(activations, scales, self.maps if maps is None else maps)


Prepare = Callable[..., Aimed]


def picture_of(height: int, width: int, seed: int = 1) -> Tensor:
    """Return a coarse-grained picture (1, 3, h, w), 0..1."""
    random = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, height // 4, width // 4, generator=random)
    fine = torch.rand(1, 3, height, width, generator=random)
    return 0.7 * torch.nn.functional.interpolate(coarse, size=(height, width)) + 0.3 * fine


KINDS = (
    Targets(classes={"goldfish": 1.0, "umbrella": -0.5}),
    Targets(classes={"goldfish@left.png": 1.0, "peacock": 0.5}),
    Targets(palette={"goldfish,jellyfish,umbrella": 1.0}),
    Targets(palette={"0-2@left.png": 1.0, "3-4": 2.0}),
    Targets(layers={"conv1": 1.0, "conv2": -0.2}),
    Targets(layers={"conv2@left.png": 1.0}),
    Targets(channels={"conv2:3": 1.0, "conv2:4@left.png": -1.0}),
    Targets(channels={"conv2:strongest:3": 1.0}),
    Targets(channels={"conv2:average:2@left.png": 1.0}),
    Targets(neurons={"conv2:3@0.3,0.6": 1.0}),
    Targets(guides={"GUIDE.png@conv2": 1.0}),
    Targets(guides={"GUIDE.png@conv1@left.png": 1.0}),
    Targets(classes={"goldfish": 1.0}, channels={"score:3": 1.0}, neurons={"classes:2": 1.0}),
)


def called(targets: Targets) -> str:
    """Return the name of a kind as a test shows it."""
    return ",".join(target.entry for target in targets.all)


def with_guide(targets: Targets, guide: Path) -> Targets:
    """Return targets with a real file for GUIDE.png."""
    guides = [replace(target, path=str(guide)) for target in targets.guides]
    return targets.model_copy(update={"guides": tuple(guides)})

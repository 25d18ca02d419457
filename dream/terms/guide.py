"""Guide pictures: every place takes on that feature of the guide which it resembles most.

google/deepdream's guided dreaming. For the features x of a place (one vector over the channels of a layer),
the guide's best match y is the one with the largest dot product; the term is the sum of x · y, so the
gradient at the layer is y. The match is sought anew at every step.

A guide is scaled so that its shorter side is the network's input size: things in it are then as large as
those that the network was trained on. (A strip many times as long as wide is smaller.) Of layers with many
cells, every second or third row and column is compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from ...models.network import Network
from ..objective import Activations, Maps
from ..picture_files.reading import read_levels
from .look import large_enough, scaled
from .mapped import MappedTerm
from .sums import products

_MOST_PIXELS = 2_000_000
_MOST_FEATURES = 4096
_PRODUCTS_AT_ONCE = 2**22  # 16 MiB of float32, whatever the frame's size


@dataclass(frozen=True)
class GuideTerm(MappedTerm):
    """The dot products of every place with the guide's feature that matches best.

    `pixels` are the guide's, as `read_guide` returns them; `features` its feature vectors at the layer,
    (count, channels), once the term is prepared.
    """

    pixels: Tensor
    features: Tensor | None = None

    def prepared(self, network: Network, picture: Tensor, maps: Maps) -> GuideTerm:
        """Return the term with the guide looked at; the same one when it was before."""
        if self.features is not None:
            return self
        value = network.activations(self.pixels.to(picture.device), (self.layer,))[self.layer]
        every = math.ceil(math.sqrt(max(1.0, value.shape[-2] * value.shape[-1] / _MOST_FEATURES)))
        features = value[..., ::every, ::every].flatten(2)[0].t().contiguous()
        return replace(self, features=features)

    def value(self, activations: Activations, maps: Maps) -> Tensor:
        """Return the sum over places of feature · best match."""
        if self.features is None:
            raise ValueError("a guide is looked at by `Objective.prepared`, for one picture")
        value = activations[self.layer]
        return products(value, best_matches(value.detach(), self.features), self.weights(value, maps))


def best_matches(value: Tensor, features: Tensor) -> Tensor:
    """Return, for every place of `value` (n, c, h, w), the row of `features` (count, c) it resembles most.

    Likeness is the dot product; the result has the shape of `value`.
    """
    places = value.permute(0, 2, 3, 1).reshape(-1, value.shape[1])
    rows = max(1, _PRODUCTS_AT_ONCE // len(features))
    best = torch.cat([(part @ features.t()).argmax(dim=1) for part in torch.split(places, rows)])
    count, channels, height, width = value.shape
    return features[best].reshape(count, height, width, channels).permute(0, 3, 1, 2)


def read_guide(path: Path, input_size: tuple[int, int]) -> Tensor:
    """Return the guide in a file at the size it is looked at, (1, 3, h, w), RGB float32 0..1.

    Raises InputNotFoundError when there is no such file, MediaError when it is not a readable picture.
    """
    levels = read_levels(path, "the guide ", enough_px=input_size)
    pixels = torch.from_numpy(levels.transpose(2, 0, 1).copy())[None]
    return large_enough(scaled(pixels, input_size, _MOST_PIXELS), input_size)

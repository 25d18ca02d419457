"""Terms that read a layer: all of it, single channels, or one neuron.

    LayerTerm     0.5 * sum of squares of a layer     google/deepdream's L2 objective, whose gradient at the
                                                      layer is the activation itself
    ChannelTerm   sum of channels of a layer          tensorflow/lucid's channel objective
    NeuronTerm    one channel at one place            tensorflow/lucid's neuron objective

A neuron's place is a share of the picture, so that it stays where it is from octave to octave and under every
random shift; between cells, its four neighbours share it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..objective import ACROSS, DOWN, Activations, Maps, Term
from .cells import CellGrid
from .mapped import MappedTerm
from .sums import channel_sums, half_squares


@dataclass(frozen=True)
class LayerTerm(MappedTerm):
    """Half the squared L2 norm of a whole layer; with a map, every cell's share weighed by it."""

    def value(self, activations: Activations, maps: Maps) -> Tensor:
        """Return 0.5 * sum(map * a^2)."""
        value = activations[self.layer]
        return half_squares(value, self.weights(value, maps))


@dataclass(frozen=True)
class ChannelTerm(MappedTerm):
    """The sum of some channels of a layer; with a map, every cell weighed by it."""

    channels: tuple[int, ...]

    def value(self, activations: Activations, maps: Maps) -> Tensor:
        """Return the sum of the channels over all positions."""
        value = activations[self.layer]
        return channel_sums(value, self.channels, where=self.weights(value, maps))


@dataclass(frozen=True)
class NeuronTerm(Term):
    """One channel of a layer at one place, (across, down) as shares of the picture."""

    layer: str
    channel: int
    place: tuple[float, float]
    grid: CellGrid

    @property
    def layers(self) -> tuple[str, ...]:
        """The one layer."""
        return (self.layer,)

    @property
    def map_names(self) -> tuple[str, ...]:
        """The two maps of positions."""
        return ACROSS, DOWN

    def value(self, activations: Activations, maps: Maps) -> Tensor:
        """Return the channel's value at the place, between the cells around it."""
        value = activations[self.layer]
        near = [
            self._nearness(maps[name], place, value)
            for name, place in zip(self.map_names, self.place, strict=True)
        ]
        return channel_sums(value, (self.channel,), where=near[0] * near[1])

    def _nearness(self, whole: Tensor, place: float, value: Tensor) -> Tensor:
        """Return 1 at cells where the map of positions says `place`, falling to 0 at those one cell away."""
        # From pixel to pixel, as a share of the picture; under a turn, both axes have a part of it. The
        # median, because a tile that was rolled has a seam where positions jump.
        middle = (whole[0, 0, :, whole.shape[-1] // 2], whole[0, 0, whole.shape[-2] // 2])
        steps = [line.diff().abs().median() for line in middle if len(line) > 1]
        step = torch.stack(steps).square().sum().sqrt()
        away = (self.grid.weights(whole, value) - place).abs()
        return (1 - away / (step * self.grid.stride).clamp(min=1e-6)).clamp(min=0)

"""Channels by strength: the strongest, the weakest, or the most ordinary ones of a layer in this picture.

As in neural-dream's channel modes: strong channels exaggerate what is there, weak ones bring in what is not.
A channel's strength is the mean of its positive part over the picture that the dream starts from. The choice
is made once per picture; in a film, from what each frame starts with, so what was strong in the last frame
stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ...models.network import Network
from ..objective import Activations, Maps
from ..octaves import resize
from .layers import ChannelTerm
from .look import look, places_of
from .mapped import MappedTerm


@dataclass(frozen=True)
class StrengthTerm(MappedTerm):
    """The sum of those channels of a layer that are strong, weak or ordinary in the picture."""

    end: str
    count: int
    channels: tuple[int, ...] = ()

    def prepared(self, network: Network, picture: Tensor, maps: Maps) -> StrengthTerm:
        """Return the term with the channels chosen; with a map, for what they show where it is light."""
        seen = look(picture, network.input_size)
        value = places_of(network.activations(seen, (self.layer,))[self.layer]).clamp(min=0)
        weights = torch.ones_like(value[:, :1])
        if self.where is not None:
            whole = look(maps[self.where.name], network.input_size)
            weights = resize(whole, (value.shape[-2], value.shape[-1])).clamp(0, 1)
        strengths = (value * weights).sum(dim=(0, 2, 3)).cpu() / weights.sum().cpu().clamp(min=1e-6)
        return replace(self, channels=chosen(strengths.tolist(), self.end, self.count))

    def value(self, activations: Activations, maps: Maps) -> Tensor:
        """Return the sum of the chosen channels over all positions."""
        if not self.channels:
            raise ValueError("channels by strength are chosen by `Objective.prepared`, for one picture")
        return ChannelTerm(self.weight, self.layer, self.channels, where=self.where).value(activations, maps)


def chosen(strengths: list[float], end: str, count: int) -> tuple[int, ...]:
    """Return the channels wanted, by number; silent ones come last, since nothing can be climbed there."""
    mean = sum(strengths) / len(strengths)

    def order(channel: int) -> tuple[bool, float]:
        strength = strengths[channel]
        by = {"strongest": -strength, "weakest": strength, "average": abs(strength - mean)}[end]
        return strength <= 0, by

    return tuple(sorted(sorted(range(len(strengths)), key=order)[:count]))

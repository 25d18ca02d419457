"""The palette: free association inside a chosen set of classes.

Every region becomes the member of the set that the network already sees there most. What "most" means needs
care: some classes score high on anything, and with plain scores one of them often takes the whole picture
(the umbrella a bridge, the volcano a whole sky). Compared with each member's own mean over this picture, none
does, but then a bed of daisies becomes anything but daisies. So half of that mean is taken off: most of
the variety for a seventh of the price in scores (docs/targets.md has the figures). Dividing by each member's
spread as well was tried: a cat then no longer became a cat, because the member that is seen most clearly has
the widest spread.

The choice is made once, from the picture that the dream starts with, and kept while it dreams: regions do not
change hands from step to step or from octave to octave. On film the start holds what the last frame's dream
left, so that regions stay what they became.

Several networks choose together: how clearly each sees a member, beside how clearly it sees them all, is
averaged over the networks that know the member. One network would otherwise paint a goldfish where another
paints an eye. A network leaves a place to the others where a member has it that only they know.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ...models.network import Network
from ..objective import ACROSS, DOWN, Activations, Maps, Term
from .cells import CellGrid
from .look import mirrored, scaled
from .mapped import MappedTerm
from .sums import channel_sums

_SIDE_IN_WINDOWS = 3.0
_MOST_PIXELS = 2_000_000  # of a picture that is many times as wide as high
_MEAN_TAKEN_OFF = 0.5
_SOFTNESS = 0.25  # of the standard deviation between members: the winner has 0.84 of a place on average


@dataclass(frozen=True)
class PaletteTerm(MappedTerm):
    """At every window, the scores of the members chosen there.

    `members` pairs a channel of the class layer with its pull, 1 for the strongest; `choice` is how far each
    member has each place of the picture, (1, members, rows, columns), adding up to 1, once prepared. `kinds`
    are the numbers by which several networks tell that members are the same; a network alone needs none.
    """

    members: tuple[tuple[int, float], ...]
    grid: CellGrid
    choice: Tensor | None = None
    kinds: tuple[int, ...] = ()

    @property
    def map_names(self) -> tuple[str, ...]:
        """The maps of positions, and the palette's own if it has one."""
        return (ACROSS, DOWN, *super().map_names)

    def prepared(self, network: Network, picture: Tensor, maps: Maps) -> PaletteTerm:
        """Return the term with every place of the picture given to a member."""
        scores = scores_around(network, picture, self.layer, self.grid.stride)
        return replace(self, choice=shared_out(scores[:, [channel for channel, _ in self.members]]))

    def agreed(self, terms: Sequence[Term]) -> PaletteTerm:
        """Return the term with the choice that the networks of all palettes for its region make together."""
        choices = [
            (each.kinds, each.choice)
            for each in terms
            if isinstance(each, PaletteTerm) and each.map_names == self.map_names and each.choice is not None
        ]
        together = chosen_together(choices)
        return replace(self, choice=torch.cat([together[kind] for kind in self.kinds], dim=1))

    def value(self, activations: Activations, maps: Maps) -> Tensor:
        """Return the sum over windows of the scores of those members that have the place."""
        if self.choice is None:
            raise ValueError("a palette chooses by `Objective.prepared`, for one picture")
        scores = activations[self.layer]
        places = [2 * self.grid.weights(maps[name], scores)[:, 0] - 1 for name in (ACROSS, DOWN)]
        choice = self.choice.expand(len(scores), -1, -1, -1)
        held = F.grid_sample(
            choice, torch.stack(places, dim=-1), mode="bilinear", padding_mode="border", align_corners=True
        )
        weights = self.weights(scores, maps)
        channels, pulls = zip(*self.members, strict=True)
        return channel_sums(scores, channels, pulls, held if weights is None else held * weights)


def scores_around(network: Network, picture: Tensor, layer: str, stride: int) -> Tensor:
    """Return class scores (1, c, m, k) of windows centred on an even grid, edge to edge of the picture."""
    side_px = min(_SIDE_IN_WINDOWS * side for side in network.input_size)
    looked_at = scaled(picture, (side_px, side_px), _MOST_PIXELS, multiple=stride)
    return network.activations(mirrored(looked_at, network.input_size), (layer,))[layer].float()


def shared_out(scores: Tensor) -> Tensor:
    """Return each member's share (1, members, m, k) of every place, from scores of that shape.

    Where two members are seen nearly alike, both have a share. What "nearly" is follows from how far members
    lie apart in this picture: scores of one network differ by tens, those of another by tenths.
    """
    seen = scores - _MEAN_TAKEN_OFF * scores.mean(dim=(-2, -1), keepdim=True)
    apart = (seen - seen.mean(dim=1, keepdim=True)).std()
    return torch.softmax(seen / (_SOFTNESS * apart).clamp(min=1e-6), dim=1)


def chosen_together(choices: Sequence[tuple[Sequence[int], Tensor]]) -> dict[int, Tensor]:
    """Return each member's share (1, 1, m, k) of every place as several networks have it, by its kind.

    `choices` are the kinds that each network knows, and its shares as `shared_out` gives them.
    """
    size = max((choice.shape[-2:] for _, choice in choices), key=math.prod)
    seen: dict[int, list[Tensor]] = defaultdict(list)
    for kinds, choice in choices:
        logs = F.interpolate(choice, size, mode="bilinear", align_corners=True).clamp(min=1e-6).log()
        logs = logs - logs.mean(dim=1, keepdim=True)
        for kind, log in zip(kinds, logs.unbind(1), strict=True):
            seen[kind].append(log)
    clear = torch.stack([torch.stack(each).mean(dim=0) for each in seen.values()], dim=1)
    return dict(zip(seen, torch.split(torch.softmax(clear, dim=1), 1, dim=1), strict=True))

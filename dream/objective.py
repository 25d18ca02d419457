"""Objectives: what a dream climbs, as values that add and scale.

A term turns activations into one scalar by summing over every position of the frame. Sums split: a frame cut
into tiles has the gradient of the whole (see `gradient`). Terms of different kinds live on very different
scales (a layer's squares against a class's scores), so a mix is balanced: each term is weighed against the
size of its own gradient, and a weight of 2 beside a weight of 1 means twice the push.

    words  ──targets──>  ResolvedTargets  ──build──>  Objective  ──prepared──>  Objective of one picture
    "goldfish"           class 1                    terms                     palette members chosen, …

The terms themselves are in `terms`. Weight maps say where: a term reads them by name, at its own cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..models.network import Network
from .reductions import sum_dtype

Activations = Mapping[str, Tensor]
Maps = Mapping[str, Tensor]
"""Weight maps by name, (n, 1, h, w) float32, cut to the very pixels behind the activations."""
Scales = Sequence[float | Tensor]
"""A factor per term; a tensor of one number where the device is to read it later."""

ACROSS, DOWN = "@across", "@down"
"""Maps that the objective lays over the picture itself: how far across and down each pixel lies, 0..1."""


@dataclass(frozen=True)
class Term:
    """One thing to climb: a scalar computed from the activations of some layers.

    `weight` says how hard the term pushes beside others; a negative one pushes away.
    """

    weight: float

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers whose activations `value` reads."""
        raise NotImplementedError

    @property
    def map_names(self) -> tuple[str, ...]:
        """The weight maps that `value` reads; none means everywhere alike."""
        return ()

    @property
    def regions(self) -> tuple[str, ...]:
        """The weight maps that the term keeps to; "" among them is everywhere."""
        return tuple(name for name in self.map_names if name not in (ACROSS, DOWN)) or ("",)

    def value(self, activations: Activations, maps: Maps) -> Tensor:
        """Return the term as a scalar float32 tensor, summed over all positions, not yet weighted."""
        raise NotImplementedError

    def prepared(self, network: Network, picture: Tensor, maps: Maps) -> Term:
        """Return the term for one picture (see `Objective.prepared`); the term itself if nothing depends."""
        return self

    def agreed(self, terms: Sequence[Term]) -> Term:
        """Return a term that is prepared as it is when several networks dream together.

        `terms` are those of all networks, this one included.
        """
        return self


@dataclass(frozen=True)
class Objective:
    """A sum of terms."""

    terms: tuple[Term, ...]

    @property
    def layers(self) -> tuple[str, ...]:
        """All layers the terms read, each once."""
        return tuple(dict.fromkeys(layer for term in self.terms for layer in term.layers))

    @property
    def map_names(self) -> tuple[str, ...]:
        """The weight maps that somebody has to supply, each once: the words behind "@" in targets."""
        return tuple(name for name in self._all_maps if name not in (ACROSS, DOWN))

    @property
    def regions(self) -> tuple[str, ...]:
        """The weight maps that the terms keep to, each once; "" among them is everywhere."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term.regions))

    @property
    def _all_maps(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for term in self.terms for name in term.map_names))

    def prepared(self, network: Network, picture: Tensor, maps: Maps) -> tuple[Objective, Maps]:
        """Return the objective, and the maps it reads, for the dream of one picture.

        Some terms depend on the picture a dream starts from: which member of a palette is seen where, which
        channels are the strongest. They choose here, once per picture, so that nothing wavers from step to
        step. `network` is the dense one of `build_objective` on its device, `picture` (1, 3, h, w) RGB 0..1
        what the dream starts from, `maps` the weight maps by name, (1, 1, h, w). Calling it again with
        another picture, on what it returned, chooses anew but does not look at guides again.
        """
        known = {name: maps[name] for name in self.map_names if name in maps}
        rest = {name: whole for name, whole in maps.items() if name not in (ACROSS, DOWN)}
        if len(known) < len(self.map_names):
            missing = ", ".join(sorted(set(self.map_names) - set(known)))
            raise ValueError(f"targets name weight maps that nobody supplied: {missing}")
        if ACROSS in self._all_maps or DOWN in self._all_maps:
            rest |= positions(picture)
        with torch.no_grad():
            terms = tuple(term.prepared(network, picture, rest) for term in self.terms)
        return replace(self, terms=terms), rest

    def agreed(self, terms: Sequence[Term]) -> Objective:
        """Return an objective that is prepared as one of several networks' (see `Term.agreed`)."""
        return replace(self, terms=tuple(term.agreed(terms) for term in self.terms))

    def value(self, activations: Activations, scales: Scales, maps: Maps) -> Tensor:
        """Return the sum of the terms, each times its scale (see `ascent.balance`); a 0.0 is left out."""
        parts = [
            scale * term.value(activations, maps)
            for term, scale in zip(self.terms, scales, strict=True)
            if isinstance(scale, Tensor) or scale
        ]
        return torch.stack(parts).sum()


def share_reached(regions: Iterable[str], maps: Maps) -> float:
    """Return how much of a picture the maps reach together, 0..1: the mean of the lightest at each pixel."""
    if "" in (names := tuple(regions)):
        return 1.0
    lightest = maps[names[0]]
    for name in names[1:]:
        lightest = torch.maximum(lightest, maps[name])
    return float(lightest.mean(dtype=sum_dtype(lightest.device)))


def positions(picture: Tensor) -> dict[str, Tensor]:
    """Return maps (1, 1, h, w) of how far across and down each pixel's centre lies, as shares 0..1."""
    height, width = picture.shape[-2:]
    down = (torch.arange(height, dtype=torch.float32, device=picture.device) + 0.5) / height
    across = (torch.arange(width, dtype=torch.float32, device=picture.device) + 0.5) / width
    return {
        ACROSS: across.expand(1, 1, height, width).contiguous(),
        DOWN: down[:, None].expand(1, 1, height, width).contiguous(),
    }

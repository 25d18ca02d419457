"""The gradient of several networks together: each one's brought to size, then added up.

    window ──> network a ──> gradient ──> to the size that its targets weigh, times a's weight ──┐
      └──────> network b ──> gradient ──> to the size that its targets weigh, times b's weight ──┴─> sum

Networks live on scales of their own (a score of one rises by tens where another's rises by tenths), and the
steeper one would have every step to itself. Sizes are root mean squares over the window, taken anew at every
step: as a thing appears, its gradient grows, in one network sooner than in the other. What is smoothed and
stepped is the sum, so everything behind it (`ascent`) is the same for one network and for several.

Networks look one after another: memory is that of the largest, and of one gradient more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from .objective import Maps, Objective, Term, share_reached
from .tiling.tiling import Field
from .unit import root_mean_square


class JointField:
    """Other fields' gradients, joined. `weights` are those of the networks, one for each field.

    A field whose scales are all 0 is not asked; the gradient of one that has the word alone is its own, as it
    is, which is how `ascent.balance` finds out how large the gradient of a single term is.
    """

    def __init__(self, parts: Sequence[Field], weights: Sequence[float]) -> None:
        self.parts = tuple(parts)
        self.weights = tuple(weights)
        # The largest is a multiple of all others for strides that are powers of 2. Others leave a network the
        # rim of a cell short at the end of the window, beyond the picture.
        self.stride = max(part.stride for part in self.parts)

    @property
    def objective(self) -> Objective:
        """What is climbed: the terms of all networks, one network's after the other's."""
        return Objective(tuple(term for part in self.parts for term in part.objective.terms))

    @property
    def max_pixels(self) -> int:
        """How many pixels may be in any of the networks at once."""
        return min(part.max_pixels for part in self.parts)

    @property
    def bytes_per_pixel(self) -> float:
        """What a pass of the largest network is reckoned to take per pixel that it sees."""
        return max(part.bytes_per_pixel for part in self.parts)

    def prepare(self, picture: Tensor, maps: Maps) -> Maps:
        """Have every objective choose what depends on the picture of a dream; return the maps they read."""
        read = {name: whole for part in self.parts for name, whole in part.prepare(picture, maps).items()}
        self.agree(self.objective.terms)
        return read

    def agree(self, terms: Sequence[Term]) -> None:
        """Have the networks agree on what is dreamt where."""
        for part in self.parts:
            part.agree(terms)

    def passes(self, height: int, width: int, on_cpu: bool) -> list[int]:
        """Return how many pixels a network sees in each of the passes that a window takes."""
        return [pixels for part in self.parts for pixels in part.passes(height, width, on_cpu)]

    def __call__(self, window: Tensor, scales: tuple[float, ...], maps: Maps | None = None) -> Tensor:
        """Return the joined gradient over a (n, 3, H, W) window, as float32."""
        asked = [(part, weight, own) for part, weight, own in self._asked(scales) if any(own)]
        if not asked:
            return torch.zeros_like(window)
        if len(asked) == 1:
            part, _, own = asked[0]
            return part(window, own, maps)
        total: Tensor | None = None
        for part, weight, own in asked:
            gradient = part(window, own, maps)
            size = root_mean_square(gradient)
            push = weight * _asked_for(part.objective.terms, own, maps or {})
            gradient *= push / size.clamp(min=torch.finfo(size.dtype).tiny)
            total = gradient if total is None else total.add_(gradient)
        assert total is not None
        return total

    def _asked(self, scales: tuple[float, ...]) -> Iterator[tuple[Field, float, tuple[float, ...]]]:
        """Yield every field with its weight and the scales of its own terms."""
        start = 0
        for part, weight in zip(self.parts, self.weights, strict=True):
            end = start + len(part.objective.terms)
            yield part, weight, scales[start:end]
            start = end


def _asked_for(terms: Sequence[Term], scales: Sequence[float], maps: Maps) -> float:
    """Return the root mean square of a sum of terms that are balanced and have nothing in common.

    Each has that of its weight where its maps reach, and nothing elsewhere (`ascent.balance`).
    """
    return math.sqrt(
        sum(
            term.weight**2 * share_reached(term.regions, maps)
            for term, scale in zip(terms, scales, strict=True)
            if scale
        )
    )

"""The gradient of several networks together: each one's brought to size, then added up.

    view ──> network a ──> gradient ──> to the size that its targets weigh, times a's weight ──┐
      └────> network b ──> gradient ──> to the size that its targets weigh, times b's weight ──┴─> sum

Networks live on scales of their own (a score of one rises by tens where another's rises by tenths), and the
steeper one would have every step to itself. Sizes are root mean squares over the view, taken anew at every
step: as a thing appears, its gradient grows, in one network sooner than in the other. What is filtered and
stepped is the sum, so everything behind it (`ascent`) is the same for one network and for several.

Networks look one after another: memory is that of the largest, and of one gradient more. The view has the
border that the widest looking of them needs; the others look at as much of it as they would by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..objective import Maps, Objective, Term, share_reached
from ..reductions import root_mean_square
from .function import GradientFunction, Size


@dataclass(frozen=True)
class Inset:
    """How much less of a view's border a network needs than there is, and the least view it takes."""

    px: int = 0
    smallest: Size = (1, 1)

    def of(self, size: Size, stride: int) -> tuple[slice, slice]:
        """Return the rows and columns of a (height, width) view that the network looks at."""
        rows, columns = (
            min(self.px, max(0, length - least) // 2) // stride * stride
            for length, least in zip(size, self.smallest, strict=True)
        )
        return slice(rows, size[0] - rows), slice(columns, size[1] - columns)


class JointGradient:
    """The gradients of several networks, joined; `weights` are those of the networks.

    `insets`, where given, leave out what a network does not need of the view's border. A network whose scales
    are all 0 is not asked; the gradient of one that is asked alone is its own, as it is, which is how
    `ascent.balance` finds out how large the gradient of a single term is.
    """

    def __init__(
        self, parts: Sequence[GradientFunction], weights: Sequence[float], insets: Sequence[Inset] = ()
    ) -> None:
        self.parts = tuple(parts)
        self.weights = tuple(weights)
        self._insets = tuple(insets) or (Inset(),) * len(self.parts)
        # The largest is a multiple of all others for strides that are powers of 2. Others leave a network the
        # rim of a cell short at the end of the view, beyond the picture.
        self.stride = max(part.stride for part in self.parts)
        periods = [part.period_px for part in self.parts]
        known = [period for period in periods if period is not None]
        self.period_px = math.lcm(*known) if len(known) == len(periods) else None

    @property
    def objective(self) -> Objective:
        """What is climbed: the terms of all networks, one network's after the other's."""
        return Objective(tuple(term for part in self.parts for term in part.objective.terms))

    @property
    def smallest_view(self) -> Size:
        """The (height, width) that no network's view falls below."""
        heights, widths = zip(*(part.smallest_view for part in self.parts), strict=True)
        return max(heights), max(widths)

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
        """Return how many pixels a network sees in each of the passes that a view takes."""
        sizes = self.seen_sizes(height, width)
        return [
            pixels
            for part, size in zip(self.parts, sizes, strict=True)
            for pixels in part.passes(*size, on_cpu)
        ]

    def seen_sizes(self, height: int, width: int) -> list[Size]:
        """Return the (height, width) of what each network looks at of a view."""
        looked_at = [
            inset.of((height, width), part.stride)
            for part, inset in zip(self.parts, self._insets, strict=True)
        ]
        return [(rows.stop - rows.start, columns.stop - columns.start) for rows, columns in looked_at]

    def __call__(self, pixels: Tensor, scales: tuple[float, ...], maps: Maps | None = None) -> Tensor:
        """Return the joined gradient over a (n, 3, H, W) view, as float32."""
        asked = [(place, own) for place, own in enumerate(self._split_by_part(scales)) if any(own)]
        total = torch.zeros_like(pixels)
        for place, own in asked:
            part, size = self.parts[place], (pixels.shape[-2], pixels.shape[-1])
            at = (..., *self._insets[place].of(size, part.stride))
            seen = {name: whole[at] for name, whole in (maps or {}).items()}
            gradient = part(pixels[at], own, seen)
            if len(asked) > 1:
                push = self.weights[place] * _expected_size(part.objective.terms, own, seen)
                gradient *= push / root_mean_square(gradient).clamp(min=torch.finfo(gradient.dtype).tiny)
            total[at] += gradient
        return total

    def _split_by_part(self, scales: tuple[float, ...]) -> Iterator[tuple[float, ...]]:
        """Yield the scales of each network's own terms."""
        start = 0
        for part in self.parts:
            end = start + len(part.objective.terms)
            yield scales[start:end]
            start = end


def _expected_size(terms: Sequence[Term], scales: Sequence[float], maps: Maps) -> float:
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

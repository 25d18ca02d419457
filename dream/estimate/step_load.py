"""How much work a step of a dream is, counted before anything runs: pixels that go through the network.

    picture of an octave -> views of a step -> passes of a view -> pixels

Time grows with the pixels of all passes together, memory with the largest one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..gradient.function import GradientFunction, Size
from ..objectives.per_octave import OctaveObjective
from ..octaves import octave_sizes

if TYPE_CHECKING:
    from ..engine import Dreamer

# Of what `NetworkGradient.bytes_per_pixel` sets aside for a pass, so much is taken (docs/estimate.md). The
# picture, its view and their spectra come on top: bytes per pixel of the view.
_TAKEN_OF_SET_ASIDE = 0.7
_VIEW_BYTES = 48.0
# The sum of several networks' gradients, while the next one is computed.
_SUM_BYTES = 12.0


@dataclass(frozen=True)
class StepLoad:
    """What one step of an octave asks of the network.

    `pixels` is what the network sees in all passes of a step. `first` is what it sees in the octave's first
    step besides: several terms are weighed against each other there, one by one, which spares a single
    network the look at all of them (`ascent.balance`). `memory_mib` is what a step is reckoned to take at its
    largest.
    """

    pixels: int
    first: int
    memory_mib: float


def octave_loads(dreamer: Dreamer, height: int, width: int) -> list[StepLoad]:
    """Return the load of one step in every octave of a picture's dream, coarsest first."""
    plans = dreamer.config.plans()
    sizes = octave_sizes(height, width, [plan.ratio for plan in plans])
    on_cpu = dreamer.device.type == "cpu"
    return [
        step_load(objective, size, plan.jitter_px, on_cpu)
        for objective, size, plan in zip(dreamer.objectives, sizes, plans, strict=True)
    ]


def step_load(objective: OctaveObjective, size: Size, jitter_px: int, on_cpu: bool) -> StepLoad:
    """Return the load of one step over a picture of (height, width) pixels."""
    views = [view.size for view in objective.tiling.views(size, jitter_px, (0, 0), 0)]
    gradient = objective.tiling.gradient
    seen = zip(*(gradient.seen_sizes(*view) for view in views), strict=True)
    spared = 1 if len(gradient.parts) == 1 else 0
    parts = [_part_load(part, own, on_cpu, spared) for part, own in zip(gradient.parts, seen, strict=True)]
    largest = max(height * width for height, width in views)
    beside = _VIEW_BYTES + (_SUM_BYTES if len(parts) > 1 else 0.0)
    return StepLoad(
        pixels=sum(part.pixels for part in parts),
        first=sum(part.first for part in parts),
        memory_mib=max(part.memory_mib for part in parts) + largest * beside / 2**20,
    )


def _part_load(gradient: GradientFunction, views: Sequence[Size], on_cpu: bool, spared: int) -> StepLoad:
    """Return what one network does in a step; networks look one after another, in the same memory.

    Of the looks at single terms, as many as are `spared` come instead of others.
    """
    passes = [gradient.passes(*view, on_cpu) for view in views]
    largest = max(max(each) for each in passes)
    return StepLoad(
        pixels=sum(sum(each) for each in passes),
        first=(len(gradient.objective.terms) - spared) * sum(passes[0]),
        memory_mib=largest * gradient.bytes_per_pixel * _TAKEN_OF_SET_ASIDE / 2**20,
    )

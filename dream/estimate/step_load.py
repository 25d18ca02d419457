"""How much work a step of a dream is, counted before anything runs: pixels that go through the network.

    picture of an octave -> windows of a step -> passes of a window -> pixels

Time grows with the pixels of all passes together, memory with the largest one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..gradient.function import GradientFunction, Size
from ..octave_objectives import Way
from ..octaves import octave_sizes

if TYPE_CHECKING:
    from ..engine import Dreamer

# Of what `GradientField.bytes_per_pixel` sets aside for a pass, SqueezeNet's takes 0.67 (class, bf16, growth
# from octave to octave up to 1280 x 720). The picture, its window and their spectra come on top: bytes per
# pixel of the window.
_TAKEN_OF_SET_ASIDE = 0.7
_WINDOW_BYTES = 48.0
# The sum of several networks' gradients, while the next one is computed.
_SUM_BYTES = 12.0


@dataclass(frozen=True)
class StepWork:
    """What one step of an octave asks of the network.

    `pixels` is what the network sees in all passes of a step. `first` is what it sees in the octave's first
    step besides: several terms are weighed against each other there (`ascent.balance`). `memory_mib` is what
    a step is reckoned to take at its largest.
    """

    pixels: int
    first: int
    memory_mib: float


def octave_works(dreamer: Dreamer, height: int, width: int) -> list[StepWork]:
    """Return the work of one step in every octave of a picture's dream, coarsest first."""
    plans = dreamer.config.plans()
    sizes = octave_sizes(height, width, [plan.ratio for plan in plans])
    on_cpu = dreamer.device.type == "cpu"
    return [
        step_work(way, size, plan.jitter_px, on_cpu)
        for way, size, plan in zip(dreamer.ways, sizes, plans, strict=True)
    ]


def step_work(way: Way, size: Size, jitter_px: int, on_cpu: bool) -> StepWork:
    """Return the work of one step over a picture of (height, width) pixels."""
    windows = [window.size for window in way.tiling.windows(size, jitter_px, (0, 0), 0)]
    field = way.tiling.field
    seen = zip(*(field.windows(*window) for window in windows), strict=True)
    parts = [_part_work(part, own, on_cpu) for part, own in zip(field.parts, seen, strict=True)]
    window = max(height * width for height, width in windows)
    beside = _WINDOW_BYTES + (_SUM_BYTES if len(parts) > 1 else 0.0)
    terms = len(way.field.objective.terms)
    return StepWork(
        pixels=sum(part.pixels for part in parts),
        first=sum(part.first for part in parts) if terms > 1 else 0,
        memory_mib=max(part.memory_mib for part in parts) + window * beside / 2**20,
    )


def _part_work(field: GradientFunction, windows: Sequence[Size], on_cpu: bool) -> StepWork:
    """Return what one network does in a step; networks look one after another, in the same memory."""
    passes = [field.passes(*window, on_cpu) for window in windows]
    largest = max(max(each) for each in passes)
    return StepWork(
        pixels=sum(sum(each) for each in passes),
        first=len(field.objective.terms) * sum(passes[0]),
        memory_mib=largest * field.bytes_per_pixel * _TAKEN_OF_SET_ASIDE / 2**20,
    )

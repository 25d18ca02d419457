"""What dreaming will cost, found out before it starts: seconds per step of every octave, and memory.

    a step's load    pixels that the network sees in it (`step_load`), counted from the schedule
    a step's time    measured: two or more test steps of the smallest octave, then of the largest
                     octave that costs little beside the whole run; octaves in between lie on the line
    memory           the most the process took during test steps; for larger octaves reckoned on from there

The first step at a size is the slow one (kernels are made, memory is new), so it is never counted. What
test steps dream is thrown away, and they draw nothing that a dream draws: pictures do not change by them.

Whatever an octave dreams of may be deeper or shallower in the network, so each `OctaveObjective` is measured
alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import torch

from ..config.schedule import OctavePlan
from ..engine import Dreamer
from ..memory import peak_mib, taken_mib
from ..pictures import Planes
from .step_load import octave_loads

# A run that is over sooner needs no estimate: nobody has looked away yet.
WORTH_TELLING_S = 2.0
# What test steps of the larger octaves may take, as a share of the run and at most.
_SHARE, _MOST_S = 0.06, 10.0
_MOST_STEPS = 5
# Memory that is given back and taken again leaves gaps: growth over a whole dream or film, over the growth of
# the first steps. SqueezeNet and the bestiary, 320 x 240 and 640 x 480: 1.14 to 1.17.
_GAPS = 1.15


@dataclass(frozen=True)
class Cost:
    """What one picture's dream costs.

    `step_s` are seconds per step, and `first_s` what the first step takes on top, both coarsest octave first;
    `beside_s` are seconds beside all steps. `memory_mib` is the largest size the process grows to (on a
    graphics card: what it takes of the card).
    """

    step_s: tuple[float, ...]
    first_s: tuple[float, ...]
    beside_s: float
    memory_mib: float

    def picture_s(self, plans: Sequence[OctavePlan]) -> float:
        """Return the seconds of one picture that is dreamt along these plans."""
        return self.beside_s + sum(
            plan.iterations * step_s + (first_s if plan.iterations else 0.0)
            for plan, step_s, first_s in zip(plans, self.step_s, self.first_s, strict=True)
        )


def measure(
    dreamer: Dreamer,
    picture: Planes,
    maps: Mapping[str, Planes] | None,
    steps: Sequence[float],
    clock: Callable[[], float] = time.perf_counter,
) -> Cost | None:
    """Time test steps on `picture` and return what its dream costs; None where the run is too small to tell.

    `steps` says how many steps the whole run will take in each octave, coarsest first: test steps stay few
    beside it. Raises what dreaming the picture would raise.
    """
    return _TestSteps(dreamer, picture, maps, steps, clock).cost()


class _TestSteps:
    """The test steps of one picture, from small to large, and what they tell."""

    def __init__(
        self,
        dreamer: Dreamer,
        picture: Planes,
        maps: Mapping[str, Planes] | None,
        steps: Sequence[float],
        clock: Callable[[], float],
    ) -> None:
        self._dreamer, self._picture, self._maps, self._clock = dreamer, picture, maps, clock
        self._loads = octave_loads(dreamer, picture.shape[-2], picture.shape[-1])
        self._steps = steps
        self._used = [octave for octave, count in enumerate(steps) if count]
        self._measured: dict[int, float] = {}
        self._taken_mib, self._peak_mib = taken_mib(dreamer.device), peak_mib(dreamer.device)

    def cost(self) -> Cost | None:
        self._run({min(octaves, key=self._pixels): 2 for octaves in self._per_objective()})
        total_s = self._total_s()
        if total_s < WORTH_TELLING_S:
            return None
        began = self._clock()
        self._run({})
        beside_s = self._clock() - began
        self._run(self._larger(min(_SHARE * total_s, _MOST_S)))
        return Cost(
            tuple(self._seconds(octave, load.pixels) for octave, load in enumerate(self._loads)),
            tuple(self._seconds(octave, load.first) for octave, load in enumerate(self._loads)),
            beside_s,
            self._memory_mib(),
        )

    def _per_objective(self) -> list[list[int]]:
        """Return the octaves in use, those that climb the same together."""
        climbed = self._dreamer.objectives
        different = dict.fromkeys(climbed[octave] for octave in self._used)
        return [[octave for octave in self._used if climbed[octave] is each] for each in different]

    def _pixels(self, octave: int) -> int:
        return self._loads[octave].pixels

    def _larger(self, spare_s: float) -> dict[int, int]:
        """Return which octave of each objective to test besides, and for how many steps."""
        counts = {}
        groups = self._per_objective()
        for octaves in groups:
            step_s = {octave: self._seconds(octave, self._pixels(octave)) for octave in octaves}
            fitting = [octave for octave in octaves if 2 * step_s[octave] * len(groups) <= spare_s]
            if fitting:
                best = max(fitting, key=self._pixels)
                fit = int(spare_s / len(groups) / max(step_s[best], 1e-9))
                counts[best] = min(fit, _MOST_STEPS)
        return counts

    def _run(self, counts: Mapping[int, int]) -> None:
        """Run test steps of octaves, and note the time of a step after the first."""
        ends: list[float] = []
        iterations = [counts.get(octave, 0) for octave in range(len(self._loads))]
        self._watch(ends, iterations)
        for octave, count in enumerate(iterations):
            mine, ends = ends[:count], ends[count:]
            if count > 1:
                self._measured[octave] = median(after - before for before, after in pairwise(mine))

    def _watch(self, ends: list[float], iterations: Sequence[int]) -> None:
        listener, device = self._dreamer.on_step, self._dreamer.device

        def step_over(done: int, total: int) -> None:
            if device.type == "cuda":  # the card works behind the program's back
                torch.cuda.synchronize(device)
            ends.append(self._clock())

        self._dreamer.on_step = step_over
        try:
            self._dreamer.test_steps(self._picture, iterations, self._maps)
        finally:
            self._dreamer.on_step = listener

    def _total_s(self) -> float:
        return sum(self._steps[octave] * self._seconds(octave, self._pixels(octave)) for octave in self._used)

    def _seconds(self, octave: int, pixels: int) -> float:
        """Return what so many pixels take the network of that octave."""
        climbed = self._dreamer.objectives
        known = sorted(
            (self._pixels(each), seconds)
            for each, seconds in self._measured.items()
            if climbed[each] is climbed[octave]
        )
        return on_line(known, pixels)

    def _memory_mib(self) -> float:
        """Return the largest size that the process grows to."""
        most = peak_mib(self._dreamer.device)
        tested = max(self._loads[octave].memory_mib for octave in self._measured)
        largest = max(self._loads[octave].memory_mib for octave in self._used)
        grown = most - self._taken_mib if most > self._peak_mib else tested
        return max(most, self._taken_mib + _GAPS * grown + largest - tested)


def on_line(known: Sequence[tuple[int, float]], pixels: int) -> float:
    """Return the seconds of some pixels, from (pixels, seconds) of smaller and larger work, smallest first.

    In between it is on the line; below and above, in proportion.
    """
    if not known:
        return 0.0
    (least, least_s), (most, most_s) = known[0], known[-1]
    if pixels >= most:
        return most_s * pixels / most
    if pixels <= least:
        return least_s * pixels / least
    return least_s + (most_s - least_s) * (pixels - least) / (most - least)

"""Dreams timed against each other, in turn, so that whatever else the machine does falls on all alike.

A race has runners: the same picture and target under different settings, or under the plain program of
`eager`. Every round dreams once with each;
medians over the rounds are told, and ratios are medians of the rounds' own ratios. The first dream of a
runner, which compiles, packs weights and touches memory for the first time, is not counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Protocol

import torch
from torch import nn

from lucidreel.benchmarks import eager
from lucidreel.benchmarks.clock import Seconds, clock
from lucidreel.benchmarks.footprint import page_faults
from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.network import Network
from lucidreel.render.frames.frames import Picture


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock on the wall, and of the processor's time, all threads together; page faults."""

    wall: float
    cpu: float
    faults: int = 0

    @classmethod
    def by(cls, work: Callable[[], object]) -> Spent:
        """Return what some work takes."""
        faults, start, start_cpu = page_faults(), time.perf_counter(), time.process_time()
        work()
        return cls(time.perf_counter() - start, time.process_time() - start_cpu, page_faults() - faults)


class Racer(Protocol):
    """Whoever dreams in a race."""

    @property
    def iterations(self) -> int:
        """How many iterations a dream is."""

    def dream(self) -> Spent:
        """Return what one dream takes."""


@dataclass(frozen=True)
class Plain:
    """The plain program, with so many iterations in each octave."""

    network: nn.Module
    picture: Picture
    climbed: eager.Climbed
    octaves: tuple[int, ...]

    @property
    def iterations(self) -> int:
        """How many iterations a dream is."""
        return sum(self.octaves)

    def dream(self) -> Spent:
        """Return what one dream takes."""
        return Spent.by(lambda: eager.dream(self.network, self.picture, self.climbed, self.octaves))


@dataclass(frozen=True)
class Runner:
    """A dreamer with a picture to dream, and how many iterations that is."""

    dreamer: Dreamer
    picture: Picture
    iterations: int

    def dream(self) -> Spent:
        """Return what one dream takes; on a graphics card it ends when the picture is back."""
        return Spent.by(lambda: self.dreamer.dream(self.picture))

    def parts(self) -> Seconds:
        """Return the seconds of one iteration by part of the engine."""
        with clock() as seconds:
            self.dreamer.dream(self.picture)
        return {part: spent / self.iterations for part, spent in seconds.items()}


def runner(
    network: Network, targets: Targets, picture: Picture, device: torch.device, **settings: Any
) -> Runner:
    """Return a runner with the default settings but for those given; raises ConfigError, TargetError."""
    config = DreamConfig(**settings)
    iterations = sum(plan.iterations for plan in config.plans())
    return Runner(Dreamer(network, targets, config, device), picture, iterations)


def race(runners: Mapping[str, Racer], rounds: int, told: Callable[[str], None]) -> dict[str, list[Spent]]:
    """Return what each runner's dreams take, one for each round."""
    for each in runners.values():
        each.dream()
    spent: dict[str, list[Spent]] = {name: [] for name in runners}
    for number in range(1, rounds + 1):
        for name, each in runners.items():
            spent[name].append(each.dream())
            told(f"round {number} of {rounds}, {name}: {spent[name][-1].wall:.2f} s")
    return spent


def middle(spent: Sequence[Spent], share: float = 1.0) -> dict[str, float]:
    """Return the medians, in seconds, times `share`."""
    return {
        "s": share * median(each.wall for each in spent),
        "cpu_s": share * median(each.cpu for each in spent),
    }


def times_faster(fast: Sequence[Spent], slow: Sequence[Spent]) -> dict[str, float]:
    """Return how many times as long the slow ones took, by the medians of the rounds' own ratios."""
    pairs = list(zip(slow, fast, strict=True))
    return {
        "times_faster": median(one.wall / other.wall for one, other in pairs),
        "times_faster_cpu": median(one.cpu / other.cpu for one, other in pairs),
    }

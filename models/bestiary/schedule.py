"""How a training goes: small pictures first, then larger ones; what grows with it and what falls.

Everything is told by the share of the run's arithmetic that is done, which is close to its share of the time:
a step costs its picture's area, times two passes of the network per step of the attack, and three to learn.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate


@dataclass(frozen=True)
class Phase:
    """Steps with pictures of one size and attacks of one length."""

    side_px: int
    steps: int
    attack_steps: int

    @property
    def cost(self) -> float:
        """Of all of its steps, in passes over a pixel."""
        return float(self.steps * self.side_px**2 * (2 * self.attack_steps + 3))


@dataclass(frozen=True)
class Schedule:
    """The phases of a run, one after another."""

    phases: tuple[Phase, ...]

    @classmethod
    def parse(cls, text: str) -> "Schedule":
        """From ``SIDE:STEPS:ATTACK_STEPS,…``, as in ``64:2000:1,128:1000:2``; ValueError otherwise."""
        phases = []
        for part in text.split(","):
            numbers = part.split(":")
            if len(numbers) != 3 or not all(number.strip().isdecimal() for number in numbers):
                raise ValueError(f"{part!r} is no phase: write SIDE:STEPS:ATTACK_STEPS, like 64:2000:1.")
            phases.append(Phase(*(int(number) for number in numbers)))
        return cls(tuple(phases))

    @cached_property
    def total_steps(self) -> int:
        """Of all phases."""
        return sum(phase.steps for phase in self.phases)

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(phase.steps for phase in self.phases))

    def phase(self, step: int) -> Phase:
        """The phase of a step; the last one's for steps after the end."""
        return self.phases[min(sum(step >= end for end in self._ends), len(self.phases) - 1)]

    def done(self, step: int) -> float:
        """The share of the run's cost, in 0..1, that lies before a step."""
        spent = 0.0
        for phase, end in zip(self.phases, self._ends, strict=True):
            begun = min(max(step - (end - phase.steps), 0), phase.steps)
            spent += phase.cost * begun / max(phase.steps, 1)
        return spent / sum(phase.cost for phase in self.phases)


def climb_and_fall(share: float, climb: float) -> float:
    """From a twentieth up to 1 over the share ``climb``, then down to 0 along a half cosine."""
    if share < climb:
        return 0.05 + 0.95 * share / climb
    return 0.5 * (1 + math.cos(math.pi * (share - climb) / (1 - climb)))

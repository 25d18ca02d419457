"""A value that runs from one number to another over the steps of an octave: "2.5>0.8", or "2.5..0.8".

auduno/deepdraw anneals like this: strong blur and long steps at first, weak and short ones in the end.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, PlainValidator, ValidationInfo

_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]{1,2})?"
_MOST_COUNTS = 10_000
_RAMP = re.compile(rf"\s*({_NUMBER})\s*(?:>|\.\.(?!\.))\s*({_NUMBER})\s*", re.ASCII)


@dataclass(frozen=True)
class Ramp:
    """A value at the first and at the last step of an octave, and evenly in between."""

    start: float
    end: float

    @classmethod
    def of(cls, value: float | str) -> Ramp:
        """Read a number, the same at every step, or "start>end".

        "start..end" is the same, for shells, to which > means a file.
        """
        if isinstance(value, str):
            match = _RAMP.fullmatch(value)
            if match is None:
                raise ValueError(f"{value!r}: write a number, or start>end, like 2.5>0.8")
            return cls(float(match[1]), float(match[2]))
        return cls(value, value)

    def at(self, step: int, steps: int) -> float:
        """Return the value at one of `steps` steps, counted from 0. Deepdraw's ended just before `end`."""
        if self.start == self.end:
            return self.start
        return self.start + (self.end - self.start) * step / max(steps - 1, 1)

    def times(self, factor: float) -> Ramp:
        """Return the ramp with both ends multiplied."""
        return Ramp(self.start * factor, self.end * factor)

    def blurred(self, deviation: float) -> Ramp:
        """Return the deviations of blurs after which one more follows: their squares add up."""
        return Ramp(math.hypot(self.start, deviation), math.hypot(self.end, deviation))


def without_noise(value: object) -> object:
    """Return 0.936 for 0.9359999999999999, which is 0.78 * 1.2: the number of 6 digits that is meant.

    Only rounding noise goes. A number with more digits than that, or no float at all, comes back as it is.
    """
    if not isinstance(value, float):
        return value
    short = float(f"{value:.6g}")
    return short if math.isclose(short, value, rel_tol=1e-12) else value


def ramp_text(start: object, end: object) -> str:
    """Return "start>end" as people write it: "11>6" from 11.0 and 6.0."""
    return ">".join(str(without_noise(end)).removesuffix(".0") for end in (start, end))


def _within(largest: float, example: str = "2.5>0.8") -> Callable[[object, ValidationInfo], float | str]:
    def check(value: object, info: ValidationInfo) -> float | str:
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            try:
                ramp = Ramp.of(value)
            except ValueError:
                ramp = Ramp(-1.0, -1.0)
            if 0 <= ramp.start <= largest and 0 <= ramp.end <= largest:
                return value if isinstance(value, str) else float(value)
        raise ValueError(
            f"{info.field_name} = {value!r}: write a number from 0 to {largest:g}, or start>end, "
            f"like {example}"
        )

    return check


StepSize = Annotated[float | str, PlainValidator(_within(255.0))]
Sigma = Annotated[float | str, PlainValidator(_within(100.0))]
OctaveShares = Annotated[float | str, PlainValidator(_within(1.0, "0.1>0.5"))]


def shares(value: float | str, octaves: int) -> list[float]:
    """Return one share per octave, coarsest first: the same for all, or as a ramp.

    Where there is only one octave, it is the finest, and gets what a ramp ends with.
    """
    ramp = Ramp.of(value)
    return [ramp.at(octave, octaves) for octave in range(octaves)] if octaves > 1 else [ramp.end]


def counts(value: int | str | list[int], octaves: int) -> list[int]:
    """Return one whole number per octave, coarsest first: given as one for all, as a list, or as a ramp.

    Here a ramp runs over the octaves: "30>12" is 30, 24, 18, 12 over four of them.
    """
    if isinstance(value, list):
        return value
    ramp = Ramp.of(value)
    return [round(ramp.at(octave, octaves)) for octave in range(octaves)]


def _whole_ends(text: str, info: ValidationInfo) -> str:
    try:
        ramp = Ramp.of(text)
    except ValueError:
        ramp = Ramp(-1.0, -1.0)
    if not all(0 <= end <= _MOST_COUNTS and end == int(end) for end in (ramp.start, ramp.end)):
        allowed = f"write a whole number from 0 to {_MOST_COUNTS}, or start>end, like 30>12"
        raise ValueError(f"{info.field_name} = {text!r}: {allowed}")
    return text


CountRamp = Annotated[str, AfterValidator(_whole_ends)]

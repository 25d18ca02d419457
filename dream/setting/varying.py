"""Numbers that vary: from octave to octave, over the steps of an octave, or both. One reader, one printer.

    20              one number for all
    20,20,10,5      one per octave, coarsest first; in a preset [20, 20, 10, 5]
    2.5..0.8        from one number to another, evenly: over an octave's steps, or over the octaves
    2.5..0.8,1,0.5  one of either per octave

"2.5>0.8", as it was written once, is read too; but a shell takes it for the name of a file. auduno/deepdraw
anneals like this: strong blur and long steps at first, weak and short ones in the end.

A number over time will be one more kind of part, beside `Ramp`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from ...models.reading.numerals import UNSIGNED
from .numbers import written_number

Plain = float | str | list[float | str]
"""A number that varies as settings hold it: plain data."""
_NUMBER = rf"({UNSIGNED}(?:e[+-]?[0-9]{{1,3}})?)"
_PART = re.compile(rf"\s*{_NUMBER}(?:\s*(?:>|(?<!\.)\.\.(?!\.))\s*{_NUMBER})?\s*", re.ASCII)


@dataclass(frozen=True)
class Ramp:
    """A number at the first and at the last step of an octave (or octave of a dream), and evenly in "
    "between."""

    start: float
    end: float

    @classmethod
    def of(cls, value: object) -> Ramp:
        """Read a number, the same at every step, or "start..end". Raises ValueError."""
        if isinstance(value, str) and (match := _PART.fullmatch(value)):
            return cls(*(float(end) for end in (match[1], match[2] or match[1])))
        if isinstance(value, int | float) and not isinstance(value, bool):
            return cls(value, value)
        raise ValueError(f"{value!r}: write a number, or start..end, like 2.5..0.8")

    def __str__(self) -> str:
        """Return the text that `of` reads back as this."""
        start, end = written_number(self.start), written_number(self.end)
        return start if self.start == self.end else f"{start}..{end}"

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


@dataclass(frozen=True)
class Varying:
    """A number that varies: one ramp for all octaves, or, `listed`, one for each, coarsest first."""

    ramps: tuple[Ramp, ...]
    listed: bool = False

    @classmethod
    def of(cls, value: object) -> Varying:
        """Read a number, a text, or a list of both. Raises ValueError."""
        if isinstance(value, str) and "," in value:
            value = value.split(",")
            if len(value) == 2 and not value[1].strip():  # "5," lists a single one
                value.pop()
        if isinstance(value, list | tuple):
            return cls(tuple(Ramp.of(each) for each in value), listed=True)
        return cls((Ramp.of(value),))

    def __str__(self) -> str:
        """Return the text that `of` reads back as this."""
        return ",".join(str(ramp) for ramp in self.ramps) + (
            "," if self.listed and len(self.ramps) == 1 else ""
        )

    def plain(self, number: Callable[[float], float] = float) -> Plain:
        """Return the plain data that `of` reads back as this, its numbers made by `number` (float or int)."""
        parts: list[float | str] = [
            number(ramp.start) if ramp.start == ramp.end else str(ramp) for ramp in self.ramps
        ]
        return parts if self.listed else parts[0]

    def in_octave(self, octave: int) -> Ramp:
        """Return how it runs over the steps of an octave, counted from the coarsest."""
        return self.ramps[octave if self.listed else 0]

    def over_octaves(self, octaves: int) -> list[float]:
        """Return one number per octave, coarsest first; here a ramp runs over them: 30..12 is 30, 24, 18, "
        "12."""
        if self.listed:
            return [ramp.start for ramp in self.ramps]
        return [self.ramps[0].at(octave, octaves) for octave in range(octaves)]


@dataclass(frozen=True)
class Varies:
    """Marks a field as a number that varies, and says within which bounds: Annotated[Plain, Varies(0, 255)].

    The field takes whatever `Varying.of` reads, and holds it as plain data.
    """

    least: float
    most: float
    whole: bool = False
    listed: bool = True
    """Whether it may be one per octave."""
    runs: Literal["", "steps", "octaves"] = "steps"
    """What it may run over from one number to another: an octave's steps, the octaves, or nothing."""
    example: str = "2.5..0.8"
    listed_example: str = "2.5..0.8,1,0.5"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Have the value read and checked before the field takes it."""
        return core_schema.no_info_before_validator_function(self.checked, handler(source))

    def checked(self, value: object) -> Plain:
        """Return a value as settings hold it. Raises ValueError naming what is allowed."""
        try:
            varying = Varying.of(value)
        except ValueError:
            varying = Varying(())
        if not varying.ramps or not self._allows(varying):
            raise ValueError(f"{value!r}: {self._advice(value)}")
        return varying.plain(int if self.whole else float)

    @property
    def allowed(self) -> str:
        """What may be written, in words."""
        each = "one of them" if self.runs == "steps" else "one"
        lists = f"{each} per octave, coarsest first: {self.listed_example}"
        return _either([*self._ways(), *([lists] if self.listed else [])])

    def _ways(self, in_list: bool = False) -> list[str]:
        ways = [f"a {'whole ' if self.whole else ''}number from {self.least:g} to {self.most:g}"]
        if self.runs == "steps" or (self.runs == "octaves" and not in_list):
            over = " over the octaves" if self.runs == "octaves" else ""
            ways.append(f"start..end{over}, like {self.example}")
        return ways

    def _advice(self, value: object) -> str:
        """Return what to write in place of a value, or of the entry of a list that is wrong."""
        entries = value.split(",") if isinstance(value, str) else value
        if self.listed and isinstance(entries, list | tuple) and len(entries) > 1:
            for entry in entries:
                try:
                    right = self._allows(Varying((Ramp.of(entry),), listed=True))
                except ValueError:
                    right = False
                if not right:
                    return f"in place of {entry!r} write {_either(self._ways(in_list=True))}"
        return f"write {self.allowed}"

    def _allows(self, varying: Varying) -> bool:
        ends = [end for ramp in varying.ramps for end in (ramp.start, ramp.end)]
        steady = all(ramp.start == ramp.end for ramp in varying.ramps)
        return (
            all(self.least <= end <= self.most for end in ends)
            and (not self.whole or all(end == int(end) for end in ends))
            and (self.listed or not varying.listed)
            and (steady or self.runs == "steps" or (self.runs == "octaves" and not varying.listed))
        )


def _either(ways: list[str]) -> str:
    return f"{', '.join(ways[:-1])}, or {ways[-1]}" if len(ways) > 1 else ways[0]

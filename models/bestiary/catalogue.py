"""The catalogue of drawn classes: every class is one function under a decorator, and nothing else.

Two kinds exist. A *creature* draws one thing with the pen, about the origin and within -1..1; the picture
decides how many there are, where, how large and how tilted. A *pattern* paints a surface: it gets the plane's
coordinates (already turned, scaled, bent) and returns its colours. The order of the catalogue is the order
of the network's classes: the modules of ``drawings/`` by name, the functions of each from top to bottom.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from numpy.random import Generator

from . import drawings
from .pen import Pen
from .surfaces import Plane, Surface

DrawCreature = Callable[[Pen, Generator], None]
DrawPattern = Callable[[Plane, Plane, Generator], Surface]


@dataclass(frozen=True)
class Creature:
    """A class drawn with the pen: its synonyms, and how far it may tilt either way from upright."""

    words: str
    draw: DrawCreature
    tilt_deg: float
    crowd: int


@dataclass(frozen=True)
class Pattern:
    """A class that covers a surface: its synonyms, and how many cells of it span a picture."""

    words: str
    paint: DrawPattern
    cells: tuple[float, float]
    tilt_deg: float


Entry = Creature | Pattern

_entries: list[Entry] = []


def creature(words: str, tilt_deg: float = 180.0, crowd: int = 3) -> Callable[[DrawCreature], DrawCreature]:
    """Register a function that draws one creature.

    ``words`` are the class's names, separated by commas, best first; ``tilt_deg`` is how far it may lean
    (180: any way up); ``crowd`` is the largest number of them in one picture.
    """

    def register(draw: DrawCreature) -> DrawCreature:
        _entries.append(Creature(words, draw, tilt_deg, crowd))
        return draw

    return register


def pattern(
    words: str, cells: tuple[float, float] = (3.0, 9.0), tilt_deg: float = 180.0
) -> Callable[[DrawPattern], DrawPattern]:
    """Register a function ``paint(x, y, rng)`` that returns the (h, w, 3) float32 colours of a surface.

    ``x`` and ``y`` are (h, w) coordinates in cells; ``cells`` is how few and how many span a picture's side;
    ``tilt_deg`` is how far the surface may lean.
    """

    def register(paint: DrawPattern) -> DrawPattern:
        _entries.append(Pattern(words, paint, cells, tilt_deg))
        return paint

    return register


@cache
def catalogue() -> tuple[Entry, ...]:
    """Every class in the order of the network's outputs."""
    for module in sorted(found.name for found in pkgutil.iter_modules(drawings.__path__)):
        importlib.import_module(f"{drawings.__name__}.{module}")
    return tuple(_entries)


def class_names() -> tuple[str, ...]:
    """The first name of every class, in the order of the network's outputs."""
    return tuple(entry.words.split(",")[0] for entry in catalogue())

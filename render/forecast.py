"""What a whole run will take, found out before it starts: a film's frames, or pictures one by one.

The first frame that will be dreamt is rehearsed (`dream.estimate`). A carry may spend fewer steps on the
frames after it, so it is asked for the second frame's start as if the first had dreamt nothing.

Decoding and encoding run beside the dreaming, on threads and in a process of their own: they add no time that
is worth reckoning, but the frames that are on their way between them add memory.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .carry import Dreamt
from .films import PreparedFilm
from .frames import Frame, Map, Picture
from .interrupt import terminate_as_interrupt

if TYPE_CHECKING:
    from ..dream.engine import Dreamer

# Where nobody knows how many frames will come, it is reckoned with as many as there are in a few seconds.
_SOME_FRAMES = 100
# Beside the ones that every dream holds: decoded ahead, carried along, waiting to be encoded.
_FRAMES_ON_THEIR_WAY = 11


@dataclass(frozen=True)
class Forecast:
    """How long a run will take and how large the process will grow.

    `picture_s` is for one picture after the first, `total_s` for all `pictures` of them (None: nobody knows
    how many will come).
    """

    pictures: int | None
    picture_s: float
    total_s: float | None
    memory_mib: float


@dataclass(frozen=True)
class Work:
    """The pictures of a run: the first one with its maps, how many there are, and what the others are like.

    `share` is what share of the iterations every other picture gets, `beside_s` the seconds spent on it apart
    from its dream, `held_mib` the memory of other pictures at the same time.
    """

    first: Picture
    maps: Mapping[str, Map]
    pictures: int | None = 1
    share: float = 1.0
    beside_s: float = 0.0
    held_mib: float = 0.0

    def more_mib(self, dreamer: Dreamer) -> float:
        """Return the memory that the run is reckoned to need beside what is taken already."""
        from ..dream.step_work import octave_works

        _, height, width = self.first.shape
        return self.held_mib + max(work.memory_mib for work in octave_works(dreamer, height, width))

    def forecast(self, dreamer: Dreamer) -> Forecast | None:
        """Rehearse and return what the run will take; None for one of a few seconds."""
        from ..dream.estimate import measure

        plans, later = dreamer.config.plans(), dreamer.config.plans(self.share)
        others = (self.pictures or _SOME_FRAMES) - 1
        steps = [one.iterations + others * other.iterations for one, other in zip(plans, later, strict=True)]
        with terminate_as_interrupt():
            cost = measure(dreamer, self.first, self.maps, steps)
        if cost is None:
            return None
        picture_s = cost.picture_s(later) + self.beside_s
        total_s = None if self.pictures is None else cost.picture_s(plans) + others * picture_s
        return Forecast(self.pictures, picture_s, total_s, cost.memory_mib + self.held_mib)


def film_work(film: PreparedFilm, done: int = 0) -> Work | None:
    """Return the work of a film of which `done` frames are there; None where there is no frame left.

    Its next frame is decoded for it.
    """
    first = next(iter(film.source.frames(done)), None)
    if first is None:
        return None
    began = time.perf_counter()
    measure = film.scout.measure
    flow = None if measure is None else measure(first.picture, first.picture)
    start = film.carry.start(first, Dreamt(first, first.picture), flow)
    carry_s = time.perf_counter() - began
    count = film.source.film.frame_count
    return Work(
        first.picture,
        _maps(film, first),
        None if count is None else count - done,
        start.iterations_share,
        carry_s,
        _FRAMES_ON_THEIR_WAY * first.picture.nbytes / 2**20,
    )


def _maps(film: PreparedFilm, first: Frame) -> dict[str, Map]:
    return film.maps.at(first.picture, film.source.film.zero_s + first.time_s)

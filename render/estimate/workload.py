"""The work of a run, and what it will take: a film's frames, or pictures one by one.

    work = so many dreams of each share of the iterations        `take_sample`, for a film
    time = dreams, as timed on the first frame                   `dream.estimates`
           + what the carry does between them
           + decoding and analysis, as far as they take cores from the dreams

Encoding runs in a process of its own and adds no time that is worth reckoning, but the frames that are on
their way add memory.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..events.events import Estimated, MemoryShort, OnEvent
from ..events.plan import Estimate, Sample
from ..frames.frames import Map, Picture
from ..signals import terminate_as_interrupt

if TYPE_CHECKING:
    from ...dream.engine import Dreamer
    from ..film.film import PreparedFilm

# Where nobody knows how many frames will come, it is reckoned with as many as there are in a few seconds.
_SOME_FRAMES = 100


@dataclass(frozen=True)
class Workload:
    """The work of a run: its first picture, with its maps, and how much there is to dream."""

    first: Picture
    maps: Mapping[str, Map]
    dreams: Mapping[float | str, float]
    """From a share of the iterations to how many dreams of that share there are in the run."""
    pictures: int | None = 1
    repeats: int = 0
    """How many of the pictures take over another's dream."""
    between_s: float = 0.0
    """Seconds of the run that are spent between dreams."""
    beside_s: float = 0.0
    """Seconds that a core is busy for the run at the same time, beside the dreams."""
    held_mib: float = 0.0
    """Memory of other pictures at the same time."""
    sample: Sample | None = None
    """What a film's numbers come from."""

    def memory_mib(self, dreamer: Dreamer) -> float:
        """Return the memory that the run is reckoned to need beside what is taken already."""
        from ...dream.estimate.step_load import octave_loads

        _, height, width = self.first.shape
        return self.held_mib + max(work.memory_mib for work in octave_loads(dreamer, height, width))

    def told_memory(self, dreamer: Dreamer, on_event: OnEvent) -> tuple[float, float | None]:
        """Return what memory the run needs and what is free, in MiB; tells where that is less."""
        from ...dream.memory import free_mib

        needed_mib, free = self.memory_mib(dreamer), free_mib(dreamer.device)
        if free is not None and needed_mib > free:
            on_event(MemoryShort(needed_mib, free))
        return needed_mib, free

    def tell(self, dreamer: Dreamer, on_event: OnEvent) -> None:
        """Tell what the run will take, unless that is a few seconds."""
        self.told_memory(dreamer, on_event)
        estimate = self.estimate(dreamer)
        if estimate is not None:
            on_event(Estimated(estimate))

    def estimate(self, dreamer: Dreamer) -> Estimate | None:
        """Time test steps and return what the run will take; None for one of a few seconds."""
        from ...dream.estimate.cost import measure

        plans = {share: dreamer.config.plans(share) for share in self.dreams}
        steps = [
            sum(times * plans[share][octave].iterations for share, times in self.dreams.items())
            for octave in range(dreamer.config.octaves)
        ]
        with terminate_as_interrupt():
            cost = measure(dreamer, self.first, self.maps, steps)
        if cost is None:
            return None
        dreams_s = sum(times * cost.picture_s(plans[share]) for share, times in self.dreams.items())
        total_s = side_by_side_s(self.between_s + dreams_s, _threads(dreamer), self.beside_s, _cores())
        return Estimate(
            self.pictures,
            total_s / (self.pictures or _SOME_FRAMES),
            None if self.pictures is None else total_s,
            cost.memory_mib + self.held_mib,
            self.repeats,
        )


def film_workload(
    film: PreparedFilm, done: int = 0, clock: Callable[[], float] = time.perf_counter
) -> Workload | None:
    """Return the work of a film of which `done` frames are there; None where there is no frame left.

    Its next frame is decoded for it, and some of the others are looked at (`take_sample`).
    """
    from ..loop import pictures_in_flight
    from .sample import take_sample

    first = next(iter(film.source.frames(done)), None)
    if first is None:
        return None
    count = film.source.film.frame_count
    end = done + _SOME_FRAMES if count is None else count
    with terminate_as_interrupt():
        sample = take_sample(film, done, end, clock)
    whole = len({0, *film.analyzer.cuts} & set(range(done, end)))
    others, thrown_away = end - done - whole, whole * film.analyzer.warm_up_frames
    carried = others * (1 - sample.repeats) + thrown_away
    dreams = {share: carried * times for share, times in sample.dreams.items()}
    return Workload(
        first.picture,
        film.maps.at(first.picture, film.source.film.zero_s + first.time_s),
        {**dreams, 1.0: whole + dreams.get(1.0, 0.0)},
        None if count is None else count - done,
        repeats=round(others * sample.repeats),
        between_s=(others + thrown_away) * sample.start_s,
        beside_s=(end - done + thrown_away) * sample.analysis_s,
        held_mib=pictures_in_flight(film.analyzer) * first.picture.nbytes / 2**20,
        sample=sample,
    )


def side_by_side_s(engine_s: float, threads: int, beside_s: float, cores: int) -> float:
    """Return how long it takes to dream for `engine_s` while `beside_s` of one core's work is done too.

    Nothing is faster than alone, and the cores have no more time than there is: an engine whose threads keep
    all of them busy loses to the other work what that takes, shared out over the cores.
    """
    return max(engine_s, beside_s, (engine_s * threads + beside_s) / max(threads, cores))


def _threads(dreamer: Dreamer) -> int:
    """Return how many cores a dreamer keeps busy: one, where it is a graphics card that works."""
    import torch

    return torch.get_num_threads() if dreamer.device.type == "cpu" else 1


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

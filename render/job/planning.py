"""What a job will make and what that takes, put together from the opened film and its dreamer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checkpoint.disk_space import checkpoint_bytes, frame_bytes
from ..checkpoint.plan import CheckpointPlan
from ..dreamer import network_names, where_it_runs
from ..estimate.workload import film_workload
from ..events.events import OnEvent
from ..events.plan import DiskSpace, Plan
from ..files.disk_space import free_bytes
from ..film.film import PreparedFilm
from ..settings.settings import Settings

if TYPE_CHECKING:
    from ...dream.engine import Dreamer


def make_plan(
    film: PreparedFilm,
    kept: CheckpointPlan,
    settings: Settings,
    dreamer: Dreamer,
    done: int,
    on_event: OnEvent,
    measures: bool,
) -> Plan:
    """Return the plan of a film of which `done` frames are there.

    Some of its frames are looked at; where it `measures`, test steps are dreamt on the first one and thrown
    away. `on_event` hears of short memory before that.
    """
    work = film_workload(film, done)
    memory_mib = free_mib = None
    if work is not None:
        memory_mib, free_mib = work.told_memory(dreamer, on_event)
    is_clip = film.source.settings_table == "clip"
    return Plan(
        output=film.output,
        film=film.source.film,
        rate=film.rate,
        file=film.file,
        sounds=film.sounds,
        cuts=tuple(sorted(film.analyzer.cuts)),
        warm_up_frames=film.analyzer.warm_up_frames,
        carry=settings.clip.carry if is_clip else None,
        dream=dreamer.description,
        networks=tuple(network_names(settings)),
        device=where_it_runs(settings, dreamer),
        done=done,
        disk=_disk_space(film, kept, done),
        memory_mib=memory_mib,
        free_memory_mib=free_mib,
        repeats=0 if work is None else work.repeats,
        sample=work.sample if work is not None and is_clip else None,
        estimate=work.estimate(dreamer) if work is not None and measures else None,
        notes=film.notes_ahead,
    )


def _disk_space(film: PreparedFilm, kept: CheckpointPlan, done: int) -> DiskSpace:
    count, one = kept.film.frame_count, frame_bytes(kept.film, kept.depth_bits)
    return DiskSpace(
        needed_bytes=checkpoint_bytes(kept.film, kept.depth_bits, kept.carries),
        missing_frames_bytes=None if count is None else (count - done) * one,
        free_bytes=free_bytes(film.output),
    )

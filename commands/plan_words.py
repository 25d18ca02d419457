"""What `--dry-run` says: the film, its shots, what is there already, what time and disk space it takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import one_line
from .forecast import duration_words, memory_words

if TYPE_CHECKING:
    from ..dream.engine import Dreamer
    from ..render.checkpoint.plan import CheckpointPlan
    from ..render.estimate.sample import Outlook
    from ..render.film import PreparedFilm
    from ..render.settings import Settings

_MOST_CUTS = 12


def plan_lines(
    film: PreparedFilm, plan: CheckpointPlan, settings: Settings, dreamer: Dreamer, done: int
) -> Iterator[str]:
    """Yield the plan of a film with `done` frames kept; times test steps on its first frame."""
    from ..render.estimate.forecast import film_work

    shape = film.source.film
    size = f"{shape.width_px}x{shape.height_px}"
    is_of_clip = film.source.settings_table == "clip"
    carry = f", carry {settings.clip.carry}" if is_of_clip else ""
    yield f"output   {one_line(str(film.output))}, {size}, {_frames(shape.frame_count)}"
    yield f"shots    {_shots(film.analyzer.cuts)}{_run_in(film.analyzer.warm_up_frames)}"
    yield f"dream    {dreamer.description}{_together(settings)}, on {dreamer.device}{carry}"
    if done:
        yield f"kept     {_frames(done)} from an earlier run; the render goes on after them"
    work = film_work(film, done)
    if work is not None and work.outlook is not None and is_of_clip:
        yield f"sample   {_sample(work.outlook)}"
    forecast = None if work is None else work.forecast(dreamer)
    if forecast is not None:
        per_frame = f"about {duration_words(forecast.picture_s)} per frame"
        if forecast.total_s is not None:
            per_frame += f", {duration_words(forecast.total_s)} {'to go' if done else 'in all'}"
        yield f"time     {per_frame}"
        yield f"memory   about {memory_words(forecast.memory_mib)}"
    yield f"disk     {_disk_space(film, plan)}"


def _together(settings: Settings) -> str:
    """Return which networks dream together; nothing of one alone."""
    from ..dream.ensemble import listed

    names = [Path(network.name).name for network in settings.networks]
    return f", with {listed(names)}" if len(names) > 1 else ""


def _disk_space(film: PreparedFilm, plan: CheckpointPlan) -> str:
    from ..render.checkpoint.disk_space import checkpoint_bytes
    from ..render.files.disk_space import free_bytes

    needed, free = checkpoint_bytes(plan.film, plan.depth_bits, plan.carries), free_bytes(film.output)
    free_words = f"{memory_words(free / 2**20)} free"
    if needed is None:
        return free_words
    needed_words = f"about {memory_words(needed / 2**20)}" if needed >= 2**20 else "less than 1 MiB"
    return f"{needed_words} while the film is rendered, {free_words}"


def _sample(outlook: Outlook) -> str:
    repeats, catch_up = (f"{100 * share:.0f} %" for share in (outlook.repeats, outlook.catch_up))
    extra = f"{catch_up} need extra work for newly visible areas"
    return f"{_frames(outlook.seen)} looked at: about {repeats} repeat, {extra}"


def _run_in(frames: int) -> str:
    return f"; {_frames(frames)} dreamt before each and thrown away" if frames else ""


def _shots(cuts: frozenset[int]) -> str:
    if not cuts:
        return "1, no cuts"
    told = [str(cut + 1) for cut in sorted(cuts)]
    if len(told) > _MOST_CUTS:
        told[_MOST_CUTS:] = [f"and {len(told) - _MOST_CUTS} more"]
    return f"{len(cuts) + 1}, cuts at frame {', '.join(told)}"


def _frames(count: int | None) -> str:
    if count is None:
        return "nobody knows how many frames"
    return "1 frame" if count == 1 else f"{count} frames"

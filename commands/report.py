"""What is said of a run: what it will take, what it makes of it, what is left of it; as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import OutputExistsError, ResumeMismatchError, one_line

if TYPE_CHECKING:
    from ..render.events.events import KeptFrames, Loaded, Resumed, Summary
    from ..render.events.plan import DiskSpace, Estimate, Plan, Sample
    from ..render.frames.frames import Picture

# `--memory` counts a pass through the network; what is free has to hold more than that.
_FOR_THE_PASS = 0.6
_LEAST_MEMORY_MIB = 64
_MOST_CUTS = 12


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield what `--dry-run` prints: the film, its shots, what is there already, what the rest takes."""
    film = plan.film
    carry = "" if plan.carry is None else f", carry {plan.carry}"
    together = f", with {_listed(plan.networks)}" if len(plan.networks) > 1 else ""
    size = f"{film.width_px}x{film.height_px}"
    yield f"output   {one_line(str(plan.output))}, {size}, {_frames(film.frame_count)}"
    yield f"shots    {_shots(plan.cuts)}{_warm_up(plan.warm_up_frames)}"
    yield f"dream    {plan.dream}{together}, on {plan.device}{carry}"
    if plan.done:
        yield f"kept     {_frames(plan.done)} from an earlier run; the render goes on after them"
    if plan.sample is not None:
        yield f"sample   {_sample(plan.sample)}"
    if plan.estimate is not None:
        yield f"time     {_time(plan.estimate, plan.done)}"
        yield f"memory   about {format_memory(plan.estimate.memory_mib)}"
    yield f"disk     {_disk_space(plan.disk)}"


def estimate_line(estimate: Estimate, unit: str) -> str:
    """Return "About 4.2 s per frame, 6 min 43 s to go (96 frames), 1.1 GiB of memory."."""
    memory = f"{format_memory(estimate.memory_mib)} of memory."
    if estimate.pictures == 1 and estimate.total_s is not None:
        return f"About {format_duration(estimate.total_s)} to go, {memory}"
    line = f"About {format_duration(estimate.picture_s)} per {unit}, "
    if estimate.total_s is not None:
        repeats = f", about {estimate.repeats} of them repeats" if estimate.repeats else ""
        line += f"{format_duration(estimate.total_s)} to go ({estimate.pictures} {unit}s{repeats}), "
    return line + memory


def loaded_lines(loaded: Loaded) -> Iterator[str]:
    """Yield what is dreamt of, by which networks, and which of them have nothing to do."""
    chosen = f" (chosen at random from seed {loaded.random_seed})" if loaded.random_seed is not None else ""
    yield f"Dreaming of {loaded.dream}{chosen}, with {loaded.networks} on {loaded.device}."
    if loaded.idle:
        yield f"Nothing of that is for {_listed(loaded.idle, 'or')}: the dream would be the same without."


def resumed_line(resumed: Resumed) -> str:
    """Return where a run goes on."""
    count = resumed.kept.count
    goes_on = "Nothing is left to dream" if count == resumed.total else f"Going on with frame {count + 1}"
    frames = "1 frame is" if count == 1 else f"{count} frames are"
    return f"{goes_on}: {frames} kept in {resumed.kept.folder.name}."


def kept_line(kept: KeptFrames | None, error: Exception | None) -> str | None:
    """Return what is left of a run that has ended early, and how to go on; None where there is nothing."""
    if kept is None or isinstance(error, ResumeMismatchError):
        return None
    frames = "1 finished frame is" if kept.count == 1 else f"{kept.count} finished frames are"
    advice = "Give the same command again to go on with the next one, or with --restart to start again."
    if isinstance(error, OutputExistsError):
        advice = "The same command makes the film of them, without dreaming, when nothing is in its way."
    return f"{frames} kept in {kept.folder}. {advice}"


def memory_warning(needed_mib: float, free_mib: float) -> str:
    """Return a warning that less memory is free than is needed, with what to do about it."""
    limit_mib = int(free_mib * _FOR_THE_PASS)
    advice = "--size makes pictures smaller."
    if limit_mib >= _LEAST_MEMORY_MIB:
        advice = f"--memory {limit_mib} cuts pictures into smaller tiles, --size makes them smaller."
    return (
        f"Memory is short: this takes about {format_memory(needed_mib)} more, "
        f"and {format_memory(free_mib)} is free. {advice}"
    )


def disk_warning(disk: DiskSpace) -> str | None:
    """Return a warning that the disk will be full before the film is complete, where that is so."""
    if not disk.is_short or disk.missing_frames_bytes is None:
        return None
    return (
        f"Disk space is short: finished frames take {_size(disk.missing_frames_bytes)} until the film is "
        f"complete, {_size(disk.free_bytes)} is free. --size makes frames smaller; a render that a "
        "full disk has stopped goes on when there is space again."
    )


def film_summary(summary: Summary) -> str:
    """Return "dream.mp4: 96 frames, 4 s, in 1:12 (1.33 fps)", and a line for every note.

    The rate counts what was made in this run, not what was kept from before.
    """
    output = one_line(str(summary.output))
    if summary.duration_s is None:
        return f"{output}: complete"
    line = (
        f"{output}: {_frames(summary.frames)}, {summary.duration_s:.4g} s, in {format_clock(summary.wall_s)}"
    )
    if summary.made:
        line += f" ({summary.made / max(summary.wall_s, 1e-6):.2f} fps)"
    return "\n".join([line, *(f"  {one_line(note)}" for note in summary.notes)])


def picture_summary(output: Path, picture: Picture) -> str:
    """Return "dream.png: 640x480"."""
    _, height_px, width_px = picture.shape
    return f"{one_line(str(output))}: {width_px}x{height_px}"


def format_duration(duration_s: float) -> str:
    """Return a duration about as exactly as it is known: "0.42 s", "48 s", "6 min 43 s", "2 h 5 min"."""
    if duration_s < 9.95:
        return f"{duration_s:.2g} s"
    if duration_s < 59.5:
        return f"{duration_s:.0f} s"
    minutes, seconds = divmod(round(duration_s), 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(round(duration_s / 60), 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    days, hours = divmod(round(duration_s / 3600), 24)
    return f"{days} d {hours} h"


def format_clock(duration_s: float) -> str:
    """Return a duration as people read it on a clock: "0:07", "12:34", "1:02:03"."""
    seconds = round(duration_s)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def format_memory(memory_mib: float) -> str:
    """Return an amount of memory: "690 MiB", "1.1 GiB"."""
    return f"{memory_mib:.0f} MiB" if memory_mib < 999.5 else f"{memory_mib / 1024:.1f} GiB"


def _size(size_bytes: float) -> str:
    return format_memory(size_bytes / 2**20)


def _time(estimate: Estimate, done: int) -> str:
    per_frame = f"about {format_duration(estimate.picture_s)} per frame"
    if estimate.total_s is None:
        return per_frame
    return f"{per_frame}, {format_duration(estimate.total_s)} {'to go' if done else 'in all'}"


def _disk_space(disk: DiskSpace) -> str:
    needed, free = disk.needed_bytes, f"{_size(disk.free_bytes)} free"
    if needed is None:
        return free
    size = f"about {_size(needed)}" if needed >= 2**20 else "less than 1 MiB"
    return f"{size} while the film is rendered, {free}"


def _sample(sample: Sample) -> str:
    repeats, new = (f"{100 * share:.0f} %" for share in (sample.repeats, sample.newly_visible))
    extra = f"{new} need extra work for newly visible areas"
    return f"{_frames(sample.seen)} looked at: about {repeats} repeat, {extra}"


def _warm_up(frames: int) -> str:
    return f"; {_frames(frames)} dreamt before each and thrown away" if frames else ""


def _shots(cuts: tuple[int, ...]) -> str:
    if not cuts:
        return "1, no cuts"
    named = [str(cut + 1) for cut in cuts]
    if len(named) > _MOST_CUTS:
        named[_MOST_CUTS:] = [f"and {len(named) - _MOST_CUTS} more"]
    return f"{len(cuts) + 1}, cuts at frame {', '.join(named)}"


def _frames(count: int | None) -> str:
    if count is None:
        return "nobody knows how many frames"
    return "1 frame" if count == 1 else f"{count} frames"


def _listed(names: tuple[str, ...], last: str = "and") -> str:
    """Return "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"

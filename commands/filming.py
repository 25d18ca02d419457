"""Make a prepared film, for `render` and `zoom` alike; if it ends early, say how to go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LucidreelError, OutputExistsError, ResumeMismatchError, one_line
from .forecast import memory_words
from .run_options import FilmFlags
from .terminal import note, say

if TYPE_CHECKING:
    from ..dream.engine import Dreamer
    from ..render.checkpoint.plan import CheckpointPlan
    from ..render.checkpoint.session import CheckpointSession
    from ..render.events import Summary
    from ..render.film import PreparedFilm
    from ..render.settings import Settings


@dataclass(frozen=True)
class FilmOrder:
    """What a film is asked for with."""

    command: str
    source: str
    """As the record keeps it: a full path, or noise."""
    source_file: Path | None
    output: Path
    settings: Settings
    preset: Mapping[str, str]
    """What the record tells of the preset that the settings came from."""

    def digest(self) -> str:
        """Return a digest of all of it, by the contents of its files. Raises InputNotFoundError."""
        from ..render.checkpoint.fingerprints import digest_of_order, source_facts

        of_source = {"word": self.source} if self.source_file is None else source_facts(self.source_file)
        return digest_of_order(self.command, self.settings, {**of_source, **_network_facts(self.settings)})

    def record(self, dreamer: Dreamer) -> str:
        """Return the text of the film's record."""
        from ..render.records import record_text

        made = {"dream": dreamer.description, **self.preset}
        return record_text(self.output, self.command, self.source, self.settings, made)


def cleared_up(order: FilmOrder, keep: FilmFlags, quiet: bool) -> bool:
    """Tell whether this very film is there, of a run that was killed before it cleared up; then do that."""
    from ..render.checkpoint.session import clear_up

    if keep.dry_run or not clear_up(order.output, order.digest, keep):
        return False
    if not quiet:
        say(f"{one_line(str(order.output))}: complete")
        note("An earlier run made it and was stopped before it had cleared up: its record is written now.")
    return True


def make_film(
    film: PreparedFilm, order: FilmOrder, dreamer: Dreamer, keep: FilmFlags, quiet: bool
) -> Summary | None:
    """Render a film and write its record, going on with what is kept; return None after a dry run."""
    from ..dream.device import use_threads
    from ..render.checkpoint.completion import Completion
    from ..render.checkpoint.session import kept_count
    from ..render.film_checkpoint import (
        checkpoint_plan,
        open_checkpoint,
        recall_cuts,
        recall_threads,
    )
    from .forecast import tell_film
    from .plan_words import plan_lines
    from .progress import drawing, progress_display

    settings = order.settings
    if settings.threads is None and not keep.restart:
        use_threads(recall_threads(film))
    machine = machine_facts(settings, dreamer)
    film = _with_cuts(recall_cuts(film, settings, machine), quiet)
    plan = checkpoint_plan(film, settings, machine)
    if keep.dry_run:
        done = 0 if keep.restart else kept_count(film.output, plan)
        for line in plan_lines(film, plan, settings, dreamer, done):
            say(line)
        return None
    completion = Completion(order.digest(), order.record(dreamer))
    with open_checkpoint(film, plan, keep, completion) as kept, _told_what_is_kept(kept):
        if not quiet:
            _tell_where_it_goes_on(kept, plan.film.frame_count)
            _warn_of_little_disk_space(film, plan, kept.checkpoint.next_index)
            tell_film(film, dreamer, kept.checkpoint.next_index)
        with progress_display(quiet) as progress:
            progress.start(plan.film.frame_count, film.output.name, kept.checkpoint.next_index)
            summary = film.render(dreamer, kept, drawing(progress))
    return replace(summary, notes=(*summary.notes, *kept.notes()))


def _with_cuts(film: PreparedFilm, quiet: bool) -> PreparedFilm:
    """Find a clip's cuts where they are not known yet, and show how far that is if it takes a while."""
    from .progress import drawing, progress_display

    if film.analysis is None or film.analysis.cuts is not None:
        return film
    if not quiet:
        note(f"Looking for cuts in {film.analysis.source.name} …")
    with progress_display(quiet, patient=True) as progress:
        return replace(film, analysis=film.analysis.with_cuts(drawing(progress)))


def machine_facts(settings: Settings, dreamer: Dreamer) -> dict[str, str]:
    """Return what decides the frames beside the settings: device, threads, precision, the networks' files."""
    from ..dream.device import use_threads

    threads = {"threads": str(use_threads(None))} if dreamer.device.type == "cpu" else {}
    return {
        "device": dreamer.device.type,
        **threads,
        "dream.precision": str(dreamer.precision),
        "dreams of": dreamer.description,
        **_network_facts(settings),
    }


def _network_facts(settings: Settings) -> dict[str, str]:
    from ..models.zoo.registry import network_files
    from ..render.checkpoint.fingerprints import file_facts

    several = len(settings.networks) > 1
    return {
        f"network {network.name}/{name}" if several else f"network {name}": file_facts(path)["blake2"]
        for network in settings.networks
        for name, path in network_files(network.name).items()
    }


def _tell_where_it_goes_on(kept: CheckpointSession, frame_count: int | None) -> None:
    checkpoint = kept.checkpoint
    for line in checkpoint.notes:
        note(line)
    if checkpoint.next_index:
        frames = "1 frame is" if checkpoint.next_index == 1 else f"{checkpoint.next_index} frames are"
        going_on = f"Going on with frame {checkpoint.next_index + 1}"
        if checkpoint.next_index == frame_count:
            going_on = "Nothing is left to dream"
        note(f"{going_on}: {frames} kept in {checkpoint.folder.name}.")


def _warn_of_little_disk_space(film: PreparedFilm, plan: CheckpointPlan, done: int) -> None:
    """Say that the disk will be full before the film is complete, where that is so."""
    from ..render.checkpoint.disk_space import frame_bytes
    from ..render.files.disk_space import free_bytes

    if plan.film.frame_count is None:
        return
    needed = (plan.film.frame_count - done) * frame_bytes(plan.film, plan.depth_bits)
    free = free_bytes(film.output)
    if needed > free:
        note(
            f"Disk space is short: finished frames take {memory_words(needed / 2**20)} until the film is "
            f"complete, {memory_words(free / 2**20)} is free. --size makes frames smaller; a render that a "
            "full disk has stopped goes on when there is space again."
        )


@contextmanager
def _told_what_is_kept(kept: CheckpointSession) -> Iterator[None]:
    """Say, when a render ends early, what is kept of it and how to go on."""
    try:
        yield
    except (LucidreelError, KeyboardInterrupt) as error:
        count = kept.checkpoint.next_index
        if count and not isinstance(error, ResumeMismatchError):
            frames = "1 finished frame is" if count == 1 else f"{count} finished frames are"
            advice = (
                "Give the same command again to go on with the next one, or with --restart to start again."
            )
            if isinstance(error, OutputExistsError):
                advice = (
                    "The same command makes the film of them, without dreaming, when nothing is in its way."
                )
            note(f"{frames} kept in {kept.checkpoint.folder}. {advice}")
        raise

"""Open the ledger of a film while it is rendered, and drop it when the film is complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ...errors import OutputError, UsageError
from ..files.atomic import remove_stale
from ..film import PreparedFilm
from ..outputs import check_not_there
from ..records import place_record, record_path
from ..settings import Settings
from .completion import Completion, completed
from .files import JOURNAL_NAME, NOTE_NAME, PLAN_NAME, ledger_folder
from .fingerprints import named_files_facts, settings_facts
from .folder_lock import FolderLock
from .journal import Journal
from .kept import Kept
from .ledger import Ledger, remove_ledger
from .ownership import refuse_damaged
from .partial_preview import Preview
from .plan import LedgerPlan, check_plan, recorded_cuts, recorded_threads


@dataclass(frozen=True)
class KeepRule:
    """What becomes of the finished frames."""

    restart: bool = False
    """Drop what is kept from before, and start again."""
    keep_frames: bool = False
    """Leave the ledger where it is when the film is complete."""
    preview_every: int | None = None
    """After how many frames a film of what is finished so far is written, again and again."""


def recall_cuts(film: PreparedFilm, settings: Settings, machine: Mapping[str, str]) -> PreparedFilm:
    """Return a film that knows its cuts, if the frames kept beside it are its own: they were found before."""
    path = ledger_folder(film.output) / PLAN_NAME
    if film.analysis is None or film.analysis.cuts is not None or not path.exists():
        return film
    cuts = recorded_cuts(path, _plan(film, settings, machine, ()))
    return film if cuts is None else replace(film, analysis=replace(film.analysis, cuts=cuts))


def recall_threads(film: PreparedFilm) -> int | None:
    """Return the number of CPU threads that made the frames kept beside a film; None where none are."""
    return recorded_threads(ledger_folder(film.output) / PLAN_NAME)


def ledger_plan(film: PreparedFilm, settings: Settings, machine: Mapping[str, str]) -> LedgerPlan:
    """Return what a film's ledger belongs to.

    `machine` tells what decides the frames beside the settings: device, precision, network.
    """
    return _plan(film, settings, machine, tuple(sorted(film.analyzer.cuts)))


def _plan(
    film: PreparedFilm, settings: Settings, machine: Mapping[str, str], cuts: tuple[int, ...]
) -> LedgerPlan:
    facts = settings_facts(settings, {**machine, **named_files_facts(settings)})
    unused = {"clip": "zoom.", "zoom": "clip."}[film.source.settings_table]
    return LedgerPlan(
        {key: value for key, value in facts.items() if not key.startswith(unused)},
        film.source_facts(),
        film.source.film,
        cuts,
        carries=film.carry.carries,
        depth_bits=film.depth_bits,
    )


@contextmanager
def keeping(
    film: PreparedFilm, plan: LedgerPlan, rule: KeepRule, completion: Completion | None = None
) -> Iterator[Kept]:
    """Keep a film's frames while it is rendered; when all goes well, write its record and drop them.

    Raises ResumeMismatchError where kept frames are another render's, OutputError where they cannot be kept.
    """
    check_previews(film.output, rule.preview_every)
    with Ledger.open(ledger_folder(film.output), plan, rule.restart) as ledger:
        try:
            _remove_stale(film.output)
            check_not_there(film.output, film.overwrite)
        except BaseException:
            if not ledger.next_index:
                ledger.remove()
            raise
        preview = None if rule.preview_every is None else Preview(film, ledger, rule.preview_every)
        kept = Kept(ledger) if preview is None else Kept(ledger, preview.offer, preview.notes)
        if completion is not None:
            kept = replace(kept, on_whole=partial(ledger.note_complete, completion))
        try:
            yield kept
        except BaseException:
            if preview is not None:
                preview.stop()
            if not ledger.next_index:
                ledger.remove()
            raise
        if preview is not None:
            preview.stop()
            preview.remove()
        if completion is not None:
            _write_record(film.output, completion)
        ledger.remove(rule.keep_frames)


def clear_up(output: Path, asked: Callable[[], str], rule: KeepRule) -> bool:
    """Do what a killed process has left undone after its film was complete; tell whether there was one.

    `asked` returns the digest of all that is asked for now: `fingerprints.digest_of_order`.
    Raises OutputError, also where that process is still at it.
    """
    if not output.name:  # "", "." or "/", which the check of the output refuses
        return False
    folder = ledger_folder(output)
    completion = None if rule.restart else completed(folder, output, asked)
    if completion is None:
        return False
    try:
        lock = FolderLock(folder)
        try:
            _write_record(output, completion)
            _remove_stale(output)
            if rule.keep_frames:
                (folder / NOTE_NAME).unlink(missing_ok=True)
            else:
                remove_ledger(folder, lock)
        finally:
            lock.release()
    except OSError as error:
        raise OutputError(
            f"{output} is complete, but {folder} cannot be cleared up ({error.strerror or error})."
        ) from error
    return True


def _remove_stale(output: Path) -> None:
    """Remove what a killed process was writing: the film under its hidden name, or its record."""
    for path in (output, record_path(output)):
        remove_stale(path)


def _write_record(output: Path, completion: Completion) -> None:
    try:
        place_record(output, completion.record)
    except OutputError as error:
        raise OutputError(
            f"{output} is complete, but its record cannot be written. {error} Then give the same command "
            "again."
        ) from error


def kept_count(film: PreparedFilm, plan: LedgerPlan) -> int:
    """Return how many frames of a film are kept, changing nothing. Raises ResumeMismatchError."""
    folder = ledger_folder(film.output)
    refuse_damaged(folder)
    if not (folder / PLAN_NAME).exists():
        return 0
    count = len(Journal(folder / JOURNAL_NAME).entries)
    check_plan(folder / PLAN_NAME, plan, count)
    return count


def check_previews(output: Path, every: int | None) -> None:
    """Raise UsageError where previews are asked for, `every` so many frames, and the output is no film."""
    if every is not None and (output.is_dir() or not output.suffix):
        raise UsageError(
            f"--preview-every makes films, and {output} is a folder of pictures: finished frames can be "
            f"looked at in {ledger_folder(output)}."
        )

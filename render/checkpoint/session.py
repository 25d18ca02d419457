"""A checkpoint from the moment a render begins until its film is complete: opened, used, and then dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ...errors import OutputError, UsageError
from ..files.atomic import remove_stale
from ..frames.frames import FilmSink, FrameSink, Picture
from ..loop import Resumption
from ..outputs import check_not_there, checkpoint_folder
from ..settings.records import place_record, record_path
from .checkpoint import Checkpoint, remove_checkpoint
from .completion import Completion, completed
from .folder import JOURNAL_NAME, NOTE_NAME, PLAN_NAME
from .frame_files import picture_of
from .journal import Journal
from .lock import FolderLock
from .ownership import refuse_damaged
from .partial_preview import OpenFilm, PartialPreview
from .plan import CheckpointPlan, check_plan
from .rule import KeepRule
from .sink import CheckpointSink


@dataclass(frozen=True)
class CheckpointSession:
    """The finished frames of one render: where it goes on, and the sink that keeps the others too."""

    checkpoint: Checkpoint
    on_kept: Callable[[int], None] = lambda count: None
    """Is told after every frame how many are kept."""
    notes: Callable[[], tuple[str, ...]] = tuple
    """What went wrong beside the render, for the end of it."""
    on_whole: Callable[[Path], None] = lambda film: None
    """Is told where the film lies when it is whole, before it gets its name."""

    @property
    def resumption(self) -> Resumption | None:
        """Where the loop goes on; None at the first frame."""
        checkpoint = self.checkpoint
        if not checkpoint.next_index:
            return None
        if not checkpoint.carries:
            first, pixels = checkpoint.last_picture()  # all that a frame which repeats it needs
            return Resumption(checkpoint.next_index, first, picture_of(pixels), None, checkpoint.time_of)
        if checkpoint.last_state is None:  # a shot begins
            return Resumption(checkpoint.next_index, checkpoint.next_index, None, None, checkpoint.time_of)
        state = checkpoint.last_state
        return Resumption(
            checkpoint.next_index,
            state.dreamt_index,
            state.picture,
            state.history,
            checkpoint.time_of,
            self._shown,
        )

    def _shown(self, index: int) -> Picture:
        return picture_of(self.checkpoint.pixels_of(index))

    def sink(self, open_film: Callable[[], FilmSink]) -> FrameSink:
        """Open the film, to go through the checkpoint."""
        return CheckpointSink(self.checkpoint, open_film(), self.on_kept, self.on_whole)


@contextmanager
def open_session(
    output: Path,
    plan: CheckpointPlan,
    rule: KeepRule,
    open_film: OpenFilm,
    overwrite: bool = False,
    completion: Completion | None = None,
    on_preview: Callable[[Path], None] = lambda path: None,
) -> Iterator[CheckpointSession]:
    """Keep a film's frames while it is made; when all goes well, write its record and drop them.

    `open_film` makes partial previews, `on_preview` hears of each one on the thread that makes them;
    `overwrite` tells whether what is at `output` may be replaced.
    Raises ResumeMismatchError where kept frames are another render's, OutputError where they cannot be kept.
    """
    check_previews(output, rule.preview_every)
    with Checkpoint.open(checkpoint_folder(output), plan, rule.restart) as checkpoint:
        try:
            _remove_stale(output)
            check_not_there(output, overwrite)
        except BaseException:
            if not checkpoint.next_index:
                checkpoint.remove()
            raise
        preview = None
        if rule.preview_every is not None:
            preview = PartialPreview(checkpoint, rule.preview_every, open_film, on_preview)
        kept = (
            CheckpointSession(checkpoint)
            if preview is None
            else CheckpointSession(checkpoint, preview.offer, preview.notes)
        )
        if completion is not None:
            kept = replace(kept, on_whole=partial(checkpoint.note_complete, completion))
        try:
            yield kept
        except BaseException:
            if preview is not None:
                preview.stop()
            if not checkpoint.next_index:
                checkpoint.remove()
            raise
        if preview is not None:
            preview.stop()
            preview.remove()
        if completion is not None:
            _write_record(output, completion)
        checkpoint.remove(rule.keep_frames)


def clear_up(output: Path, asked: Callable[[], str], rule: KeepRule) -> int | None:
    """Do what a killed process has left undone after its film was complete.

    Returns how many frames that film has; None where there is none. `asked` returns the digest of all that
    is asked for now: `fingerprints.digest_of_order`. Raises OutputError, also where that process is still
    at it.
    """
    if not output.name:  # "", "." or "/", which the check of the output refuses
        return None
    folder = checkpoint_folder(output)
    completion = None if rule.restart else completed(folder, output, asked)
    if completion is None:
        return None
    frames = journal_count(folder)
    try:
        lock = FolderLock(folder)
        try:
            _write_record(output, completion)
            _remove_stale(output)
            if rule.keep_frames:
                (folder / NOTE_NAME).unlink(missing_ok=True)
            else:
                remove_checkpoint(folder, lock)
        finally:
            lock.release()
    except OSError as error:
        raise OutputError(
            f"{output} is complete, but {folder} cannot be cleared up ({error.strerror or error})."
        ) from error
    return frames


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


def kept_count(output: Path, plan: CheckpointPlan) -> int:
    """Return how many frames of a film are kept, changing nothing. Raises ResumeMismatchError."""
    folder = checkpoint_folder(output)
    refuse_damaged(folder)
    if not (folder / PLAN_NAME).exists():
        return 0
    count = journal_count(folder)
    check_plan(folder / PLAN_NAME, plan, count)
    return count


def journal_count(folder: Path) -> int:
    """Return how many frames are finished in a folder, whosever they are; 0 where nobody can tell."""
    try:
        return len(Journal(folder / JOURNAL_NAME).entries)
    except OSError:
        return 0


def check_previews(output: Path, every: int | None) -> None:
    """Raise UsageError where previews are asked for, `every` so many frames, and the output is no film."""
    if every is not None and (output.is_dir() or not output.suffix):
        raise UsageError(
            f"--preview-every makes films, and {output} is a folder of pictures: finished frames can be "
            f"looked at in {checkpoint_folder(output)}."
        )

"""The checkpoint of a render: every finished frame kept at once, and the place where a killed render goes on.

    film.mp4.frames/ledger.toml    what the frames belong to (`plan`)
                    journal.txt    which frames are finished (`journal`)
                    000001.png …   the frames (`frame_files`)
                    complete.txt   there while a film that is whole gets its name and record (`completion`)
                    carry.state    the dream that the next frame starts from (`carried_dream`)
                    so-far.mp4     a film of what is finished so far, where one was asked for
                    lock, holder   while a render is at work (`lock`)

A frame cannot be dreamt again by itself: it starts from the dream before it. So a render goes on after the
frame that the state belongs to, or where a shot begins, whichever is later; the frames behind that place are
dropped and dreamt again, and come out the same. Where a kept frame turns out to be damaged, that place is the
beginning of its shot.

    shots           |0           |4                 |
    kept             0  1  2  3   4  5  6  7  8
    state                                  ^ of 7: go on with 8; damage in 6: go on with 4

A process may die at any moment: each file is whole or not there, and a frame counts when its line is written.
The power may fail at any moment: before a state takes its place, all the frames before it are on the disk.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from ...errors import OutputError
from ..files.atomic import replace_file
from ..files.durable import sync_path
from ..frames.frames import FilmFormat, Picture
from .carried_dream import Carried, load_state, save_state
from .completion import Completion, write_note
from .disk_space import disk_errors
from .folder import JOURNAL_NAME, NOTE_NAME, PLAN_NAME, STATE_NAME, drop, drop_all, drop_frames, frame_path
from .frame_files import Pixels, load_frame, same_picture, store_frame
from .journal import Entry, Journal
from .lock import FolderLock, make_way_for_lock
from .ownership import refuse_damaged, refuse_foreign
from .plan import CheckpointPlan, check_plan, plan_text
from .resume_point import find_resume_point

STATE_INTERVAL_S = 2.0
"""How often the carried dream is written at most: with 16 bits it is twice as large as a frame with 8."""


def remove_checkpoint(folder: Path, lock: FolderLock) -> None:
    """Remove a locked checkpoint, the note of its complete film last; what cannot be removed stays."""
    with suppress(OSError):
        drop_all(folder)
        lock.release()
        (folder / NOTE_NAME).unlink(missing_ok=True)
        folder.rmdir()  # not where a user has put something into it


class Checkpoint:
    """The kept frames of one render, locked against every other; made by `Checkpoint.open`, ended by `close`.

    Methods may be called from different threads, one at a time; only `finished` and `time_of` may run beside
    `keep`.
    """

    def __init__(self, folder: Path, plan: CheckpointPlan, lock: FolderLock, state_interval_s: float) -> None:
        """Take over a locked folder whose plan is in place."""
        self.folder, self._plan, self._lock = folder, plan, lock
        self._interval_s, self._saved_at = state_interval_s, time.monotonic()
        self._journal = Journal(folder / JOURNAL_NAME)
        self._carried = self._load_state()
        state_index = None if self._carried is None else self._carried[0]
        self._synced = 0 if state_index is None else state_index + 1
        place = find_resume_point(folder, self._journal.entries, state_index, plan)
        self.notes = place.notes
        """What was found damaged, and where the render goes on because of it."""
        self.restart_from(place.index)

    @classmethod
    def open(
        cls,
        folder: Path,
        plan: CheckpointPlan,
        restart: bool = False,
        state_interval_s: float = STATE_INTERVAL_S,
    ) -> Checkpoint:
        """Begin a checkpoint, or go on with the one in `folder`; `restart` drops what is there.

        Every kept frame is read and its checksum compared: that takes a small part of the time in which they
        are encoded again, and afterwards `next_index` is certain.

        Raises OutputError when another render has the folder, when it is no checkpoint, or cannot be written;
        ResumeMismatchError when its frames belong to other settings or another source.
        """
        with disk_errors(folder, plan, "frames cannot be kept there"):
            refuse_foreign(folder)
            if not restart:
                refuse_damaged(folder)
            folder.mkdir(exist_ok=True)
            if restart:
                make_way_for_lock(folder)
            lock = FolderLock(folder)
            try:
                if restart:
                    drop_all(folder)
                    drop(folder / NOTE_NAME)
                if (folder / PLAN_NAME).exists():
                    check_plan(folder / PLAN_NAME, plan, len(Journal(folder / JOURNAL_NAME).entries))
                else:
                    replace_file(folder / PLAN_NAME, [plan_text(plan).encode()], durable=True)
                return cls(folder, plan, lock, state_interval_s)
            except BaseException:
                lock.release()
                with suppress(OSError):
                    folder.rmdir()  # where it was made in vain
                raise

    @property
    def film(self) -> FilmFormat:
        """The film that the frames make up."""
        return self._plan.film

    @property
    def depth_bits(self) -> int:
        """Bits per channel of the kept frames."""
        return self._plan.depth_bits

    @property
    def carries(self) -> bool:
        """Whether a frame needs the dream before it."""
        return self._plan.carries

    @property
    def next_index(self) -> int:
        """The first frame that has to be dreamt; those before it are kept."""
        return len(self._journal.entries)

    @property
    def last_state(self) -> Carried | None:
        """The settled dream of the frame before `next_index`.

        None at the film's first frame; it may be None too where a shot begins, or where nothing is carried.
        """
        carried = self._carried
        return carried if carried is not None and carried[0] == self.next_index - 1 else None

    def keep(
        self,
        index: int,
        time_s: Fraction,
        pixels: Pixels,
        state_picture: Picture | None = None,
        dreamt_index: int | None = None,
        history: NDArray[np.float32] | None = None,
    ) -> None:
        """Keep the next frame, and from time to time the dream that the one after it starts from.

        `pixels` are (height, width, 3) RGB in the plan's size and depth. `state_picture` is the settled dream
        ((3, height, width), 0..1), not to be changed afterwards; it may be missing where nothing is carried.
        `dreamt_index` names the frame whose dream it is, where that is an earlier one; `history` is what the
        carry knows of the shot by then.
        Raises OutputError when the disk is full or the folder cannot be written: what is kept stays so.
        """
        self._check(index, pixels, state_picture)
        with disk_errors(self.folder, self._plan, f"frame {index + 1} cannot be kept", index):
            entry = store_frame(self.folder, index, time_s, pixels)
            self._journal.append(entry)
            dreamt = index if dreamt_index is None else dreamt_index
            self._carried = None
            if self.carries and state_picture is not None:
                self._carried = Carried(index, state_picture, dreamt, history)
            if time.monotonic() - self._saved_at >= self._interval_s:
                self._save()

    def time_of(self, index: int) -> Fraction:
        """Return the time in seconds of a kept frame."""
        return self._journal.entries[index].time_s

    def pixels_of(self, index: int) -> Pixels:
        """Return the pixels of a kept frame. Raises OutputError."""
        ((_, _, pixels),) = self._load(self._journal.entries[index : index + 1])
        return pixels

    def last_picture(self) -> tuple[int, Pixels]:
        """Return the picture that the last kept frame shows, and the first of the frames that show it on end.

        That one was dreamt itself, and those after it repeat it, or might as well. Raises OutputError.
        """
        first = self.next_index - 1
        while first and same_picture(self.folder, first - 1, first):
            first -= 1
        return first, self.pixels_of(first)

    def finished(self, count: int | None = None) -> Iterator[tuple[int, Fraction, Pixels]]:
        """Yield index, time and pixels of the frames kept by now, or the first `count`, each one verified.

        Raises OutputError at one that was damaged after the checkpoint was opened.
        """
        return self._load(tuple(self._journal.entries[:count]))

    def restart_from(self, index: int) -> None:
        """Drop the frames from `index` on, to be dreamt again. Raises OutputError.

        `last_state` tells afterwards whether the dream before it is still known.
        """
        if not 0 <= index <= self.next_index:
            raise ValueError(f"{self.next_index} frames are kept: none can be dropped from index {index} on")
        with disk_errors(self.folder, self._plan, "frames cannot be dropped"):
            self._journal.truncate(index)
            if not self._state_is_before(index):
                self._carried = self._load_state()  # written earlier, perhaps early enough
            if not self._state_is_before(index):
                (self.folder / STATE_NAME).unlink(missing_ok=True)
                self._carried = None
            drop_frames(self.folder, index)
        self._synced = min(self._synced, index)

    def close(self) -> None:
        """Write the last state and give the folder free; safe to call twice. Raises OutputError.

        When the disk is full, the frames since the last state that could be written will be dreamt again.
        """
        try:
            if self._lock.is_held and self._synced < self.next_index:
                with disk_errors(
                    self.folder, self._plan, "the carried dream cannot be kept", self.next_index
                ):
                    self._save()
        finally:
            self._lock.release()

    def note_complete(self, completion: Completion, film: Path) -> None:
        """Note that the film is whole, under a name that passes. Raises OutputError.

        The last dream is kept before, so that nothing has to be dreamt again, whatever comes next.
        """
        with disk_errors(self.folder, self._plan, "the film cannot be completed", self.next_index):
            if self._synced < self.next_index:
                self._save()
            write_note(self.folder, completion, film)

    def remove(self, keep_frames: bool = False) -> None:
        """Remove the checkpoint of a film that is complete, and close it; what cannot be removed stays.

        With `keep_frames` only the note goes: nothing is left to do.
        """
        try:
            if keep_frames:
                self.close()
                (self.folder / NOTE_NAME).unlink(missing_ok=True)
            else:
                remove_checkpoint(self.folder, self._lock)
        finally:
            self._lock.release()

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            with suppress(OutputError):  # what went wrong first is what counts
                self.close()

    def _load(self, entries: Sequence[Entry]) -> Iterator[tuple[int, Fraction, Pixels]]:
        for entry in entries:
            pixels = load_frame(self.folder, entry, self._plan)
            if pixels is None:
                raise OutputError(
                    f"{frame_path(self.folder, entry.index)} was changed or removed during the render. "
                    "Give the same command again: what is damaged will be dreamt again."
                )
            yield entry.index, entry.time_s, pixels

    def _save(self) -> None:
        """Have all frames on the disk, then the state that relies on them."""
        for index in range(self._synced, self.next_index):
            sync_path(frame_path(self.folder, index))
        self._journal.sync()
        sync_path(self.folder)
        if self.last_state is not None:
            save_state(self.folder / STATE_NAME, self.last_state)
            sync_path(self.folder)
        self._synced, self._saved_at = self.next_index, time.monotonic()

    def _load_state(self) -> Carried | None:
        """Return the carried dream as it was kept; None where there is none of this film."""
        film, carried = self._plan.film, load_state(self.folder / STATE_NAME)
        of_film = carried is not None and carried.picture.shape == (3, film.height_px, film.width_px)
        return carried if of_film else None

    def _state_is_before(self, index: int) -> bool:
        return self._carried is None or self._carried[0] < index

    def _check(self, index: int, pixels: Pixels, state_picture: Picture | None) -> None:
        """Raise ValueError for what only a wrong program would hand over."""
        film, depth = self._plan.film, np.dtype(f"u{self._plan.depth_bits // 8}")
        shape = (film.height_px, film.width_px, 3)
        if index != self.next_index:
            raise ValueError(f"frame {index} was to be kept, and {self.next_index} is the next")
        if pixels.shape != shape or pixels.dtype != depth:
            raise ValueError(f"kept frames are {shape} {depth}, not {pixels.shape} {pixels.dtype}")
        if self._plan.carries and state_picture is None:
            raise ValueError("a film that carries its dream along keeps it")

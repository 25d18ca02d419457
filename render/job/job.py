"""A render you can hold: what it was asked, what it will do, what is done already; run, cancel, run again.

    job = RenderJob(settings, Clip(Path("harbour.mp4")), Path("dream.mp4"))
    job.plan()                         frames, cuts, size, time, memory, disk space; nothing is dreamt
    job.checkpoint                     what an earlier run has left
    summary = job.run(on_event=print)  dreams what is missing, encodes, writes the record
    job.cancel()                       from another thread, or from a listener: as Ctrl-C does

A run goes through these steps, each of which tells the next what it has found out:

    check       targets, guides and output, before anything is loaded
    clear up    after an earlier run that was killed when its film was there
    open        source, maps, sound; what is wrong with one of them is an error by now
    load        the networks, unless the client has them
    look        for cuts, unless the checkpoint knows them
    plan        what is missing, and what that takes
    dream       every frame into checkpoint and film
    complete    the record is written, the checkpoint goes

Nothing here prints, reads flags or knows who listens. Jobs are made of plain values, so another process can
make the same one and go on with it: what a run leaves is in the checkpoint beside the output alone.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event as Flag
from threading import Lock
from typing import TYPE_CHECKING

from ...errors import CancelledRenderError, ResumeMismatchError, UsageError
from ..checkpoint.completion import Completion
from ..checkpoint.fingerprints import digest_of_order
from ..checkpoint.plan import CheckpointPlan
from ..checkpoint.rule import KeepRule
from ..checkpoint.session import (
    CheckpointSession,
    check_previews,
    clear_up,
    journal_count,
    kept_count,
)
from ..dreamer import Networks, check_dream, load_dreamer, machine_facts, network_facts, tell_loaded
from ..events.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    KeptFrames,
    Note,
    OnEvent,
    Planned,
    PreviewReady,
    Resumed,
    Started,
    Summary,
)
from ..events.plan import Plan
from ..film.film import PreparedFilm
from ..film.film_checkpoint import checkpoint_plan, open_checkpoint, recall_cuts, recall_threads
from ..outputs import checkpoint_folder
from ..settings.records import record_text
from ..settings.settings import Settings
from ..signals import terminate_as_interrupt
from .listener import Listener
from .planning import make_plan
from .sources import JobSource

if TYPE_CHECKING:
    from ...dream.engine import Dreamer


_USUAL = KeepRule()


@dataclass(frozen=True)
class CheckpointStatus:
    """What earlier runs have left beside a job's output."""

    folder: Path
    frames: int
    """How many finished frames there are."""
    is_own: bool
    """Whether a run of this job goes on with them; where not, it refuses to begin unless it `restart`s."""
    reason: str | None = None
    """Why they are not this job's."""


@dataclass(frozen=True)
class _Ready:
    """A job with everything that it takes to begin."""

    film: PreparedFilm
    dreamer: Dreamer
    plan: CheckpointPlan


@dataclass
class _Opened:
    """The checkpoint of a run, once it is open."""

    kept: CheckpointSession | None = None

    @property
    def kept_frames(self) -> KeptFrames | None:
        """The frames in it; None where there are none."""
        if self.kept is None or not self.kept.checkpoint.next_index:
            return None
        return KeptFrames(self.kept.checkpoint.next_index, self.kept.checkpoint.folder)


def _with_previews(listener: Listener, previews: deque[Path], event: Event) -> None:
    """Tell of films of what is finished so far, which another thread has made, on this one."""
    while previews:
        listener(PreviewReady(previews.popleft()))
    listener(event)


@contextmanager
def _threads_put_back() -> Iterator[None]:
    """Leave the number of CPU threads as it was: the next job of this process may count on it."""
    from ...dream.device import use_threads  # loads torch, for which a bad clip need not wait

    threads = use_threads(None)
    try:
        yield
    finally:
        use_threads(threads)


class RenderJob:
    """One render: of a clip or of a zoom, with its settings, to its output.

    One run (or plan) at a time: another thread that asks meanwhile gets UsageError. What it opens and loads
    is held until a run has ended, and the networks for as long as the job is.
    """

    def __init__(
        self,
        settings: Settings,
        source: JobSource,
        output: Path,
        *,
        overwrite: bool = False,
        keep: KeepRule = _USUAL,
        networks: Networks | None = None,
        origin: Mapping[str, str] | None = None,
    ) -> None:
        """Note what is asked for; nothing is opened or loaded yet.

        `networks` are those that the settings name, in that order, where they are loaded already. `keep` says
        what becomes of finished frames. `origin` is told in the record: where the settings came from.
        """
        self.settings, self.source, self.output = settings, source, output
        self.overwrite, self.keep = overwrite, keep
        self._networks, self._origin = networks, dict(origin or {})
        self._ready: _Ready | None = None
        self._dreamer: Dreamer | None = None
        self._cancelled, self._turn = Flag(), Lock()

    def plan(self, on_event: OnEvent | None = None, *, estimate: bool = True) -> Plan:
        """Return what a run would do now. Nothing is written, and whatever is dreamt is thrown away.

        The source is opened, cuts are looked for, the networks are loaded; with `estimate`, some test steps
        are timed. Raises what `run` would raise before its first frame.
        """
        with self._one_at_a_time():
            listener = Listener(on_event, self._cancelled)
            self._check(listener)
            with self._made_ready(listener) as ready:
                done = 0 if self.keep.restart else kept_count(self.output, ready.plan)
                return make_plan(*self._of(ready), done, listener, estimate)

    @property
    def checkpoint(self) -> CheckpointStatus:
        """What earlier runs have left; found out as `plan` does, since whose it is takes all of that."""
        with self._one_at_a_time():
            listener = Listener(None, self._cancelled)
            self._check(listener)
            with self._made_ready(listener) as ready:
                folder = checkpoint_folder(self.output)
                try:
                    return CheckpointStatus(folder, kept_count(self.output, ready.plan), is_own=True)
                except ResumeMismatchError as error:
                    return CheckpointStatus(folder, journal_count(folder), is_own=False, reason=str(error))

    def run(self, on_event: OnEvent | None = None, *, estimate: bool = True) -> Summary:
        """Make the film, going on with what an earlier run has left, and write its record.

        `on_event` hears of everything on this thread (`events`); without it, or without `estimate`, no time
        is spent on finding out how long it will take. Raises CancelledRenderError after `cancel`, what
        `on_event` raises, and LucidreelError for all that goes wrong: then there is no half film and no
        process left, and the finished frames are in the checkpoint. On the main thread SIGTERM and the like
        become KeyboardInterrupt, and are met in the same way.
        """
        with self._one_at_a_time():
            listener = Listener(on_event, self._cancelled)
            with self._end_told(listener) as opened:
                self._check(listener)
                summary = self._cleared_up(listener)
                if summary is None:
                    summary = self._made(listener, opened, estimate and on_event is not None)
            listener.tell(Finished(summary))
        return summary

    def cancel(self) -> None:
        """End the run that is under way, or else the next one, before its next step; from any thread.

        It ends as with Ctrl-C: no half film is left and no process, the checkpoint stays, and a later run of
        this job, or of the same one in another process, makes the same film.
        """
        self._cancelled.set()

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        if not self._turn.acquire(blocking=False):
            raise UsageError(f"the job of {self.output} is at work already. Wait for it, or cancel it.")
        try:
            yield
        finally:
            self._cancelled.clear()
            self._turn.release()

    def _of(self, ready: _Ready) -> tuple[PreparedFilm, CheckpointPlan, Settings, Dreamer]:
        return ready.film, ready.plan, self.settings, ready.dreamer

    def _check(self, listener: Listener) -> None:
        """Find out what is wrong as far as that can be told at once."""
        self.source.check()
        check_dream(self.settings, listener)
        check_previews(self.output, self.keep.preview_every)

    @contextmanager
    def _end_told(self, listener: Listener) -> Iterator[_Opened]:
        """Tell of an early end, and what it leaves; let go of what a run has opened."""
        opened = _Opened()
        try:
            with terminate_as_interrupt():
                yield opened
        except (CancelledRenderError, KeyboardInterrupt):
            listener.tell_last(Cancelled(opened.kept_frames))
            raise
        except Exception as error:
            listener.tell_last(Failed(error, opened.kept_frames))
            raise
        finally:
            self._ready = None

    def _cleared_up(self, listener: Listener) -> Summary | None:
        """Do what a run that was killed has left undone of this very film; None where there is none."""
        began_s = time.perf_counter()
        frames = clear_up(self.output, self._digest, self.keep)
        if frames is None:
            return None
        listener(
            Note(
                "An earlier run made it and was stopped before it had cleared up: its record is written now."
            )
        )
        return Summary(frames, 0, None, time.perf_counter() - began_s, self.output)

    def _made(self, listener: Listener, opened: _Opened, estimates: bool) -> Summary:
        """Dream what is missing of the film, and complete it."""
        with self._made_ready(listener) as ready:
            film, previews = ready.film, deque[Path]()
            completion = Completion(self._digest(), self._record(ready.dreamer))
            with open_checkpoint(film, ready.plan, self.keep, completion, previews.append) as kept:
                opened.kept = kept
                self._tell_beginning(listener, ready, kept, estimates)
                with listener.asked_at_every_step(ready.dreamer):
                    summary = film.render(ready.dreamer, kept, partial(_with_previews, listener, previews))
        return replace(summary, notes=(*summary.notes, *kept.notes()))

    def _tell_beginning(
        self, listener: Listener, ready: _Ready, kept: CheckpointSession, estimates: bool
    ) -> None:
        """Tell where the run goes on and, where it `estimates`, what is ahead."""
        done, total = kept.checkpoint.next_index, ready.film.source.film.frame_count
        for text in kept.checkpoint.notes:
            listener(Note(text))
        if done:
            listener(Resumed(KeptFrames(done, kept.checkpoint.folder), total))
        if estimates:
            with listener.asked_at_every_step(ready.dreamer):
                plan = make_plan(*self._of(ready), done, listener, measures=True)
            listener(Planned(plan))
        listener(Started(self.output, done, total))

    @contextmanager
    def _made_ready(self, listener: Listener) -> Iterator[_Ready]:
        """Have all that it takes to begin, with the number of threads that its frames are dreamt with."""
        if self._ready is None:
            film = self.source.open(self.output, self.settings, self.overwrite, listener)
        else:
            film = self._ready.film
        for text in film.notes_ahead:
            listener(Note(text))
        with _threads_put_back():
            self._take_threads(film)  # before networks load: a real Caffe keeps the number it begins with
            self._dreamer = self._dreamer or load_dreamer(self.settings, self._networks)
            tell_loaded(self._dreamer, self.settings, listener)
            yield self._looked_at(film, self._dreamer, listener)

    def _take_threads(self, film: PreparedFilm) -> None:
        """Compute with as many threads as the settings say, or else as made the frames that are kept."""
        from ...dream.device import use_threads

        recalled = None if self.keep.restart else recall_threads(film)
        use_threads(recalled if self.settings.threads is None else self.settings.threads)

    def _looked_at(self, film: PreparedFilm, dreamer: Dreamer, listener: Listener) -> _Ready:
        """Return a film whose cuts are known, with what its checkpoint goes by."""
        machine = machine_facts(self.settings, dreamer)
        film = recall_cuts(film, self.settings, machine)
        if film.analysis is not None:
            film = replace(film, analysis=film.analysis.with_cuts(listener))
        self._ready = _Ready(film, dreamer, checkpoint_plan(film, self.settings, machine))
        return self._ready

    def _digest(self) -> str:
        """Return a digest of all that is asked for, by the contents of its files."""
        facts = {**self.source.facts(), **network_facts(self.settings)}
        return digest_of_order(self.source.command, self.settings, facts)

    def _record(self, dreamer: Dreamer) -> str:
        """Return the text of the film's record."""
        made = {"dream": dreamer.description, **self._origin}
        return record_text(self.output, self.source.command, self.source.name, self.settings, made)

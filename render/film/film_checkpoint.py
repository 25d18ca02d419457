"""What binds a film to its checkpoint: the plan that its frames belong to, and what is known from before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from ..checkpoint.completion import Completion
from ..checkpoint.fingerprints import named_files_facts, settings_facts
from ..checkpoint.folder import PLAN_NAME
from ..checkpoint.plan import CheckpointPlan, recorded_cuts, recorded_threads
from ..checkpoint.rule import KeepRule
from ..checkpoint.session import CheckpointSession, open_session
from ..outputs import checkpoint_folder
from ..settings.settings import Settings
from .film import PreparedFilm


def recall_cuts(film: PreparedFilm, settings: Settings, machine: Mapping[str, str]) -> PreparedFilm:
    """Return a film that knows its cuts, if the frames kept beside it are its own: they were found before."""
    path = checkpoint_folder(film.output) / PLAN_NAME
    if film.analysis is None or film.analysis.cuts is not None or not path.exists():
        return film
    cuts = recorded_cuts(path, _plan(film, settings, machine, ()))
    return film if cuts is None else replace(film, analysis=replace(film.analysis, cuts=cuts))


def recall_threads(film: PreparedFilm) -> int | None:
    """Return the number of CPU threads that made the frames kept beside a film; None where none are."""
    return recorded_threads(checkpoint_folder(film.output) / PLAN_NAME)


def checkpoint_plan(film: PreparedFilm, settings: Settings, machine: Mapping[str, str]) -> CheckpointPlan:
    """Return what a film's checkpoint belongs to.

    `machine` tells what decides the frames beside the settings: device, precision, network.
    """
    return _plan(film, settings, machine, tuple(sorted(film.analyzer.cuts)))


def _plan(
    film: PreparedFilm, settings: Settings, machine: Mapping[str, str], cuts: tuple[int, ...]
) -> CheckpointPlan:
    facts = settings_facts(settings, {**machine, **named_files_facts(settings)})
    unused = {"clip": "zoom.", "zoom": "clip."}[film.source.settings_table]
    return CheckpointPlan(
        {key: value for key, value in facts.items() if not key.startswith(unused)},
        film.source_facts(),
        film.source.film,
        cuts,
        carries=film.carry.carries,
        depth_bits=film.depth_bits,
    )


def open_checkpoint(
    film: PreparedFilm,
    plan: CheckpointPlan,
    rule: KeepRule,
    completion: Completion | None = None,
    on_preview: Callable[[Path], None] = lambda path: None,
) -> AbstractContextManager[CheckpointSession]:
    """Open the checkpoint of a film, as `open_session` does."""
    return open_session(film.output, plan, rule, film.open_sink, film.overwrite, completion, on_preview)

"""What a checkpoint belongs to: facts that must be the same when a render goes on, as a file and compared.

    schema = 2   which keys the settings have: see `migration`; a file of schema 1 says "format = 1"
    [program]    version
    [settings]   what decides the frames, with device, threads and precision
    [source]     size and digest
    [film]       width, height, frames, time_base, cuts, depth

The file is written once, before the first frame. A render that finds other facts refuses and says which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from ... import __version__
from ...errors import ResumeMismatchError, cut
from ...models.reading.files import MIB, FileKind
from ...models.reading.tables import read_toml
from ..frames.frames import FilmFormat
from ..settings.migration import SCHEMA, migrated, schema_of
from ..settings.settings import MOST_THREADS, Settings
from .fingerprints import as_tree, as_words, settings_facts

_HEAD = "# What the frames beside this file belong to, so that a render goes on only with its own."
_MOST_TOLD = 8
_LONGEST_VALUE = 60
_ABSENT = "nothing"
_KIND = FileKind(
    "plan of kept frames",
    ResumeMismatchError,
    most_bytes=4 * MIB,
    advice="Nobody can tell which render the frames beside it belong to: start again with --restart, which "
    "drops them.",
)
_ADVICE = "Finish with the version that wrote it, or start again with --restart, which drops the frames."
Facts = dict[str, dict[str, str]]


@dataclass(frozen=True)
class CheckpointPlan:
    """A render as its checkpoint knows it; two runs with equal plans make the same frames."""

    settings: Mapping[str, str]
    """What decides the frames: `fingerprints.settings_facts`."""
    source: Mapping[str, str]
    """What the frames are made of: `fingerprints.source_facts` or `picture_facts`."""
    film: FilmFormat
    cuts: tuple[int, ...] = ()
    """Indices of the frames at which a new shot begins, ascending; the first frame needs no mention."""
    carries: bool = True
    """Whether a frame needs the dream before it; where not, a render can go on at any frame."""
    depth_bits: int = 8
    """Bits per channel of the kept frames: 8 or 16."""

    def __post_init__(self) -> None:
        if self.depth_bits not in (8, 16):
            raise ValueError(f"depth_bits = {self.depth_bits}: frames are kept with 8 or 16 bits")

    @property
    def facts(self) -> Facts:
        """Everything that is compared, in named groups of words."""
        film = self.film
        return {
            "program": {"version": __version__},
            "settings": dict(self.settings),
            "source": dict(self.source),
            "film": {
                "size_px": f"{film.width_px}x{film.height_px}",
                "frames": "unknown" if film.frame_count is None else str(film.frame_count),
                "time_base": str(film.time_base),
                "cuts": " ".join(map(str, self.cuts)),
                "carries": str(self.carries).lower(),
                "depth_bits": str(self.depth_bits),
            },
        }

    def shot_start(self, index: int) -> int:
        """Return the last frame at or before `index` that starts from nothing."""
        if not self.carries:
            return index
        return max((cut for cut in self.cuts if cut <= index), default=0)


def plan_text(plan: CheckpointPlan) -> str:
    """Return the facts as the file that `check_plan` reads."""
    return f"{_HEAD}\n{tomli_w.dumps({'schema': SCHEMA, **plan.facts})}"


def check_plan(path: Path, plan: CheckpointPlan, kept: int) -> None:
    """Raise ResumeMismatchError unless the `kept` frames beside the file at `path` are this plan's.

    The message lists what differs, key by key with the value of then and of now.
    """
    before, now = _flat(_completed(_read(path), plan)), _flat(plan.facts)
    changed = [key for key in dict.fromkeys([*before, *now]) if before.get(key) != now.get(key)]
    if not changed:
        return
    lines = [f"  {key}: {_told(before.get(key))} then, {_told(now.get(key))} now" for key in changed]
    if len(lines) > _MOST_TOLD:
        lines[_MOST_TOLD:] = [f"  and {len(lines) - _MOST_TOLD} more"]
    raise ResumeMismatchError(
        f"{path.parent} holds {kept} frames of a render that was another:",
        lines=[
            *lines,
            "Ask for the same again to go on with it, or start again with --restart, which drops them.",
        ],
    )


def looks_like_a_plan(path: Path) -> bool:
    """Tell whether a file is a plan of any version, or was one before it was torn. Raises OSError.

    What can be read as another table is somebody else's.
    """
    with path.open("rb") as file:
        if file.read(len(_HEAD)) == _HEAD.encode("ascii"):
            return True
    try:
        return not {"schema", "format"}.isdisjoint(read_toml(path, _KIND))
    except ResumeMismatchError:
        return True


def recorded_cuts(path: Path, plan: CheckpointPlan) -> tuple[int, ...] | None:
    """Return the cuts in the file at `path`; None where it is missing, or another plan's but for them."""
    try:
        before, now = _completed(_read(path), plan), plan.facts
        words = before["film"].pop("cuts").split()
        del now["film"]["cuts"]
        return tuple(map(int, words)) if before == now else None
    except (ResumeMismatchError, LookupError, ValueError, AttributeError):
        return None


def recorded_threads(path: Path) -> int | None:
    """Return how many CPU threads made the frames beside the file at `path`; None where it does not say."""
    try:
        words = _read(path)["settings"]["threads"]
        return int(words) if re.fullmatch(r"[1-9][0-9]{0,3}", words) and int(words) <= MOST_THREADS else None
    except (ResumeMismatchError, LookupError, TypeError):
        return None


def _read(path: Path) -> Facts:
    """Read the facts back, those of an older schema in today's keys; what is torn or foreign is explained."""
    told = read_toml(path, _KIND)
    stated, form = told.pop("schema", None), told.pop("format", None)
    schema = schema_of(stated, str(path), ResumeMismatchError, _ADVICE)
    try:
        if (stated is None and form != 1) or not all(isinstance(group, dict) for group in told.values()):
            raise ValueError("its form is another")
        settings = as_tree({key: str(value) for key, value in told.get("settings", {}).items()})
    except ValueError as error:
        raise ResumeMismatchError(
            f"{path} is no plan that lucidreel has written: {error}. {_ADVICE}"
        ) from error
    return {**told, "settings": as_words(migrated(settings, schema, str(path), ResumeMismatchError))}


def _completed(before: Facts, plan: CheckpointPlan) -> Facts:
    """Return facts with the plan's settings that nobody knew then: their default is what was done.

    A key without a value is not in a plan: its default is to have none.
    """
    new = plan.settings.keys() - before.get("settings", {}).keys()
    default = settings_facts(Settings(), {}) if new else {}
    unsaid = {key: default[key] for key in new if key in default}
    return {**before, "settings": {**before.get("settings", {}), **unsaid}}


def _flat(facts: Facts) -> dict[str, str]:
    """Name every fact as a user knows it: settings by their own keys."""
    return {
        key if group == "settings" else f"{group}.{key}": str(value)
        for group, pairs in facts.items()
        for key, value in pairs.items()
    }


def _told(value: str | None) -> str:
    if not value:
        return _ABSENT
    return cut(value, _LONGEST_VALUE)

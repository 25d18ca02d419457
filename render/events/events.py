"""What happens in a run, told as frozen values to whoever listens: a terminal, a page, a notebook.

    of a film      Loaded  CutSearch …  Resumed  Planned  Started  (WarmUpFrame … FrameDone … PreviewReady) …
                   and as the last one Finished, Failed or Cancelled
    of a picture   Loaded  Estimated  StepDone … or PreviewFrameDone …
    of both        Note and MemoryShort, wherever there is reason

A listener is called on the thread that runs the job, with one event after another, and the run waits for it:
a slow listener slows the render. What it raises ends the run as any other error would. Pictures in events are
the run's own arrays, (3, h, w) RGB float32 in 0..1: read them, or copy them, and change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from ..frames.frames import Picture
from .plan import Estimate, Plan


@dataclass(frozen=True)
class Summary:
    """What a finished run made."""

    frames: int
    """All of the film's, those included that were kept from before."""
    made: int
    """Those that were made in this run."""
    duration_s: float | None
    """None for a film that an earlier run had completed, and this one only cleared up after."""
    wall_s: float
    output: Path
    notes: tuple[str, ...] = ()
    """What did not go the usual way: sound encoded anew, one video of several, packets that were damaged."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a user should know, in one sentence or two."""

    text: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The networks are loaded, and it is known what they will dream of."""

    dream: str
    """What that is, in words."""
    random_seed: int | None
    """The seed that chose it, where nothing was asked for."""
    networks: str
    device: str
    idle: tuple[str, ...] = ()
    """Those of several networks that have nothing to dream of."""


@dataclass(frozen=True, slots=True)
class CutSearch:
    """A clip was looked at for cuts as far as its frame number `done`; 0 when the search begins."""

    source: Path
    done: int
    total: int | None
    """How many frames there are; None where nobody knows."""


@dataclass(frozen=True, slots=True)
class KeptFrames:
    """Finished frames in a checkpoint, which a run of the same job goes on with."""

    count: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Resumed:
    """The run goes on after frames of an earlier one."""

    kept: KeptFrames
    total: int | None


@dataclass(frozen=True, slots=True)
class MemoryShort:
    """Less memory is free than the run is likely to take."""

    needed_mib: float
    free_mib: float


@dataclass(frozen=True, slots=True)
class Planned:
    """What will be made, and what that will take."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Estimated:
    """What dreaming pictures will take, told where it is more than a few seconds."""

    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Started:
    """The first frame is about to be dreamt, or a frame to warm up on."""

    output: Path
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class WarmUpFrame:
    """A frame was dreamt that is thrown away, one of `left` before a shot begins."""

    left: int


@dataclass(frozen=True, slots=True)
class FrameDone:
    """A frame of the film was dreamt, and is on its way to the checkpoint and the film."""

    index: int
    time_s: Fraction
    """In seconds from the film's start."""
    picture: Picture = field(repr=False, compare=False)
    done: int
    """How many frames there are by now, those of earlier runs included."""
    total: int | None
    """How many there will be; None where nobody knows."""


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step of single pictures was taken: `done` of `total` for all of them; 0 before the first."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class PreviewFrameDone:
    """A frame was dreamt for a preview, shown or only on the way: `done` of `total`; 0 before the first."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class PreviewReady:
    """A film of what is finished so far lies at `path`, until the next one takes its place."""

    path: Path


@dataclass(frozen=True, slots=True)
class Finished:
    """The film is there, with its record."""

    summary: Summary


@dataclass(frozen=True, slots=True)
class Failed:
    """The run has ended with an error, which `run` raises."""

    error: Exception
    kept: KeptFrames | None
    """What is left to go on with; None where nothing was begun."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The run was cancelled, or interrupted."""

    kept: KeptFrames | None


Event: TypeAlias = (
    Note
    | Loaded
    | CutSearch
    | Resumed
    | MemoryShort
    | Planned
    | Estimated
    | Started
    | WarmUpFrame
    | FrameDone
    | StepDone
    | PreviewFrameDone
    | PreviewReady
    | Finished
    | Failed
    | Cancelled
)
OnEvent: TypeAlias = Callable[[Event], None]


def unheard(event: Event) -> None:
    """Listen to nothing."""

"""What happens in a run, told as frozen values to whoever listens: a terminal, a page, a notebook.

    Note …  Loaded  CutSearch …  Resumed  Planned  Started  WarmUpFrame …  FrameDone …  Finished
                                                                                     | Failed
                                                                                     | Cancelled

`OnEvent` is called on the thread that runs the job, one event after another, and the run waits for it: a slow
listener slows the render. What a listener raises ends the run as any other error would. Pictures in events
are the run's own arrays, (3, h, w) RGB float32 in 0..1: read them, or copy them, and change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from .frames import Picture


@dataclass(frozen=True)
class Summary:
    """What a finished run made."""

    frames: int
    """All of the film's, those included that were kept from before."""
    made: int
    """Those that were made in this run."""
    duration_s: float
    wall_s: float
    output: Path
    notes: tuple[str, ...] = ()
    """What did not go the usual way: sound encoded anew, one video of several, packets that were damaged."""


@dataclass(frozen=True, slots=True)
class CutSearch:
    """A clip was looked at for cuts as far as its frame number `done`; 0 when the search begins."""

    source: Path
    done: int
    total: int | None
    """How many frames there are; None where nobody knows."""


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
    """A step of single pictures was taken: `done` of `total` for all of them."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class PreviewFrameDone:
    """A frame was dreamt for a preview, be it shown or only on the way to one that is: `done` of `total`."""

    done: int
    total: int


Event: TypeAlias = CutSearch | WarmUpFrame | FrameDone | StepDone | PreviewFrameDone
OnEvent: TypeAlias = Callable[[Event], None]


def unheard(event: Event) -> None:
    """Listen to nothing."""

"""What a run will make and take, as values: the film, its shots, what is there already, time and space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ..frames.frames import FilmFormat


@dataclass(frozen=True)
class Sample:
    """What frames that do not begin a shot ask for, on average over the ones that were looked at."""

    seen: int
    """How many were looked at; where it was none, every frame is taken for a whole dream."""
    repeats: float
    """Share of them that take over a dream, 0..1."""
    newly_visible: float
    """Share of them in which regions are new and dreamt by themselves first, 0..1."""
    dreams: Mapping[float | str, float]
    """From a share of the iterations to how many dreams of that share a frame takes that does not repeat."""
    start_s: float
    """Seconds that the carry takes per frame."""
    analysis_s: float
    """Seconds that decoding and analysis take per frame, beside the dreaming."""


@dataclass(frozen=True)
class Estimate:
    """How long a run will take and how large the process will grow."""

    pictures: int | None
    """How many there are to dream; None where nobody knows how many will come."""
    picture_s: float
    """The average of all pictures, repeats too."""
    total_s: float | None
    """For all of them; None where nobody knows how many will come."""
    memory_mib: float
    repeats: int = 0
    """About how many of them take over another's dream."""


@dataclass(frozen=True)
class DiskSpace:
    """The disk space of a film's checkpoint, which goes when the film is complete; the film comes on top."""

    needed_bytes: int | None
    """For all frames and what is carried along; None where nobody knows how many there will be."""
    missing_frames_bytes: int | None
    """For the frames that are not there yet."""
    free_bytes: int

    @property
    def is_short(self) -> bool:
        """Whether the disk will be full before the film is complete."""
        return self.missing_frames_bytes is not None and self.missing_frames_bytes > self.free_bytes


@dataclass(frozen=True)
class FilmFile:
    """How a film is encoded."""

    container: str | None
    """Its suffix, such as ".mp4"; None for a folder of pictures."""
    codec: str
    """Of the pictures."""
    bit_depth: int
    """Bits per channel."""


@dataclass(frozen=True)
class SoundPlan:
    """One of the clip's sounds in the film."""

    codec: str
    """The clip's."""
    encoder: str | None
    """What encodes it anew; None where it is copied."""


@dataclass(frozen=True)
class Plan:
    """What a job will make."""

    output: Path
    film: FilmFormat
    rate: Fraction | None
    """Frames per second; None where frames come at times of their own."""
    file: FilmFile
    sounds: tuple[SoundPlan, ...]
    cuts: tuple[int, ...]
    """Numbers of the frames, from 0, at which a shot begins; the first one always does."""
    warm_up_frames: int
    """How many frames are dreamt before each shot and thrown away."""
    carry: str | None
    """What comes along from frame to frame of a clip; None for a zoom, which is one flight."""
    dream: str
    """What is dreamt of, in words."""
    networks: tuple[str, ...]
    device: str
    done: int
    """How many frames an earlier run has left."""
    disk: DiskSpace
    memory_mib: float | None
    """About what the run will take beside what the process has by now; None where no frame is left."""
    free_memory_mib: float | None
    """None where the system does not tell."""
    repeats: int
    """About how many of the frames that are left take over another's dream."""
    sample: Sample | None
    """What some of a clip's frames were found to ask for; None for a zoom, and where no frame is left."""
    estimate: Estimate | None
    """None where it was not asked for, where no frame is left, and for a run of a few seconds."""
    notes: tuple[str, ...]
    """What should be known before it is begun: an end beyond the clip's, pictures where a film was meant."""

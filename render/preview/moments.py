"""Single moments of a clip, undreamt: exactly the pictures that a render would dream about there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ...dream.picture_files.reading import Report, ignore
from ..frames.frames import Picture
from ..media.pictures.pictures import read_picture
from ..media.sources import is_picture, open_source, require_source
from ..settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Moment:
    """An undreamt picture, and when it comes on the clip's own clock, in seconds."""

    picture: Picture
    time_s: Fraction


def source_moments(
    source: Path, times_s: Sequence[float], settings: Settings, tell: Report = ignore
) -> list[Moment]:
    """Return what a render would show at these times of the clip's own clock, undreamt.

    A moment's time is the one at which its frame begins, since maps are looked up by it. A picture file has
    one moment only, whatever the time. `tell` hears what a user should know of it. Raises UsageError for
    times outside the clip.
    """
    require_source(source)
    if is_picture(source) and source.is_file():
        return [Moment(read_picture(source, settings.clip.size_px, tell), Fraction(0)) for _ in times_s]
    frames = open_source(source, settings.clip)
    zero_s = frames.film.zero_s
    found = [frames.at(time_s) for time_s in times_s]
    if frames.past_the_end is not None:
        tell(frames.past_the_end)
    for words in frames.notes:
        tell(words)
    return [Moment(frame.picture, zero_s + frame.time_s) for frame in found]


def middle_s(source: Path, settings: Settings) -> float:
    """Return the time in the middle of the part that a render would show, on the clip's own clock."""
    require_source(source)
    if is_picture(source) and source.is_file():
        return 0.0
    return float(open_source(source, settings.clip).middle_s)

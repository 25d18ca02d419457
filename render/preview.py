"""Single moments of a clip: exactly the pictures that a render would dream there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .frames import Picture
from .media.clip_source import ClipSource
from .media.pictures import read_picture
from .media.sources import is_picture, open_source, require_source
from .settings import Settings


def source_pictures(source: Path, times_s: Sequence[float], settings: Settings) -> list[Picture]:
    """Return the undreamt pictures that a render would show at these times of the clip's own clock.

    A picture file has one moment only, whatever the time. Raises UsageError for times outside the clip.
    """
    require_source(source)
    if is_picture(source) and source.is_file():
        return [read_picture(source, settings.clip.size_px) for _ in times_s]
    frames = open_source(source, settings.clip)
    return [frames.at(time_s) for time_s in times_s]


def middle_s(source: Path, settings: Settings) -> float:
    """Return the time in the middle of the part that a render would show, on the clip's own clock."""
    require_source(source)
    if is_picture(source) and source.is_file():
        return 0.0
    frames = open_source(source, settings.clip)
    if isinstance(frames, ClipSource):
        return float(frames.part.start_s + frames.part.end_s) / 2
    film = frames.film
    return (settings.clip.start_s or 0.0) + float(film.last_frame_s * ((film.frame_count or 1) // 2))

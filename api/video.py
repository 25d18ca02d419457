"""Clips as Python programs read them: frame by frame, each at its exact time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..render.media.sources import open_source
from ..render.settings.settings import ClipConfig
from .pictures import Image, outside


@dataclass(frozen=True, eq=False)
class VideoFrame:
    """One frame of a clip."""

    index: int
    """Its number, from 0."""
    time_s: Fraction
    """When it is shown, in seconds from the first moment wanted: exact, never rounded."""
    image: Image
    """What it shows: (height, width, 3), RGB, float32, 0..1, upright."""

    def __repr__(self) -> str:
        height, width, _ = self.image.shape
        return f"<VideoFrame {self.index} at {float(self.time_s):.3f} s: {width}x{height}>"

    def _repr_png_(self) -> bytes | None:
        return self.image._repr_png_()


class Video:
    """A clip, a folder of numbered pictures or an animated picture, to be read as often as wanted."""

    def __init__(self, path: Path, config: ClipConfig) -> None:
        self.path = path
        self._source = open_source(path, config)

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of its frames."""
        return self._source.film.width_px, self._source.film.height_px

    @property
    def frame_count(self) -> int | None:
        """How many frames there are; None where only reading all of them tells."""
        return self._source.film.frame_count

    def __iter__(self) -> Iterator[VideoFrame]:
        return self.frames()

    def frames(self, first: int = 0) -> Iterator[VideoFrame]:
        """Yield every frame once, in order of time, from number `first` on. Raises MediaError."""
        for frame in self._source.frames(first):
            yield VideoFrame(frame.index, frame.time_s, outside(frame.picture))

    def at(self, time_s: float) -> Image:
        """Return what is shown at a time of the clip's own clock. Raises UsageError outside of it."""
        return outside(self._source.at(time_s).picture)

    def __repr__(self) -> str:
        width, height = self.size_px
        count = "" if self.frame_count is None else f", {self.frame_count} frames"
        return f"<Video {self.path.name}: {width}x{height}{count}>"


def open_video(path: str | os.PathLike[str], **clip: Any) -> Video:
    """Open a clip to read its frames; keywords are settings by their names in [clip] of a preset.

    `start_s`, `end_s`, `size_px`, `fps`. Raises InputNotFoundError, MediaError or UsageError for a file that
    is not there, is no clip, or has no such times; ConfigError for a setting.
    """
    return Video(Path(path), ClipConfig.read(clip, "open_video"))


def sample_clip() -> Path:
    """Return the path of the sample clip that comes with lucidreel: four seconds of a drawn nebula."""
    return Path(__file__).parents[1] / "examples" / "nebula.mp4"

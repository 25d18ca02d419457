"""What a job makes a film of: a clip, or a flight into a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from ..checkpoint.fingerprints import source_facts
from ..events.events import Note, OnEvent
from ..film.film import PreparedFilm, prepare_clip, prepare_zoom
from ..outputs import check_film_output
from ..settings.settings import Settings
from ..start import Start, open_start, refuse_noise, start_facts, start_file, start_name


class JobSource(Protocol):
    """What a job asks of its source."""

    @property
    def command(self) -> str:
        """The command that makes such a film, as a record names it."""
        ...

    @property
    def name(self) -> str | None:
        """How a record names the source; None for one that only this process knows."""
        ...

    def check(self) -> None:
        """Raise InputNotFoundError for what can never be such a source."""
        ...

    def facts(self) -> Mapping[str, str]:
        """Return what tells the source from every other, by its contents. Raises InputNotFoundError."""
        ...

    def open(self, output: Path, settings: Settings, overwrite: bool, on_event: OnEvent) -> PreparedFilm:
        """Open it, to be dreamt into `output`; nothing is written. Raises what is wrong with either."""
        ...


@dataclass(frozen=True)
class Clip:
    """A clip, or a folder of pictures, or an animated picture: every frame is dreamt at its own time."""

    path: Path
    command: ClassVar[str] = "render"

    @property
    def name(self) -> str:
        """A path that is good from any folder."""
        return str(self.path.resolve())

    def check(self) -> None:
        """Refuse noise, which is no clip."""
        refuse_noise(self.path)

    def facts(self) -> Mapping[str, str]:
        """Return its size and digest."""
        return source_facts(self.path)

    def open(self, output: Path, settings: Settings, overwrite: bool, on_event: OnEvent) -> PreparedFilm:
        """Open it as `[clip]` of the settings says."""
        return prepare_clip(self.path, output, settings, overwrite)


@dataclass(frozen=True, eq=False)
class Zoom:
    """A flight into a picture, or into noise: each frame is the last dream, moved a little and dreamt on."""

    start: Start
    command: ClassVar[str] = "zoom"

    @property
    def name(self) -> str | None:
        """A path that is good from any folder, or noise."""
        return start_name(self.start)

    def check(self) -> None:
        """Refuse nothing: a picture is looked at when it is opened."""

    def facts(self) -> Mapping[str, str]:
        """Return the size and digest of a picture, or what noise was asked for."""
        return start_facts(self.start)

    def open(self, output: Path, settings: Settings, overwrite: bool, on_event: OnEvent) -> PreparedFilm:
        """Open the picture, and place a camera before it as `[zoom]` of the settings says."""
        check_film_output(output, start_file(self.start), overwrite)
        size_px, seed = settings.zoom.size_px, settings.dream.seed
        first = open_start(self.start, size_px, seed, lambda text: on_event(Note(text)))
        return prepare_zoom(first, output, settings, overwrite)

"""Whole runs: a clip dreamt frame by frame, or a camera path into one picture, to a finished film.

    prepare_clip, prepare_zoom      check input, times and output -> PreparedFilm
    PreparedFilm.render             dreams, encodes -> Summary

What is wrong with a clip is said at once: the dreamer, which takes seconds to load, is only asked for when
the film is prepared.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .carry import Carry, carry_for
from .frames import FilmFormat, FrameDreamer, FrameSink, FrameSource, Picture
from .interrupt import terminate_as_interrupt
from .loop import render_frames
from .map_supply import MapSupply, settings_maps
from .media.clip_info import ClipInfo
from .media.clip_source import ClipSource
from .media.containers import Container
from .media.film_writer import FilmWriter
from .media.outputs import check_film_output
from .media.picture_folder import PictureFolderSource, PictureFolderWriter
from .media.sound import SoundTrack, sound_track
from .media.sources import open_source, require_source
from .progress import Progress
from .settings import OutputConfig, Settings


@dataclass(frozen=True)
class Summary:
    """What a finished run made."""

    frames: int
    duration_s: float
    wall_s: float
    output: Path
    notes: tuple[str, ...] = ()
    """What did not go the usual way: sound encoded anew, one video of several, packets that were damaged."""


@dataclass(frozen=True)
class PreparedFilm:
    """A film that can be made, as far as input, times and output tell; it only lacks a dreamer."""

    source: FrameSource
    carry: Carry
    open_sink: Callable[[], FrameSink]
    output: Path
    maps: MapSupply
    notes: Callable[[], tuple[str, ...]] = tuple
    """What did not go the usual way, known when all frames have been read."""

    def render(self, dreamer: FrameDreamer, progress: Progress) -> Summary:
        """Dream every frame into the output. Raises MediaError or OutputError and then leaves nothing."""
        began = time.perf_counter()
        progress.start(self.source.film.frame_count, self.output.name)
        try:
            with terminate_as_interrupt():
                count, duration_s = render_frames(
                    self.source, self.carry, dreamer, self.open_sink, progress, self.maps
                )
        finally:
            progress.finish()
        return Summary(count, float(duration_s), time.perf_counter() - began, self.output, self.notes())


def prepare_clip(source: Path, output: Path, settings: Settings, overwrite: bool) -> PreparedFilm:
    """Open a clip, or a folder of pictures, to be dreamt into `output`.

    Raises InputNotFoundError, MediaError, UsageError or OutputError, for the maps too.
    """
    require_source(source)
    container = check_film_output(output, source, overwrite)
    frames = open_source(source, settings.clip)
    track = _track(frames, container, settings.output)
    sink = partial(_open_sink, output, frames.film, container, settings.output, track)
    return PreparedFilm(
        frames,
        carry_for(settings.clip),
        sink,
        output,
        settings_maps(settings, output),
        partial(_notes, frames, container, track),
    )


def prepare_zoom(start: Picture, output: Path, settings: Settings, overwrite: bool) -> PreparedFilm:
    """Place a camera before `start`, to move into its dream. Raises as `prepare_clip` does."""
    from .camera import CameraCarry, CameraPath  # loads torch, for which a bad clip need not wait

    container = check_film_output(output, None, overwrite)
    path = CameraPath(start, settings.zoom)
    sink = partial(_open_sink, output, path.film, container, settings.output, None)
    return PreparedFilm(path, CameraCarry(settings.zoom), sink, output, settings_maps(settings, output))


def render_clip(
    source: Path, output: Path, settings: Settings, dreamer: FrameDreamer, progress: Progress, overwrite: bool
) -> Summary:
    """Prepare a clip and render it: every frame dreamt once, at its own time."""
    return prepare_clip(source, output, settings, overwrite).render(dreamer, progress)


def render_zoom(
    start: Picture,
    output: Path,
    settings: Settings,
    dreamer: FrameDreamer,
    progress: Progress,
    overwrite: bool,
) -> Summary:
    """Prepare a zoom and render it."""
    return prepare_zoom(start, output, settings, overwrite).render(dreamer, progress)


def _open_sink(
    output: Path,
    film: FilmFormat,
    container: Container | None,
    config: OutputConfig,
    track: SoundTrack | None,
) -> FrameSink:
    if container is None:
        return PictureFolderWriter(output)
    return FilmWriter(output, film, container, config, track)


def _track(
    frames: ClipSource | PictureFolderSource, container: Container | None, config: OutputConfig
) -> SoundTrack | None:
    """Return what comes along from the source file; a folder has nothing to give or to take."""
    if container is None or isinstance(frames, PictureFolderSource):
        return None
    return sound_track(frames.info, frames.part, container, config.sound)


def _notes(
    frames: ClipSource | PictureFolderSource, container: Container | None, track: SoundTrack | None
) -> tuple[str, ...]:
    notes = list(track.notes) if track is not None else []
    if isinstance(frames, ClipSource):
        if len(frames.info.video_indices) > 1:
            notes.append(_choice_of_video(frames.info))
        if container is None and frames.info.sounds:
            notes.append("a folder of pictures holds no sound: the clip's was left out")
        if frames.info.colour.is_hdr:
            notes.append("the clip is HDR: its colours were taken as they are, without tone mapping")
        if frames.damaged_packets:
            notes.append(f"{frames.damaged_packets} damaged packets of the clip could not be decoded")
    return tuple(notes)


def _choice_of_video(info: ClipInfo) -> str:
    place, count = info.video_indices.index(info.video_index) + 1, len(info.video_indices)
    width_px, height_px = info.display_size_px
    return (
        f"video stream {place} of {count} was taken ({width_px}x{height_px}), which players show by default"
    )

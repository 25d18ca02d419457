"""Whole runs: a clip dreamt frame by frame, or a camera path into one picture, to a finished film."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from .camera import CameraCarry, CameraPath
from .carry import Carry, carry_for
from .frames import FilmFormat, FrameDreamer, FrameSink, FrameSource, Picture
from .interrupt import terminate_as_interrupt
from .loop import render_frames
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


def render_clip(
    source: Path, output: Path, settings: Settings, dreamer: FrameDreamer, progress: Progress, overwrite: bool
) -> Summary:
    """Dream every frame of a clip, or of a folder of pictures, into `output`.

    Everything that can be wrong with input, times and output is checked before the first dream. Raises
    InputNotFoundError, MediaError, UsageError or OutputError; nothing half-written stays behind.
    """
    require_source(source)
    container = check_film_output(output, source, overwrite)
    frames = open_source(source, settings.clip)
    track = _track(frames, container, settings.output)
    sink = partial(_open_sink, output, frames.film, container, settings.output, track)
    summary = _run(frames, carry_for(settings.clip), dreamer, sink, output, progress)
    return replace(summary, notes=_notes(frames, container, track))


def render_zoom(
    start: Picture,
    output: Path,
    settings: Settings,
    dreamer: FrameDreamer,
    progress: Progress,
    overwrite: bool,
) -> Summary:
    """Film a camera moving into the dream of `start`.

    Raises OutputError before the first dream when the output cannot be written.
    """
    container = check_film_output(output, None, overwrite)
    path = CameraPath(start, settings.zoom)
    sink = partial(_open_sink, output, path.film, container, settings.output, None)
    return _run(path, CameraCarry(settings.zoom), dreamer, sink, output, progress)


def _run(
    source: FrameSource,
    carry: Carry,
    dreamer: FrameDreamer,
    open_sink: Callable[[], FrameSink],
    output: Path,
    progress: Progress,
) -> Summary:
    began = time.perf_counter()
    progress.start(source.film.frame_count, output.name)
    try:
        with terminate_as_interrupt():
            count, duration_s = render_frames(source, carry, dreamer, open_sink, progress)
    finally:
        progress.finish()
    return Summary(count, float(duration_s), time.perf_counter() - began, output)


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

"""Whole runs: a clip dreamt frame by frame, or a camera path into one picture, to a finished film.

    prepare_clip, prepare_zoom      check input, times and output -> PreparedFilm
    PreparedFilm.render             dreams, encodes -> Summary

What is wrong with a clip is said at once: the dreamer, which takes seconds to load, is only asked for when
the film is prepared.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path

from ..analysis.analyze import Analyzer
from ..analysis.clip_analysis import ClipAnalysis, analysis_of
from ..carry.carry import Carry
from ..carry.choose import choose_carry
from ..checkpoint.fingerprints import picture_facts, source_facts
from ..checkpoint.ownership import refuse_foreign
from ..checkpoint.session import CheckpointSession
from ..events.events import OnEvent, Summary, unheard
from ..events.plan import FilmFile, SoundPlan
from ..frames.frames import FilmFormat, FilmSink, FilmSource, FrameDreamer, Picture
from ..loop import render_frames
from ..maps import MapSupply, settings_maps
from ..media.clip.film_notes import film_notes, notes_ahead
from ..media.containers import Container
from ..media.encode.copy_probe import workable
from ..media.encode.encoder_probe import check_choice, check_encoding
from ..media.encode.encoding import choose_encoding
from ..media.encode.film_writer import FilmWriter
from ..media.encode.tags import Tags, tags_of
from ..media.media_source import MediaSource
from ..media.pictures.picture_folder import PictureFolderWriter
from ..media.sound.track import SoundTrack
from ..media.sources import open_source, require_source
from ..outputs import check_film_output, checkpoint_folder
from ..settings.settings import OutputConfig, Settings
from ..signals import terminate_as_interrupt


@dataclass(frozen=True)
class PreparedFilm:
    """A film that can be made, as far as input, times and output tell; it only lacks a dreamer."""

    source: FilmSource
    carry: Carry
    open_sink: Callable[[Path, Fraction | None], FilmSink]
    """Opens a film at a path: the whole of it, or its first seconds alone."""
    output: Path
    overwrite: bool
    """Whether what is there already may be replaced."""
    maps: MapSupply
    source_facts: Callable[[], Mapping[str, str]]
    """What tells this source from every other, for a checkpoint."""
    file: FilmFile
    rate: Fraction | None
    """Frames per second; None where frames come at times of their own."""
    sounds: tuple[SoundPlan, ...] = ()
    """What is heard in it."""
    analysis: ClipAnalysis | None = None
    """What makes the analyzer of a clip, which may have to look for cuts first."""
    notes_ahead: tuple[str, ...] = ()
    """What should be known before it is begun: an end beyond the clip's, pictures where a film was meant."""
    notes: Callable[[], tuple[str, ...]] = tuple
    """What did not go the usual way, known when all frames have been read."""

    @property
    def depth_bits(self) -> int:
        """Bits per channel that a kept frame needs so that nothing of the film is lost: 8 or 16."""
        return 8 if self.file.bit_depth == 8 else 16

    @cached_property
    def analyzer(self) -> Analyzer:
        """What looks at every frame before it is dreamt; made when it is first asked for.

        Raises MediaError for a clip that cannot be decoded.
        """
        return Analyzer() if self.analysis is None else self.analysis.analyzer()

    def render(
        self, dreamer: FrameDreamer, kept: CheckpointSession | None = None, on_event: OnEvent = unheard
    ) -> Summary:
        """Dream every frame into the output; with `kept`, each one is kept, and those that are need no dream.

        Raises MediaError or OutputError, and then leaves nothing but what is kept.
        """
        analyzer = self.analyzer
        began = time.perf_counter()
        resumption = None if kept is None else kept.resumption
        open_film = partial(self.open_sink, self.output, None)
        done = 0 if resumption is None else resumption.next_index
        with terminate_as_interrupt():
            made = render_frames(
                self.source,
                self.carry,
                dreamer,
                open_film if kept is None else partial(kept.sink, open_film),
                on_event,
                self.maps,
                analyzer,
                resumption,
            )
        wall_s = time.perf_counter() - began
        return Summary(
            made.frames,
            made.frames - done,
            float(made.length_s),
            wall_s,
            self.output,
            self.notes(),
        )


def prepare_clip(source: Path, output: Path, settings: Settings, overwrite: bool) -> PreparedFilm:
    """Open a clip, or a folder of pictures, to be dreamt into `output`.

    Raises InputNotFoundError, MediaError, UsageError or OutputError, for the maps too.
    """
    require_source(source)
    container = check_film_output(output, source, overwrite)
    frames = open_source(source, settings.clip)
    check_encoding(container, settings.output, frames.film, output)
    track = _track(frames, container, settings.output)
    tags = _tags(frames, settings)
    sink = partial(_open_sink, frames.film, container, settings.output, track, tags, overwrite)
    carry = choose_carry(settings.clip)
    return PreparedFilm(
        frames,
        carry,
        sink,
        output,
        overwrite,
        _maps_read(settings, output),
        partial(source_facts, source),
        _file(container, settings.output),
        _steady_rate(frames),
        _sounds(track),
        analysis_of(source, carry, settings.clip, settings.runs_on),
        notes_ahead(frames.past_the_end, output, container, track),
        partial(film_notes, frames, container, track),
    )


def prepare_zoom(start: Picture, output: Path, settings: Settings, overwrite: bool) -> PreparedFilm:
    """Place a camera before `start`, to move into its dream. Raises as `prepare_clip` does."""
    container = check_film_output(output, None, overwrite)
    check_choice(container, settings.output)
    maps = _maps_read(settings, output)
    from ..carry.camera import CameraCarry, CameraPath  # loads torch, for which none of these need wait

    path = CameraPath(start, settings.zoom)
    check_encoding(container, settings.output, path.film, output)
    sink = partial(_open_sink, path.film, container, settings.output, None, tags_of(settings), overwrite)
    return PreparedFilm(
        path,
        CameraCarry(settings.zoom),
        sink,
        output,
        overwrite,
        maps,
        partial(picture_facts, start),
        _file(container, settings.output),
        1 / path.film.time_base,
        notes_ahead=notes_ahead(None, output, container),
    )


def _maps_read(settings: Settings, output: Path) -> MapSupply:
    """Open the maps, and refuse a folder of somebody else's where finished frames are kept.

    Of a map, a guide or a network that lies in there more can be told.
    """
    maps = settings_maps(settings, output)
    refuse_foreign(checkpoint_folder(output))
    return maps


def _file(container: Container | None, config: OutputConfig) -> FilmFile:
    if container is None:
        return FilmFile(None, "png", config.bit_depth or 8)
    encoding = choose_encoding(container, config)
    return FilmFile(container.suffix, encoding.codec.name, encoding.bit_depth)


def _steady_rate(source: MediaSource) -> Fraction | None:
    """Return the film's frame rate, if its frames follow one another evenly, to a tick of the clock."""
    if source.resampled_rate is not None:
        return source.resampled_rate
    steps = [after - before for before, after in pairwise(source.begins_s)]
    is_steady = not steps or max(steps) - min(steps) <= 2 * source.time_base
    return source.average_rate if is_steady else None


def _sounds(track: SoundTrack | None) -> tuple[SoundPlan, ...]:
    if track is None:
        return ()
    pairs = zip(track.sounds, track.encoders, strict=True)
    return tuple(SoundPlan(sound.codec, encoder) for sound, encoder in pairs)


def _open_sink(
    film: FilmFormat,
    container: Container | None,
    config: OutputConfig,
    track: SoundTrack | None,
    tags: Tags | None,
    overwrite: bool,
    output: Path,
    length_s: Fraction | None,
) -> FilmSink:
    if container is None:
        return PictureFolderWriter(output, config.bit_depth or 8, overwrite, tags)
    if length_s is not None:  # a film of what is finished so far, in the place of the one before
        overwrite = True
        config = _in_haste(container, config)
        track = None if track is None else replace(track, length_s=length_s)
    return FilmWriter(output, film, container, config, track, overwrite, tags)


def _tags(frames: MediaSource, settings: Settings) -> Tags | None:
    """Return a film's tags: a clip's own title and comment stay."""
    tags = tags_of(settings, of_clip=True)
    return None if tags is None else tags.beside(frames.tags)


def _in_haste(container: Container, config: OutputConfig) -> OutputConfig:
    """Return the encoding of a film that is looked at once and thrown away."""
    if config.encoder is None and choose_encoding(container, config).codec.name in ("h264", "h265"):
        return config.model_copy(update={"encoder_preset": "ultrafast"})
    return config


def _track(frames: MediaSource, container: Container | None, config: OutputConfig) -> SoundTrack | None:
    """Return what comes along from the source file; a folder of pictures cannot take it."""
    track = None if container is None else frames.sound_track(container, config.sound)
    return None if track is None or container is None else workable(track, container)

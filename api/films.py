"""Films, flights, previews and stills in one call each: a `RenderJob` with the settings of its keywords.

Settings are named as in presets (docs/settings.md): by name alone (`iterations=5`), or in their tables
(`clip={"carry": "none"}`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

from ..dream.pictures import in_form_of, to_planes
from ..models.network import Network
from ..presets.catalogue import find_preset
from ..render.checkpoint.rule import KeepRule
from ..render.events.events import Event, Summary
from ..render.job.job import RenderJob
from ..render.job.sources import Clip, JobSource, Zoom
from ..render.preview.preview import dream_moments
from ..render.preview.still import dream_still
from ..render.settings.settings import Settings
from ..render.start import Start, parse_start
from .display import film_html, shown_progress
from .pictures import Image, outside, shown
from .settings import FILM, FLIGHT, PICTURE, AnyNetwork, loaded_networks, settings_of

AnyPath: TypeAlias = "str | os.PathLike[str]"
OnEvent: TypeAlias = "Callable[[Event], object]"


@dataclass(frozen=True)
class Film(Summary):
    """What a finished render made; a notebook shows the film itself."""

    def _repr_html_(self) -> str:
        return film_html(self.output, f"{self.frames} frames")


def render_job(
    source: AnyPath,
    output: AnyPath,
    *,
    preset: AnyPath | None = None,
    config: AnyPath | None = None,
    network: AnyNetwork | Sequence[AnyNetwork] | None = None,
    overwrite: bool = False,
    restart: bool = False,
    keep_frames: bool = False,
    **settings: Any,
) -> RenderJob:
    """Return the job of dreaming a clip, to `plan()`, `run()` and `cancel()`; nothing is opened yet.

    The arguments are those of `render`. Raises PresetError or ConfigError.
    """
    asked = settings_of(settings, FILM, where="render", preset=preset, config=config, network=network)
    keep = KeepRule(restart=restart, keep_frames=keep_frames)
    return _job(asked, Clip(Path(source)), output, overwrite, keep, loaded_networks(network, asked), preset)


def zoom_job(
    picture: AnyPath | Any,
    output: AnyPath,
    *,
    preset: AnyPath | None = None,
    config: AnyPath | None = None,
    network: AnyNetwork | Sequence[AnyNetwork] | None = None,
    overwrite: bool = False,
    restart: bool = False,
    keep_frames: bool = False,
    **settings: Any,
) -> RenderJob:
    """Return the job of a flight into a picture, to `plan()`, `run()` and `cancel()`.

    The arguments are those of `zoom`. Raises PresetError or ConfigError.
    """
    asked = settings_of(settings, FLIGHT, where="zoom", preset=preset, config=config, network=network)
    keep = KeepRule(restart=restart, keep_frames=keep_frames)
    return _job(
        asked, Zoom(_start(picture)), output, overwrite, keep, loaded_networks(network, asked), preset
    )


def render(source: AnyPath, output: AnyPath, *, on_event: OnEvent | None = None, **arguments: Any) -> Film:
    """Dream a clip: every frame once, at its own time, with its sound; go on with what an earlier run left.

    `source` is a clip, a folder of numbered pictures or an animated picture, `output` a film's file or a
    folder for pictures. `on_event` is called with every event of the run (`lucidreel.events`) on this thread;
    in a notebook a bar is drawn where it is None. Of the other arguments, all by keyword,

        preset                  is a look by its name, or a file of settings
        config                  is the record of an earlier result, in place of a preset
        network                 is a network, loaded or by name, or several of them, in place of `model`
        overwrite=True          replaces what is there
        restart=True            drops the finished frames of an earlier run
        keep_frames=True        leaves them beside the film

    and all else are settings by their names in presets (docs/settings.md): `iterations=5`, or in their tables
    `clip={"carry": "none"}`. Raises LucidreelError: one sentence on what is wrong and what to do. A run that
    was interrupted goes on when it is called again.
    """
    return _run(render_job(source, output, **arguments), on_event)


def zoom(
    picture: AnyPath | Any, output: AnyPath, *, on_event: OnEvent | None = None, **arguments: Any
) -> Film:
    """Fly into a picture: each frame is the last one, moved a little and dreamt on.

    `picture` is a file, "noise" or "noise:640x360", an array (height, width, 3) or a Pillow image. Settings
    are those of [zoom], [targets], [dream] and [output]: `duration_s`, `zoom_per_s`, `rotate_deg_per_s` … All
    else is as in `render`.
    """
    return _run(zoom_job(picture, output, **arguments), on_event)


def preview(
    source: AnyPath,
    at_s: float | Sequence[float] = (),
    *,
    preset: AnyPath | None = None,
    config: AnyPath | None = None,
    network: AnyNetwork | Sequence[AnyNetwork] | None = None,
    on_event: OnEvent | None = None,
    alone: bool = False,
    **settings: Any,
) -> list[Image]:
    """Return moments of a clip as its film will show them: arrays (height, width, 3), RGB, float32, 0..1.

    `at_s` are their times in seconds on the clip's own clock, or one; without any it is the
    middle. Some of what leads up to a moment is dreamt too, unless it is dreamt `alone`. All else is as in
    `render`.
    """
    asked = settings_of(settings, FILM, where="preview", preset=preset, config=config, network=network)
    moments = at_s if isinstance(at_s, Sequence) else [at_s]
    with shown_progress(on_event) as hear:
        found = dream_moments(
            Path(source), moments, asked, alone=alone, networks=loaded_networks(network, asked), on_event=hear
        )
    return [outside(picture) for picture in found]


def still(
    picture: AnyPath | Any,
    *,
    preset: AnyPath | None = None,
    config: AnyPath | None = None,
    network: AnyNetwork | Sequence[AnyNetwork] | None = None,
    on_event: OnEvent | None = None,
    **settings: Any,
) -> Any:
    """Return the dream of one picture: of its own kind, or an array where it was a file or noise.

    `picture` is what `zoom` takes. To dream many pictures of the same targets, a `Dreamer` is quicker.
    """
    asked = settings_of(settings, PICTURE, where="still", preset=preset, config=config, network=network)
    with shown_progress(on_event) as hear:
        dream = dream_still(_start(picture), asked, networks=loaded_networks(network, asked), on_event=hear)
    return outside(dream) if isinstance(picture, str | os.PathLike) else shown(in_form_of(picture, dream))


def _job(
    settings: Settings,
    source: JobSource,
    output: AnyPath,
    overwrite: bool,
    keep: KeepRule,
    networks: Sequence[Network] | None,
    preset: AnyPath | None,
) -> RenderJob:
    origin = _origin(preset)
    return RenderJob(
        settings, source, Path(output), overwrite=overwrite, keep=keep, networks=networks, origin=origin
    )


def _run(job: RenderJob, on_event: OnEvent | None) -> Film:
    with shown_progress(on_event) as hear:
        made = job.run(hear)
    return Film(**{each.name: getattr(made, each.name) for each in fields(made)})


def _start(picture: AnyPath | Any) -> Start:
    if isinstance(picture, os.PathLike):
        return Path(picture)
    return parse_start(picture) if isinstance(picture, str) else to_planes(picture)


def _origin(preset: AnyPath | None) -> dict[str, str]:
    return {} if preset is None else find_preset(os.fspath(preset)).origin

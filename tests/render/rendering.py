"""Renders without a checkpoint, for tests of what goes into a film and comes out of it."""

from __future__ import annotations

from pathlib import Path

from lucidreel.render.events.events import Summary
from lucidreel.render.film.film import prepare_clip, prepare_zoom
from lucidreel.render.frames.frames import FrameDreamer, Picture
from lucidreel.render.settings.settings import Settings


def render_clip(
    source: Path, output: Path, settings: Settings, dreamer: FrameDreamer, overwrite: bool = False
) -> Summary:
    """Open a clip and render it."""
    return prepare_clip(source, output, settings, overwrite).render(dreamer)


def render_zoom(
    start: Picture, output: Path, settings: Settings, dreamer: FrameDreamer, overwrite: bool = False
) -> Summary:
    """Place a camera before a picture and render its flight."""
    return prepare_zoom(start, output, settings, overwrite).render(dreamer)

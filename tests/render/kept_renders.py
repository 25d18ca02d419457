"""Renders that keep their frames, by a dreamer that would show the smallest difference in where it starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from lucidreel.render.checkpoint.rule import KeepRule
from lucidreel.render.events.events import Summary
from lucidreel.render.film.film import prepare_clip
from lucidreel.render.film.film_checkpoint import checkpoint_plan, open_checkpoint
from lucidreel.render.frames.frames import Picture
from lucidreel.render.settings.settings import Settings

from .stand_in import Asked, StandIn

COUNT = 90


def folding(
    delay_s: float = 0.0, fail_at: int | None = None, mishap: Callable[[], None] = lambda: None
) -> StandIn:
    """Return a dreamer whose every dream depends on each bit of where it starts.

    `mishap` happens in the thirtieth dream.
    """

    def rule(asked: Asked) -> Picture:
        if dreamer.dreamt == 30 and asked.where is None:
            mishap()
        change = np.float32(0.3) * asked.share * np.sin(40 * asked.start)
        dream: Picture = np.clip(
            asked.start + (change if asked.where is None else change * asked.where), 0, 1
        )
        return dream.astype(np.float32, copy=False)

    dreamer = StandIn(rule, delay_s, fail_at)
    return dreamer


def settings(**clip: object) -> Settings:
    """Return settings of a clip; unless asked for, shots are not run in, so that dreams count as frames."""
    return Settings.read({"clip": {"run_in_frames": 0, **clip}}, "the test")


def render(
    clip: Path, output: Path, dreamer: StandIn, rule: KeepRule | None = None, **keys: object
) -> Summary:
    film = prepare_clip(clip, output, settings(**keys), overwrite=False)
    plan = checkpoint_plan(film, settings(**keys), {"device": "cpu"})
    with open_checkpoint(film, plan, rule or KeepRule()) as kept:
        return film.render(dreamer, kept)


def pixels(film: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(film)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]

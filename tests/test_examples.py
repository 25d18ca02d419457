"""The sample clip is what its script draws: a few seconds, a cut, a sound, small enough for a repository."""

from __future__ import annotations

import importlib.util
import sys
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import pytest
from numpy.typing import NDArray

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
CLIP = EXAMPLES / "nebula.mp4"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """examples/draw_nebula.py as a module."""
    spec = importlib.util.spec_from_file_location("draw_nebula", EXAMPLES / "draw_nebula.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def frames() -> list[NDArray[np.uint8]]:
    """Every picture of the clip."""
    with av.open(str(CLIP)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


def test_the_clip_is_small_tagged_and_has_sound() -> None:
    assert CLIP.stat().st_size <= 1_000_000
    with av.open(str(CLIP)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.width, video.height) == ("h264", 480, 270)
        assert video.average_rate == 24
        assert (video.codec_context.colorspace, video.codec_context.color_range) == (1, 1)
        assert audio.codec_context.name == "aac"
        loudness = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio)])
    assert 0.01 < np.abs(loudness).max() < 1.0


def test_the_clip_drifts_slowly_and_is_cut_hard_once(frames: list[NDArray[np.uint8]]) -> None:
    changes = [np.abs(b.astype(float) - a).mean() for a, b in pairwise(frames)]
    assert 3 * 24 <= len(frames) <= 4 * 24
    assert [index + 1 for index, change in enumerate(changes) if change > 20] == [54]
    drift = np.delete(changes, 53)
    assert drift.min() > 0.2 and drift.max() < 8


def test_the_script_draws_the_very_clip(script: ModuleType, frames: list[NDArray[np.uint8]]) -> None:
    shot = script.SHOTS[1]
    drawn = script.Sky(shot).frame(10 / script.FPS) * 255
    shown = frames[script.SHOTS[0].frames + 10]
    # Encoding costs a few levels; any other seed or moment is far away.
    assert np.abs(drawn - shown).mean() < 4
    assert np.abs(drawn - frames[-1]).mean() > 8

"""Settings of a run: which values are refused, and in which words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lucidreel.errors import PresetError
from lucidreel.render.settings.settings import Settings


@pytest.mark.parametrize("group", ["clip", "zoom"])
@pytest.mark.parametrize(
    ("fps", "message"),
    [
        ("0", "fps = '0': a frame rate is from 0.1 to 1000 frames per second"),
        ("1/11", "fps = '1/11': a frame rate is from 0.1"),
        ("1000.1", "fps = '1000.1': a frame rate is from 0.1"),
        ("999999", "fps = '999999': a frame rate is from 0.1"),
        ("fast", "fps = 'fast' is not a frame rate: write frames per second, like 24, 23.976 or 30000/1001"),
        ("24/0", "fps = '24/0' is not a frame rate: write frames per second"),
        ("-24", "fps = '-24' is not a frame rate: write frames per second"),
    ],
)
def test_frame_rate_out_of_range_names_value_and_range(group: str, fps: str, message: str) -> None:
    with pytest.raises(PresetError, match=re.escape(f"preset fog.toml: {group}.{message}")):
        Settings.read({group: {"fps": fps}}, "preset fog.toml", PresetError)


@pytest.mark.parametrize("fps", ["0.1", "1/10", "24", "23.976", "30000/1001", "1000"])
def test_frame_rates_are_kept_as_they_were_written(fps: str) -> None:
    data: dict[str, Any] = {"clip": {"fps": fps}, "zoom": {"fps": fps}}
    settings = Settings.read(data, "the test")
    assert (settings.clip.fps, settings.zoom.fps) == (fps, fps)


def test_listed_cuts_are_sorted_and_named_once() -> None:
    settings = Settings.read({"clip": {"cuts": [3.5, 2, 3.5]}}, "the test")
    assert settings.clip.cuts == (2.0, 3.5)
    assert (Settings().clip.cuts, Settings().clip.repeats) == ("auto", True)


@pytest.mark.parametrize("cuts", ["often", [-1.0], [float("inf")], [2.0, "soon"], 3.5])
def test_cuts_that_are_no_times_are_refused_by_name(cuts: object) -> None:
    with pytest.raises(PresetError, match=r"preset fog.toml: .*cuts"):
        Settings.read({"clip": {"cuts": cuts}}, "preset fog.toml", PresetError)

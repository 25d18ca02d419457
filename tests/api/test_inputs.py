"""What people give to `lucidreel` in Python, in the forms that they have it in."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lucidreel as lr

SMALL: dict[str, Any] = {"size_px": (64, 36), "octaves": 1, "iterations": 1, "classes": {"eye": 1}}


@pytest.mark.parametrize(("rate", "written"), [(24, "24"), (23.976, "23.976"), (Fraction(25, 2), "25/2")])
def test_a_frame_rate_may_be_a_number(rate: object, written: str) -> None:
    assert lr.Settings.read({"clip": {"fps": rate}}, "here").clip.fps == written


@pytest.mark.parametrize("rate", [0, -3, float("nan")])
def test_a_number_that_is_no_frame_rate_is_refused(rate: float) -> None:
    with pytest.raises(lr.LucidreelError, match="frame rate"):
        lr.Settings.read({"clip": {"fps": rate}}, "here")


def test_a_network_may_be_named_or_loaded_in_one_list_or_alone() -> None:
    frames = [
        lr.preview(lr.sample_clip(), 0.1, network=network, alone=True, **SMALL)[0]
        for network in ("bestiary", ["bestiary"], lr.load_network("bestiary"))
    ]
    assert all(np.array_equal(frame, frames[0]) for frame in frames)


def test_a_named_network_stands_in_the_record(tmp_path: Path) -> None:
    assert lr.render_job("clip.mp4", tmp_path / "film.mp4", network="bestiary").settings.model == "bestiary"


def test_a_frame_says_which_it_is_and_is_equal_to_itself_alone() -> None:
    first, second = list(lr.open_video(lr.sample_clip(), size_px=(64, 36), end_s=0.08))
    assert repr(second) == "<VideoFrame 1 at 0.042 s: 64x36>"
    assert first == first and first != second
    assert len({first, second}) == 2


def test_help_on_render_says_how_to_call_it() -> None:
    assert str(lr.render.__doc__).startswith("Dream a clip")

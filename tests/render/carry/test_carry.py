"""What of the last dream comes along."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from lucidreel.render.carry.blend import BlendCarry
from lucidreel.render.carry.carry import Dreamt, NoCarry, Start
from lucidreel.render.carry.choose import CARRIES, choose_carry
from lucidreel.render.frames.frames import Frame
from lucidreel.render.media.pictures.pictures import read_picture
from lucidreel.render.motion.flow import Flow
from lucidreel.render.settings.settings import ClipConfig, Settings
from lucidreel.tests.render.rendering import render_clip

from ..stand_in import StandIn


def _frame(level: float, index: int = 0) -> Frame:
    return Frame(index, Fraction(index, 25), np.full((3, 4, 5), level, dtype=np.float32))


def test_first_frame_carries_nothing() -> None:
    for carry in (NoCarry(), BlendCarry(0.5)):
        start = carry.start(_frame(0.4), None)
        assert start.init is None and start.iterations_share == 1
        np.testing.assert_array_equal(start.image, _frame(0.4).picture)


def test_blend_mixes_source_and_last_dream() -> None:
    start = BlendCarry(0.25).start(_frame(0.4, 1), Dreamt(_frame(0.2), _frame(0.8).picture))
    assert start.init is not None and start.init.dtype == np.float32
    np.testing.assert_allclose(start.init, 0.75 * 0.4 + 0.25 * 0.8, atol=1e-6)
    np.testing.assert_array_equal(start.image, _frame(0.4).picture)


def test_looping_share_goes_up_and_down_evenly_around_its_own() -> None:
    shares = [BlendCarry(0.3, "loop").share_at(index) for index in range(40)]
    assert shares[:20] == shares[20:]
    assert [min(shares), shares[10]] == pytest.approx([0, 0.6])
    np.testing.assert_allclose(np.abs(np.diff(shares)), 0.06, atol=1e-9)
    assert np.mean(shares) == pytest.approx(0.3)
    high = [BlendCarry(0.8, "loop").share_at(index) for index in range(20)]
    assert [min(high), max(high)] == pytest.approx([0.6, 1.0])


def test_random_share_is_drawn_for_each_frame_and_the_same_when_taken_up_again() -> None:
    shares = [BlendCarry(0.3, "random").share_at(index) for index in range(400)]
    assert shares[123] == BlendCarry(0.3, "random").share_at(123) and len(set(shares)) == 400
    assert 0 <= min(shares) < 0.02 and 0.58 < max(shares) <= 0.6
    assert np.mean(shares) == pytest.approx(0.3, abs=0.03)


def test_habit_of_the_settings_decides_the_mixture() -> None:
    last = Dreamt(_frame(0.2), _frame(0.8).picture)
    carry = choose_carry(ClipConfig(carry="blend", carry_share=0.5, carry_habit="loop"))
    for index, share in ((20, 0.0), (5, 0.5), (10, 1.0)):
        start = carry.start(_frame(0.4, index), last)
        assert start.init is not None
        np.testing.assert_allclose(start.init, 0.4 + share * 0.4, atol=1e-6)


def test_the_settings_offer_the_carries_that_there_are() -> None:
    assert set(CARRIES) == set(get_args(ClipConfig.model_fields["carry"].annotation))


class Brightest:
    """A carry of a newcomer: a dream stays wherever it is brighter than the next frame."""

    carries, needs_flow, lasting_frames = True, False, 2

    def start(self, frame: Frame, last: Dreamt | None, flow: Flow | None = None) -> Start:
        if last is None:
            return Start(frame.picture)
        return Start(frame.picture, np.maximum(frame.picture, last.picture))


@pytest.mark.parametrize("run_in", [0, 8])
def test_a_new_carry_is_a_class_and_a_line_in_the_table(
    run_in: int, tmp_path: Path, write_clip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CARRIES, "brightest", lambda _: Brightest())
    clip = write_clip(
        tmp_path / "grey.mp4", [np.full((16, 16, 3), level, np.uint8) for level in (90, 60, 50)]
    )
    asked = Settings.read({"clip": {"repeats": False, "cuts": "none", "run_in_frames": run_in}}, "the test")
    asked = asked.model_copy(update={"clip": asked.clip.model_copy(update={"carry": "brightest"})})
    render_clip(clip, tmp_path / "out", asked, StandIn(lambda asked: asked.start), overwrite=False)
    for number in (1, 2, 3):
        seen = read_picture(tmp_path / "out" / f"{number:06d}.png")
        np.testing.assert_allclose(seen, 90 / 255, atol=1.5 / 255)


def test_none_forgets_the_last_dream() -> None:
    start = choose_carry(ClipConfig(carry="none")).start(
        _frame(0.4, 1), Dreamt(_frame(0.2), _frame(0.8).picture)
    )
    assert start.init is None


def test_blend_share_runs_through_a_whole_film(tmp_path: Path, write_clip: Callable[..., Path]) -> None:
    """d0 = s + 0.1; dn = 0.5 s + 0.5 d(n-1) + 0.1, which tends to s + 0.2."""
    clip = write_clip(tmp_path / "grey.mp4", [np.full((16, 16, 3), 100, np.uint8)] * 6)
    brightened = StandIn(lambda asked: asked.start + np.float32(0.1))
    config = Settings.read(
        {"clip": {"carry": "blend", "carry_share": 0.5, "repeats": False, "run_in_frames": 0}}, "the test"
    )
    render_clip(clip, tmp_path / "out", config, brightened, overwrite=False)
    expected = 100 / 255
    for number in range(1, 7):
        expected = expected + 0.1 if number == 1 else 0.5 * 100 / 255 + 0.5 * expected + 0.1
        seen = float(read_picture(tmp_path / "out" / f"{number:06d}.png").mean())
        assert seen == pytest.approx(expected, abs=1.2 / 255)

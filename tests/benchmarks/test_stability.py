"""Flicker with a known answer, and carries as they are written on the command line."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from lucidreel.benchmarks.flicker import added_by_region, flicker
from lucidreel.benchmarks.stability import Kept, MeasuredOnce, parse_carry
from lucidreel.errors import ConfigError
from lucidreel.render.frames.frames import FilmFormat, Frame, Picture
from lucidreel.render.motion.flow import Flow


def _flow(right_px: float, confidence: float = 1.0) -> Flow:
    back = np.zeros((6, 8, 2), np.float32)
    back[..., 0] = -right_px  # what moved to the right was further left before
    return Flow(back, np.full((6, 8), confidence, np.float32))


def _ramp(shift: int) -> Picture:
    columns = (np.arange(8) - shift) * 10 / 255 + 0.3
    return np.broadcast_to(columns.astype(np.float32), (3, 6, 8)).copy()


def test_flicker_is_what_differs_from_the_moved_frame_before() -> None:
    flows = [_flow(1)]
    for flow in flows:
        flow.confidence[:, :2] = 0  # came in over the border
    assert flicker([_ramp(0), _ramp(1)], flows) == pytest.approx(0, abs=0.5)
    assert flicker([_ramp(0), _ramp(1) + np.float32(20 / 255)], flows) == pytest.approx(20, abs=0.5)


def test_flicker_leaves_out_what_flow_is_unsure_of() -> None:
    flow = _flow(0)
    flow.confidence[:, 4:] = 0.9
    before, now = _ramp(0), _ramp(0)
    now[:, :, 4:] += 0.5
    now[:, :, :4] += np.float32(3 / 255)
    assert flicker([before, now], [flow]) == pytest.approx(3, abs=0.01)


def test_carries_are_written_as_a_name_and_its_settings() -> None:
    assert parse_carry("none").carry == "none"
    assert parse_carry("blend:carry_share=0.5,carry_habit=loop").carry_habit == "loop"
    assert parse_carry("flow:strength=0.8,hold=0").flow.strength == 0.8
    with pytest.raises(ConfigError, match="strenth"):
        parse_carry("flow:strenth=0.8")


def test_a_stilled_clip_shows_its_first_frame_at_an_even_pace() -> None:
    film = FilmFormat(8, 6, Fraction(1, 25), Fraction(1, 25), 2)
    clip = Kept(film, (Frame(0, Fraction(0), _ramp(0)), Frame(1, Fraction(1, 25), _ramp(1))))
    still = clip.stilled(3).kept
    assert [frame.time_s for frame in still] == [0, Fraction(1, 25), Fraction(2, 25)]
    assert all(frame.picture is still[0].picture for frame in still)


def test_what_a_dream_adds_is_told_for_each_kind_of_region() -> None:
    flow, before, now = _flow(0), _ramp(0), _ramp(0)
    flow.back_px[:, 4:, 0] = -1
    now[:, :, 4:] = flow.carried(now)[:, :, 4:] + np.float32(10 / 255)
    source = [before, now.copy()]
    dream = [before, now]
    now[:, :, 4:] += np.float32(4 / 255)
    added = added_by_region(dream, source, [flow])
    assert added["still"] == pytest.approx(0, abs=0.01) and added["moving"] == pytest.approx(4, abs=0.3)
    assert np.isnan(added["edge"])


def test_flow_is_measured_once_for_all_carries() -> None:
    asked = []

    class Meter:
        def between(self, before: Picture, now: Picture) -> Flow:
            asked.append(now)
            return _flow(0)

    pictures = [_ramp(0), _ramp(1)]
    measured = MeasuredOnce(Meter())
    assert measured.between(*pictures) is measured.between(*pictures)
    assert measured.between(*reversed(pictures)) is not measured.between(*pictures)
    assert len(asked) == 2

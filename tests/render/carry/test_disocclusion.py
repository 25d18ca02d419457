"""What is new in a frame catches up: in a part of the picture that holds it, and nowhere else."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from lucidreel.render.carry.carry import Dreamt, Start
from lucidreel.render.carry.disocclusion import DisocclusionFill
from lucidreel.render.carry.flow_carry import FlowCarry
from lucidreel.render.frames.frames import Frame, Map, Picture
from lucidreel.render.loop import dream_from
from lucidreel.render.motion.flow import Flow
from lucidreel.render.settings.flow import FlowConfig

from ..stand_in import Asked, StandIn


def new_in(height: int, width: int, *boxes: tuple[int, int, int, int]) -> Map:
    """Return a map that is 1 in boxes of (top, bottom, left, right)."""
    where = np.zeros((height, width), np.float32)
    for top, bottom, left, right in boxes:
        where[top:bottom, left:right] = 1
    return where


@pytest.mark.parametrize(
    ("boxes", "rows", "columns"),
    [
        ([(300, 360, 500, 560)], (192, 448), (384, 640)),
        ([(0, 720, 1260, 1280)], (0, 720), (1088, 1280)),
        ([(300, 360, 500, 560), (10, 12, 1200, 1280), (700, 720, 3, 6)], (192, 448), (384, 640)),
        ([(0, 30, 0, 1280), (0, 720, 0, 30)], (0, 720), (0, 1280)),
        ([(5, 7, 5, 7)], (0, 720), (0, 1280)),
        ([(0, 20, 0, 20), (600, 640, 0, 40)], (0, 704), (0, 192)),
    ],
)
def test_box_holds_all_that_is_new_with_a_margin_and_leaves_thin_lines_out(
    boxes: list[tuple[int, int, int, int]], rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    fill = DisocclusionFill(new_in(720, 1280, *boxes), 0.5)
    assert [(part.start, part.stop) for part in fill.box] == [rows, columns]
    assert fill.area == pytest.approx((rows[1] - rows[0]) * (columns[1] - columns[0]) / 720 / 1280)


def test_small_pictures_are_dreamt_whole() -> None:
    assert DisocclusionFill(new_in(90, 160, (0, 40, 0, 40)), 0.5).area == 1


def test_only_the_box_is_dreamt_with_its_part_of_the_maps_and_only_what_is_new_changes() -> None:
    where = new_in(720, 1280, (300, 360, 500, 560))
    image: Picture = np.zeros((3, 720, 1280), np.float32)
    whole: Map = np.tile(np.linspace(0, 1, 1280, dtype=np.float32), (720, 1))
    asked: list[Asked] = []

    def brightened(each: Asked) -> Picture:
        asked.append(each)
        return each.start + np.float32(0.25)

    start = Start(image, None, 0.5, DisocclusionFill(where, 0.75))
    picture = dream_from(StandIn(brightened), start, {"ramp.png": whole})
    assert [each.share for each in asked] == [0.75, 0.5]
    assert [each.image.shape for each in asked] == [(3, 256, 256), (3, 720, 1280)]
    np.testing.assert_array_equal(asked[0].map, whole[192:448, 384:640])
    assert asked[0].where is not None
    np.testing.assert_array_equal(asked[0].where, where[192:448, 384:640])
    np.testing.assert_allclose(picture, np.repeat(0.25 + 0.25 * where[None], 3, axis=0), atol=1e-4)
    assert not image.any()


def test_what_comes_into_still_shots_catches_up_twice_as_much() -> None:
    carry = FlowCarry(FlowConfig(hold=0.4, hold_still=1, disocclusion_share=0.5))
    confidence = 1 - new_in(40, 40, (0, 20, 0, 40))

    def share(back_x: float) -> float:
        flow = Flow(np.full((40, 40, 2), (back_x, 0), np.float32), confidence)
        before, now = (Frame(at, Fraction(at), np.zeros((3, 40, 40), np.float32)) for at in (0, 1))
        fill = carry.start(now, Dreamt(before, before.picture), flow).fill
        assert fill is not None
        return fill.iterations_share

    assert share(5) == 0.5 and share(0) == 1 and share(0.25) == pytest.approx(0.75, abs=0.01)

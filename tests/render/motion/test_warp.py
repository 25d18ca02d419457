"""Pictures moved along flows that are known: exact where pixels fall on pixels, sharp where they do not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from lucidreel.render.frames.frames import Picture
from lucidreel.render.motion.flow_field import FlowField
from lucidreel.render.motion.warp import moved


def noise(height: int = 23, width: int = 31) -> Picture:
    return np.random.default_rng(4).random((3, height, width), dtype=np.float32)


def steady(right: float, down: float, height: int = 23, width: int = 31) -> FlowField:
    field: FlowField = np.full((height, width, 2), (right, down), np.float32)
    return field


def wave(length_px: float, right: float = 0, down: float = 0) -> Picture:
    """Return stripes in both directions, as they look from that far to the right and down."""
    across, along = (np.sin(2 * np.pi * (np.arange(64) + offset) / length_px) for offset in (right, down))
    picture: Picture = np.repeat((0.5 + 0.25 * (across + along[:, None]))[None], 3, 0).astype(np.float32)
    return picture


def test_whole_pixels_are_copied_to_the_bit_and_the_border_goes_on_outside() -> None:
    picture = noise()
    np.testing.assert_array_equal(moved(picture, steady(0, 0)), picture)
    result = moved(picture, steady(3, -2))
    np.testing.assert_array_equal(result[:, 2:, :-3], picture[:, :-2, 3:])
    np.testing.assert_array_equal(result[:, 2:, -3:], np.repeat(picture[:, :-2, -1:], 3, axis=2))
    np.testing.assert_array_equal(moved(picture, steady(900, 900))[:, 5, 5], picture[:, -1, -1])


@pytest.mark.parametrize(("right", "down"), [(0.5, 0.5), (-0.25, 0.75), (5.375, -3.0625)])
def test_parts_of_pixels_are_sampled_as_from_the_stripes_themselves(right: float, down: float) -> None:
    result = moved(wave(8), steady(right, down, 64, 64))[:, 12:-12, 12:-12]
    np.testing.assert_allclose(result, wave(8, right, down)[:, 12:-12, 12:-12], atol=0.003)


def test_fine_detail_outlives_many_moves_that_bicubic_sampling_would_blur_away() -> None:
    sharp, bicubic = wave(3), wave(3).transpose(1, 2, 0)
    flow = steady(0.5, 0.5, 64, 64)
    columns = np.tile(np.arange(64, dtype=np.float32) + np.float32(0.5), (64, 1))
    rows = np.ascontiguousarray(columns.T)
    for _ in range(8):
        sharp = moved(sharp, flow)
        bicubic = np.asarray(cv2.remap(bicubic, columns, rows, cv2.INTER_CUBIC), np.float32)
    inside = slice(16, 40)
    kept = [np.ptp(each[inside, inside]) / np.ptp(wave(3)) for each in (sharp[0], bicubic)]
    assert kept[0] > 0.7 and kept[1] < 0.3


def test_every_pixel_follows_its_own_flow_whatever_the_number_of_threads() -> None:
    picture = noise(180, 240)
    flow = np.random.default_rng(5).normal(0, 9, (180, 240, 2)).astype(np.float32)
    whole = moved(picture, flow)
    for y, x in ((90, 120), (3, 7), (179, 239)):
        alone = moved(picture, steady(float(flow[y, x, 0]), float(flow[y, x, 1]), 180, 240))
        np.testing.assert_array_equal(whole[:, y, x], alone[:, y, x])
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        np.testing.assert_array_equal(moved(picture, flow), whole)
    finally:
        torch.set_num_threads(threads)

"""The flow in PyTorch: motion known by construction, OpenCV's on a real clip, and the same bits every time.

On the CPU it computes what it computes on a graphics card, so all but one of the tests need none.
"""

from __future__ import annotations

import dataclasses
from itertools import islice, pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from lucidreel.render.frames.frames import Picture
from lucidreel.render.media.sources import open_source
from lucidreel.render.motion.flow import Flow
from lucidreel.render.motion.opencv_flow import OpenCVFlowEstimator
from lucidreel.render.motion.torch_flow.estimator import TorchFlowEstimator
from lucidreel.render.settings.flow import FlowConfig
from lucidreel.render.settings.settings import ClipConfig

CPU = torch.device("cpu")
HARD = FlowConfig(softness_px=0)


def measured(before: Picture, now: Picture, config: FlowConfig = HARD) -> Flow:
    return TorchFlowEstimator(config, CPU).between(before, now)


def clouds(height: int = 128, width: int = 176, seed: int = 3) -> Picture:
    """Return coloured clouds with detail of a few pixels."""
    noise = np.random.default_rng(seed).random((3, height, width))
    layers = np.array([gaussian_filter(noise, (0, sigma, sigma)) * sigma for sigma in (1.5, 4.0, 9.0)])
    picture = layers.sum(axis=0)
    return np.asarray((picture - picture.min()) / np.ptp(picture), np.float32)


def moved(picture: Picture, matrix: NDArray[np.float64]) -> tuple[Picture, NDArray[np.float64]]:
    """Return before(q) = picture(A q), about the middle, and the flow back from the picture to it."""
    height, width = picture.shape[1:]
    x, y = np.meshgrid(np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2)
    at = np.stack([x, y, np.ones_like(x)], axis=-1)
    seen = at @ matrix.T + [(width - 1) / 2, (height - 1) / 2]
    image = np.ascontiguousarray(picture.transpose(1, 2, 0))
    x, y = (np.asarray(seen[..., axis], np.float32) for axis in (0, 1))
    warped = cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    back = (at[..., :2] - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T - at[..., :2]
    return np.ascontiguousarray(warped.transpose(2, 0, 1), np.float32), back


def _turned(angle_deg: float, zoom: float = 1.0) -> NDArray[np.float64]:
    cos, sin = zoom * np.cos(np.deg2rad(angle_deg)), zoom * np.sin(np.deg2rad(angle_deg))
    return np.array([[cos, -sin, 0], [sin, cos, 0]])


@pytest.mark.parametrize(
    ("matrix", "border_px", "within_px"),
    [
        pytest.param(np.array([[1, 0, 0.3], [0, 1, -0.6]]), 4, 0.08, id="a fraction of a pixel"),
        pytest.param(np.array([[1, 0, 7.25], [0, 1, 3.5]]), 16, 0.08, id="some pixels"),
        pytest.param(np.array([[1, 0, -34], [0, 1, 12.0]]), 44, 0.08, id="tens of pixels"),
        pytest.param(_turned(5), 16, 0.1, id="rotation"),
        pytest.param(_turned(0, zoom=1.08), 16, 0.1, id="zoom"),
    ],
)
def test_known_motion_is_found_within_a_tenth_of_a_pixel(
    matrix: NDArray[np.float64], border_px: int, within_px: float
) -> None:
    now = clouds()
    before, back = moved(now, matrix)
    flow = measured(before, now)
    inside = slice(border_px, -border_px), slice(border_px, -border_px)
    off = np.hypot(*np.moveaxis(flow.back_px - back, -1, 0))[inside]
    assert off.mean() < within_px and np.quantile(off, 0.98) < 4 * within_px
    assert flow.confidence[inside].mean() > 0.98
    assert flow.back_px.dtype == flow.confidence.dtype == np.float32


@pytest.mark.parametrize(("height", "width"), [(97, 131), (33, 250), (128, 33), (64, 65)])
def test_odd_sizes_are_measured_to_their_last_row_and_column(height: int, width: int) -> None:
    whole = clouds(height + 3, width + 5)
    before, now = whole[:, :height, :width], whole[:, 3:, 5:]
    flow = measured(before, now)
    known = slice(2, height - 5), slice(2, width - 7)
    assert flow.back_px.shape == (height, width, 2)
    off = np.hypot(*np.moveaxis(flow.back_px - np.array([5, 3]), -1, 0))
    assert off[known].mean() < 0.1
    assert flow.confidence[:, -4:].mean() < 0.1  # came in from the right


def test_motion_goes_on_where_the_content_came_in() -> None:
    whole = clouds(width=196)
    flow = measured(whole[:, :, :176], whole[:, :, 20:])
    off = np.hypot(*np.moveaxis(flow.back_px - np.array([20, 0]), -1, 0))
    assert off[4:-4, -20:].mean() < 6 and flow.confidence[:, -20:].mean() < 0.05


def test_what_something_moving_uncovers_is_not_believed() -> None:
    ground, thing = clouds(seed=1), clouds(seed=2)
    before, now = ground.copy(), ground.copy()
    before[:, 40:88, 40:88] = thing[:, 40:88, 40:88]
    now[:, 40:88, 50:98] = thing[:, 40:88, 40:88]
    flow = measured(before, now)
    assert flow.confidence[44:84, 41:48].mean() < 0.3  # uncovered
    assert flow.confidence[46:82, 56:92].mean() > 0.95  # the thing itself
    assert flow.confidence[:, 120:].mean() > 0.98  # ground far away
    np.testing.assert_allclose(flow.back_px[50:78, 58:90, 0], -10, atol=0.3)
    np.testing.assert_allclose(flow.back_px[:, 125:-8], 0, atol=0.3)


def test_flat_regions_take_the_motion_of_what_is_around_them() -> None:
    whole = clouds(136, 190)
    whole[:, 50:80, 70:110] = 0.5
    flow = measured(whole[:, :128, :176], whole[:, 3:131, 6:182])
    off = np.hypot(*np.moveaxis(flow.back_px - np.array([6, 3]), -1, 0))
    assert off[50:74, 70:98].max() < 0.6


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_pictures_of_one_colour_stand_still(level: float) -> None:
    flat = np.full((3, 60, 90), level, np.float32)
    flow = measured(flat, flat)
    np.testing.assert_allclose(flow.back_px, 0, atol=1e-5)
    assert flow.confidence.min() == 1


def test_unlike_pictures_give_finite_flow_that_is_hardly_believed() -> None:
    flow = measured(clouds(seed=1), np.random.default_rng(7).random((3, 128, 176)).astype(np.float32))
    assert np.isfinite(flow.back_px).all() and np.abs(flow.back_px).max() < 176
    assert flow.confidence.mean() < 0.5


def test_a_change_of_light_is_no_motion() -> None:
    now = clouds()
    before, back = moved(now, np.array([[1, 0, 4.5], [0, 1, -2]]))
    flow = measured(before, 0.85 * now + 0.1)
    off = np.hypot(*np.moveaxis(flow.back_px - back, -1, 0))[10:-10, 10:-10]
    assert off.mean() < 0.25


def test_noise_is_no_motion() -> None:
    rng, now = np.random.default_rng(4), clouds()
    before, back = moved(now, np.array([[1, 0, 4.5], [0, 1, -2]]))
    noises = rng.normal(0, 4 / 255, (2, *now.shape)).astype(np.float32)
    flow = measured(before + noises[0], now + noises[1])
    off = np.hypot(*np.moveaxis(flow.back_px - back, -1, 0))[10:-10, 10:-10]
    assert off.mean() < 0.2


@pytest.mark.parametrize("shape", [(31, 200), (200, 31), (1, 1)])
def test_tiny_frames_stand_still_in_full_trust(shape: tuple[int, int]) -> None:
    before, now = np.random.default_rng(0).random((2, 3, *shape), np.float32)
    flow = measured(before, now)
    assert flow.back_px.shape == (*shape, 2) and not flow.back_px.any() and flow.confidence.min() == 1


def test_large_frames_are_measured_small_with_flow_in_their_own_pixels() -> None:
    whole = clouds(241, 328)
    flow = measured(whole[:, :, :320], whole[:, :, 8:], FlowConfig(size_px=160))
    assert flow.back_px.shape == (241, 320, 2) and flow.confidence.shape == (241, 320)
    assert float(np.median(flow.back_px[..., 0])) == pytest.approx(8, abs=0.2)


def test_flow_of_a_real_clip_is_opencvs(shared: Path) -> None:
    source = open_source(shared / "clips" / "fire2.mp4", ClipConfig(size_px=(427, 240)))
    frames = [frame.picture for frame in islice(source.frames(), 3)]
    for before, now in pairwise(frames):
        ours, theirs = measured(before, now), OpenCVFlowEstimator(HARD).between(before, now)
        both = (ours.confidence > 0) & (theirs.confidence > 0)
        apart = np.hypot(*np.moveaxis(ours.back_px - theirs.back_px, -1, 0))[both]
        assert np.median(apart) < 0.3 and (apart < 1.5).mean() > 0.9
        assert ours.confidence.mean() > theirs.confidence.mean() - 0.03
        missed = [np.abs(now - flow.carried(before)).mean(axis=0)[both].mean() for flow in (ours, theirs)]
        assert missed[0] < 1.03 * missed[1]


def test_same_frames_give_the_same_bits_for_any_number_of_threads() -> None:
    now = clouds()
    before, _ = moved(now, _turned(3))
    threads, results = torch.get_num_threads(), []
    try:
        for count in (1, 2, 2, 3):
            torch.set_num_threads(count)
            results.append(measured(before, now, FlowConfig()))
    finally:
        torch.set_num_threads(threads)
    for other in results[1:]:
        assert np.array_equal(results[0].back_px, other.back_px)
        assert np.array_equal(results[0].confidence, other.confidence)


def test_only_operations_that_pytorch_holds_for_deterministic_are_used() -> None:
    now = clouds()
    torch.use_deterministic_algorithms(True)
    try:
        measured(now, now[:, ::-1], FlowConfig())
    finally:
        torch.use_deterministic_algorithms(False)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device on this machine")
def test_cuda_gives_the_same_bits_twice_and_nearly_those_of_the_cpu() -> None:
    now = clouds(270, 480)
    before, back = moved(now, _turned(3))
    estimator = TorchFlowEstimator(FlowConfig(), torch.device("cuda"))
    first, second = estimator.between(before, now), estimator.between(before, now)
    for field in dataclasses.fields(Flow):
        assert np.array_equal(getattr(first, field.name), getattr(second, field.name))
    on_cpu = measured(before, now, FlowConfig())
    assert np.median(np.abs(first.back_px - on_cpu.back_px)) < 0.01
    assert np.hypot(*np.moveaxis(first.back_px - back, -1, 0))[20:-20, 20:-20].mean() < 0.1

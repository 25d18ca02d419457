"""What comes into view at the border goes on from the dream beside it, and what is new elsewhere does not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from lucidreel.render.carry.carry import Dreamt
from lucidreel.render.carry.flow_carry import FlowCarry
from lucidreel.render.frames.frames import Frame
from lucidreel.render.motion.boundary import continued
from lucidreel.render.motion.flow import Flow, FlowEstimator
from lucidreel.render.motion.opencv_flow import OpenCVFlowEstimator
from lucidreel.render.motion.torch_flow.estimator import TorchFlowEstimator
from lucidreel.render.settings.flow import FlowConfig

from ..textured import textured

HEIGHT, WIDTH = 60, 256
REACH_PX = WIDTH / 32


def _panned(right_px: int) -> Flow:
    """Return the flow of a camera that turns left: new columns at the left, with no flow of their own."""
    back, confidence = np.zeros((HEIGHT, WIDTH, 2), np.float32), np.ones((HEIGHT, WIDTH), np.float32)
    back[..., 0] = -right_px
    back[:, :right_px], confidence[:, :right_px], confidence[:, right_px] = 17, 0, 0.5
    return Flow(back, confidence)


def test_a_dream_goes_on_mirrored_beyond_the_border_and_fades_there() -> None:
    flow = _panned(3)
    across = np.broadcast_to(np.arange(WIDTH, dtype=np.float32) / WIDTH, (3, HEIGHT, WIDTH))
    carried = flow.carried(np.ascontiguousarray(across)) * WIDTH
    np.testing.assert_allclose(carried[:, :, 0], 3, atol=0.1)
    np.testing.assert_allclose(carried[:, :, 2], 1, atol=0.1)
    np.testing.assert_allclose(carried[:, :, 20], 17, atol=0.1)
    fading = [1 - 3 / REACH_PX, 1 - 2 / REACH_PX, 1 - 1 / REACH_PX, 1, 1]
    np.testing.assert_allclose(flow.share[:, :5], np.broadcast_to(fading, (HEIGHT, 5)), atol=1e-4)


def test_a_fast_pan_brings_what_starts_again() -> None:
    share = _panned(40).share
    assert not share[:, : 40 - int(REACH_PX)].any()
    assert share[:, 39].min() > 0.8


def test_what_is_uncovered_inside_the_frame_stays_new() -> None:
    back, confidence = np.zeros((HEIGHT, WIDTH, 2), np.float32), np.ones((HEIGHT, WIDTH), np.float32)
    back[..., 0] = -2
    confidence[:, :2], confidence[20:40, 100:120] = 0, 0
    assert not continued(back, confidence)[1][20:40, 100:120].any()


def test_a_picture_that_stands_still_is_left_as_it_is() -> None:
    back, confidence = np.zeros((HEIGHT, WIDTH, 2), np.float32), np.ones((HEIGHT, WIDTH), np.float32)
    confidence[:, :3] = 0  # something has gone that stood at the border
    taken_from, share = continued(back, confidence)
    assert taken_from is back and share is confidence


@pytest.mark.parametrize(
    "estimator", [OpenCVFlowEstimator(FlowConfig()), TorchFlowEstimator(FlowConfig(), torch.device("cpu"))]
)
def test_the_dream_of_a_panned_picture_reaches_its_border(estimator: FlowEstimator) -> None:
    whole = textured(width=162)
    before, now = whole[:, :, :160], whole[:, :, 2:]
    flow = estimator.between(before, now)
    last = Dreamt(Frame(0, Fraction(0), before), before + np.float32(0.2))
    carry = FlowCarry(FlowConfig(strength=1, disocclusion_share=0))
    init = carry.start(Frame(1, Fraction(1), now), last, flow).init
    assert init is not None
    added = np.minimum(init, 1) - now
    assert flow.confidence[:, -1].mean() < 0.1
    assert np.median(added[:, 10:-10, -2:]) > 0.1

"""What comes into view at the rim goes on from the dream beside it, and what is new elsewhere does not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from lucidreel.render.carry.carry import Dreamt
from lucidreel.render.carry.flow_carry import FlowCarry
from lucidreel.render.flow_config import FlowConfig
from lucidreel.render.frames import Frame
from lucidreel.render.motion.flow import Flow, FlowMeter
from lucidreel.render.motion.opencv_flow import OpenCVFlowMeter
from lucidreel.render.motion.rims import continued
from lucidreel.render.motion.torch_flow.meter import TorchFlowMeter

from .test_flow import textured

HEIGHT, WIDTH = 60, 256
REACH_PX = WIDTH / 32


def _panned(right_px: int) -> Flow:
    """Return the flow of a camera that turns left: new columns at the left, with no flow of their own."""
    back, trust = np.zeros((HEIGHT, WIDTH, 2), np.float32), np.ones((HEIGHT, WIDTH), np.float32)
    back[..., 0] = -right_px
    back[:, :right_px], trust[:, :right_px], trust[:, right_px] = 17, 0, 0.5
    return Flow(back, trust)


def test_a_dream_goes_on_mirrored_beyond_the_rim_and_fades_there() -> None:
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
    back, trust = np.zeros((HEIGHT, WIDTH, 2), np.float32), np.ones((HEIGHT, WIDTH), np.float32)
    back[..., 0] = -2
    trust[:, :2], trust[20:40, 100:120] = 0, 0
    assert not continued(back, trust)[1][20:40, 100:120].any()


def test_a_picture_that_stands_still_is_left_as_it_is() -> None:
    back, trust = np.zeros((HEIGHT, WIDTH, 2), np.float32), np.ones((HEIGHT, WIDTH), np.float32)
    trust[:, :3] = 0  # something has gone that stood at the rim
    taken_from, share = continued(back, trust)
    assert taken_from is back and share is trust


@pytest.mark.parametrize(
    "meter", [OpenCVFlowMeter(FlowConfig()), TorchFlowMeter(FlowConfig(), torch.device("cpu"))]
)
def test_the_dream_of_a_panned_picture_reaches_its_rim(meter: FlowMeter) -> None:
    whole = textured(width=162)
    before, now = whole[:, :, :160], whole[:, :, 2:]
    flow = meter.between(before, now)
    last = Dreamt(Frame(0, Fraction(0), before), before + np.float32(0.2))
    init = FlowCarry(FlowConfig(strength=1, catch_up=0)).start(Frame(1, Fraction(1), now), last, flow).init
    assert init is not None
    added = np.minimum(init, 1) - now
    assert flow.trust[:, -1].mean() < 0.1
    assert np.median(added[:, 10:-10, -2:]) > 0.1

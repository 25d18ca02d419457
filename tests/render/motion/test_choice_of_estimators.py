"""Two flow estimators: which one a render gets, what its checkpoint knows of it, one rule of confidence."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from lucidreel.dream.device import choose_device
from lucidreel.errors import OutOfMemoryError, ResumeMismatchError
from lucidreel.render.analysis.clip_analysis import analysis_of
from lucidreel.render.carry.flow_carry import FlowCarry
from lucidreel.render.checkpoint.fingerprints import settings_facts
from lucidreel.render.checkpoint.plan import CheckpointPlan, check_plan, plan_text
from lucidreel.render.film.film import prepare_clip
from lucidreel.render.frames.frames import FilmFormat
from lucidreel.render.motion import choose
from lucidreel.render.motion.choose import choose_estimator
from lucidreel.render.motion.flow import FlowEstimator
from lucidreel.render.motion.opencv_confidence import consistent as consistent_by_opencv
from lucidreel.render.motion.opencv_confidence import filled as filled_by_opencv
from lucidreel.render.motion.opencv_confidence import softened as softened_by_opencv
from lucidreel.render.motion.opencv_flow import OpenCVFlowEstimator
from lucidreel.render.motion.torch_flow.confidence import consistent, enlarged, filled, softened
from lucidreel.render.motion.torch_flow.estimator import TorchFlowEstimator
from lucidreel.render.settings.flow import FlowConfig
from lucidreel.render.settings.settings import ClipConfig, Settings

RULE = FlowConfig()


def test_renders_on_the_cpu_measure_with_opencv_and_those_on_cuda_with_pytorch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert isinstance(choose_estimator(RULE, "cpu"), OpenCVFlowEstimator)
    made = []
    monkeypatch.setattr(
        "lucidreel.render.motion.torch_flow.estimator.TorchFlowEstimator", lambda *of: made.append(of)
    )
    monkeypatch.setattr("lucidreel.dream.device.torch.cuda.is_available", lambda: True)
    choose_estimator(RULE, "cuda")
    choose_estimator(RULE, "auto")
    assert made == [(RULE, torch.device("cuda"))] * 2
    monkeypatch.setattr("lucidreel.dream.device.torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("lucidreel.dream.device.torch.backends.mps.is_available", lambda: True)
    assert isinstance(choose_estimator(RULE, "auto"), OpenCVFlowEstimator)


def test_the_analyzer_of_a_clip_estimates_flow_on_the_device_of_the_render(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, by_opencv = [], OpenCVFlowEstimator(RULE)

    def noted(rule: FlowConfig, device: str) -> FlowEstimator:
        asked.append(device)
        return by_opencv

    monkeypatch.setattr(choose, "choose_estimator", noted)
    config = ClipConfig(cuts="none")
    analyzer = analysis_of(tmp_path / "clip.mp4", FlowCarry(config.flow), config, "cuda").analyzer()
    assert asked == ["cuda"] and analyzer.estimate_flow == by_opencv.between


def test_the_device_of_the_settings_is_the_analyzers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("lucidreel.render.film.film.analysis_of", lambda *of: asked.extend(of))
    clip = Path(__file__).resolve().parents[3] / "examples" / "nebula.mp4"
    prepare_clip(clip, tmp_path / "dream.mp4", Settings(device="cuda"), overwrite=False)
    assert asked[-1] == "cuda"


def test_frames_measured_with_another_estimator_are_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The estimator follows from the device alone, and the checkpoint's plan holds the device."""
    plans: dict[str, CheckpointPlan] = {}
    film = FilmFormat(64, 48, Fraction(1, 25), Fraction(1, 25), 9)
    for there in (True, False):
        monkeypatch.setattr("lucidreel.dream.device.torch.cuda.is_available", lambda there=there: there)
        device = choose_device("auto")
        plans[device.type] = CheckpointPlan(settings_facts(Settings(), {"device": device.type}), {}, film)
    assert plans.keys() == {"cuda", "cpu"}
    path = tmp_path / "ledger.toml"
    path.write_text(plan_text(plans["cuda"]), encoding="utf-8")
    check_plan(path, plans["cuda"], 3)
    with pytest.raises(ResumeMismatchError, match="device: cuda then, cpu now"):
        check_plan(path, plans["cpu"], 3)


def _fields(seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    back = gaussian_filter(rng.normal(0, 20, (80, 100, 2)), (5, 5, 0)).astype(np.float32)
    return back, (-back + rng.normal(0, 0.6, back.shape)).astype(np.float32)


def _tensor(field: NDArray[np.float32]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(np.atleast_3d(field).transpose(2, 0, 1)))[None]


def test_confidence_follows_the_rule_of_the_other_estimator() -> None:
    rule = FlowConfig()
    back, forth = _fields(2)
    ours = consistent(_tensor(back), _tensor(forth), rule)[0, 0].numpy()
    theirs = consistent_by_opencv(back, forth, rule)
    assert 0.2 < theirs.mean() < 0.8
    assert (ours != theirs).mean() < 0.01  # OpenCV samples at 1/32 of a pixel


def test_holes_are_filled_by_the_rule_of_the_other_estimator() -> None:
    rng = np.random.default_rng(3)
    back = gaussian_filter(rng.normal(0, 30, (77, 101, 2)), (9, 9, 0)).astype(np.float32)
    confidence = (gaussian_filter(rng.normal(size=(77, 101)), 5) < 0.03).astype(np.float32)
    whole = gaussian_filter(rng.normal(0, 60, (77, 104)), 4) + 128
    before, now = (np.clip(np.rint(whole[:, at : at + 101]), 0, 255).astype(np.uint8) for at in (3, 0))
    field, sure = filled_by_opencv(back, confidence, before, now, RULE)
    was, here = (torch.from_numpy(grey.astype(np.float32))[None, None] for grey in (before, now))
    ours, ours_sure = filled(_tensor(back), _tensor(confidence), was, here, RULE)
    mended = (sure > confidence) & (ours_sure[0, 0].numpy() > confidence)
    assert mended.mean() > 0.1 and (ours_sure[0, 0].numpy() != sure).mean() < 0.1
    np.testing.assert_allclose(ours[0].numpy().transpose(1, 2, 0)[mended], field[mended], atol=0.8)


@pytest.mark.parametrize("softness_px", [0.5, 1, 2.5])
def test_edges_are_as_soft_as_the_other_estimators_and_what_is_new_stays_new(softness_px: float) -> None:
    hard = np.ones((60, 80), np.float32)
    hard[20:40, 30:50] = 0
    hard[:, 77:] = 0
    soft = softened(_tensor(hard), softness_px)[0, 0].numpy()
    np.testing.assert_allclose(soft, softened_by_opencv(hard, softness_px), atol=1e-3)
    assert (soft <= hard).all() and 0 < soft[30, 28] < 0.9 and soft[30, 10] > 0.999
    assert np.array_equal(softened(_tensor(hard), 0)[0, 0].numpy(), hard)


def test_a_device_that_is_full_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*frames: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("lucidreel.render.motion.torch_flow.estimator.dense_flow", full)
    black = np.zeros((3, 40, 60), np.float32)
    with pytest.raises(OutOfMemoryError, match=r"frames of 60x40 does not fit cpu .* size_px"):
        TorchFlowEstimator(RULE, torch.device("cpu")).between(black, black)


def test_enlarged_flow_keeps_its_direction_in_larger_pixels() -> None:
    field, confidence = torch.ones(1, 2, 10, 20), torch.ones(1, 1, 10, 20)
    larger, sure = enlarged(field, confidence, (30, 40))
    assert larger.shape == (1, 2, 30, 40) and sure.shape == (1, 1, 30, 40)
    assert torch.equal(larger[0, 0], torch.full((30, 40), 2.0))
    assert torch.equal(larger[0, 1], torch.full((30, 40), 3.0))

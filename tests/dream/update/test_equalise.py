"""Evening: what is loud everywhere stays, what is loud in one place leaves room for the rest."""

from __future__ import annotations

import pytest
import torch

from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.targets.targets import Targets
from lucidreel.dream.update.equalise import equalise_
from lucidreel.models.zoo.registry import load_network
from lucidreel.render.frames.noise import noise_picture


def lopsided() -> torch.Tensor:
    """Return noise that is ten times as strong in its left half."""
    gradient = torch.randn(1, 3, 48, 96, generator=torch.Generator().manual_seed(0))
    gradient[..., :48] *= 10
    return gradient


def halves(gradient: torch.Tensor) -> float:
    return float(gradient[..., :32].abs().mean() / gradient[..., 64:].abs().mean())


def test_evening_brings_weak_places_nearer_to_strong_ones() -> None:
    told = [halves(equalise_(lopsided(), evenness)) for evenness in (0.0, 0.5, 1.0)]
    assert told == pytest.approx([10, 10**0.5, 1], rel=0.1)


def test_evening_turns_no_gradient_round_and_makes_none_of_nothing() -> None:
    before = lopsided()
    after = equalise_(before.clone(), 0.9)
    assert bool((after.sign() == before.sign()).all())
    assert not equalise_(torch.zeros(1, 3, 20, 20), 0.9).any()
    quiet = lopsided()
    quiet[..., 48:] = 0
    assert bool(equalise_(quiet, 1.0).isfinite().all())


def test_an_even_dream_changes_what_another_leaves_alone() -> None:
    rule = DreamConfig(octaves=1, iterations=4, border_px=8, jitter_px=8, precision="fp32")
    dreamer = Dreamer(load_network("bestiary"), Targets(classes={"eye": 1.0}), rule, torch.device("cpu"))
    picture = noise_picture(96, 64, 0)
    change, even = (abs(dreamer.dream(picture, evenness=each) - picture).mean(0) for each in (0.0, 0.9))
    assert even.mean() == pytest.approx(change.mean(), rel=0.2)
    assert even.std() < 0.9 * change.std()

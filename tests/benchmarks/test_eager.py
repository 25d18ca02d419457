"""The plain program computes the same networks as the engine, or racing the two would say nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from lucidreel.benchmarks import eager
from lucidreel.benchmarks.contestants import CONTESTS, convolution_weights

CPU = torch.device("cpu")
PICTURE = np.random.default_rng(1).random((3, 96, 128), dtype=np.float32)


@pytest.mark.parametrize("name", [name for name, contest in CONTESTS.items() if not contest.is_class])
def test_activations_and_gradient_are_those_of_our_network(name: str, shared: Path) -> None:
    contest = CONTESTS[name]
    network = contest.network(shared)
    filled = eager.fill(contest.plain(), convolution_weights(network))
    # Rounding may decide between neighbours in a pooling window; our LRN is in float32 even so.
    network, plain = network.to(CPU, torch.float64), eager.ready(filled, torch.float64, CPU)
    (layer,) = contest.targets.layers
    tops: list[torch.Tensor] = []
    gradients: list[torch.Tensor] = []
    for look in (
        lambda pixels: network.activations(pixels, [str(layer)])[str(layer)],
        lambda pixels: plain(eager.blob(pixels, torch.float64)),
    ):
        pixels = torch.from_numpy(PICTURE).double()[None].requires_grad_()
        top = look(pixels)
        tops.append(top.detach())
        gradients += torch.autograd.grad(eager.layer(top), pixels)
    for ours, others in (tops, gradients):
        assert others.abs().max() > 0
        torch.testing.assert_close(others, ours, rtol=0, atol=1e-5 * float(ours.abs().max()))


def test_the_class_map_is_that_of_our_network(shared: Path) -> None:
    contest = CONTESTS["SqueezeNet v1.0, a class by default"]
    network = contest.network(shared)
    plain = eager.ready(eager.fill(contest.plain(), convolution_weights(network)), torch.float32, CPU)
    pixels = torch.from_numpy(PICTURE)[None]
    ours = network.activations(pixels, ["relu_conv10"])["relu_conv10"]
    torch.testing.assert_close(
        plain(eager.blob(pixels, torch.float32)), ours, rtol=0, atol=1e-4 * float(ours.max())
    )


def test_the_plain_dream_climbs_its_objective_and_keeps_the_pictures_size(shared: Path) -> None:
    contest = CONTESTS["SqueezeNet v1.0, fire8"]
    filled = eager.fill(contest.plain(), convolution_weights(contest.network(shared)))
    plain = eager.ready(filled, torch.float32, CPU)
    dreamt = eager.dream(plain, PICTURE, eager.layer, (2, 3))
    assert dreamt.shape == PICTURE.shape and dreamt.min() >= 0 and dreamt.max() <= 1
    before, after = (
        float(eager.layer(plain(eager.blob(torch.from_numpy(picture)[None], torch.float32))))
        for picture in (PICTURE, dreamt)
    )
    assert after > 1.2 * before

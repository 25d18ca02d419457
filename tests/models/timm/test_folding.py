"""Normalisations worked into convolutions: no layer's value tells, and some are left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from lucidreel.models.preprocess import Preprocess
from lucidreel.models.timm.network import TimmNetwork

from .conftest import MadeUp
from .test_network import energy_gradient, pictures


def unfolded(network: TimmNetwork) -> TimmNetwork:
    """Return the network as timm runs it."""
    return replace(network, known_trace=replace(network.trace, pairs=()))


@pytest.mark.parametrize(("name", "pairs"), [("resnet18", 20), ("mobilenetv3_small_050", 34)])
def test_every_layer_has_the_value_that_it_has_without_folding(
    made_up: MadeUp, name: str, pairs: int
) -> None:
    network, image = made_up(f"timm:{name}"), pictures(96, 64)
    assert len(network.trace.pairs) == pairs, "all convolutions of these have a normalisation behind them"
    convolutions = {pair.convolution for pair in network.trace.pairs}
    others = [layer.name for layer in network.layers if layer.name not in convolutions]
    for layers in (others, sorted(convolutions)):
        found = network.activations(image, layers)
        for layer, expected in unfolded(network).activations(image, layers).items():
            assert (found[layer] - expected).abs().max() <= 1e-5 * expected.abs().max(), layer


def test_the_gradient_is_that_without_folding(made_up: MadeUp) -> None:
    network, image = made_up("timm:regnetx_002"), pictures(96, 64)
    found, expected = (energy_gradient(each, "s2", image) for each in (network, unfolded(network)))
    assert (found - expected).norm() <= 1e-3 * expected.norm()


def test_no_normalisation_runs_unless_a_convolutions_own_value_is_asked_for(made_up: MadeUp) -> None:
    network, image = made_up("timm:resnet18"), pictures(64, 64)
    with torch.profiler.profile() as folded:
        network.activations(image, ["layer2"])
    with torch.profiler.profile() as plain:
        network.activations(image, ["layer2", "layer1.0.conv1"])
    assert not any("batch_norm" in event.key for event in folded.key_averages())
    assert any("batch_norm" in event.key for event in plain.key_averages())


class Forked(nn.Module):
    """A convolution that a normalisation and a sum read, and one in a container that hands its value on."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm1 = nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.second, self.norm2 = nn.Sequential(nn.Conv2d(4, 4, 1)), nn.BatchNorm2d(4, affine=False)

    def forward(self, x: Tensor) -> Tensor:
        value = self.first(x)
        normal: Tensor = self.norm2(self.second(self.norm1(value) + value))
        return normal


def test_a_convolution_that_others_read_too_stays_as_it_is() -> None:
    torch.manual_seed(3)
    model = Forked().eval().requires_grad_(False)
    for norm in (model.norm1, model.norm2):
        assert norm.running_mean is not None and norm.running_var is not None
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 1.5)
    network = TimmNetwork("forked", model, (16, 16), Preprocess("RGB", (0.5,), 1.0))
    assert [pair.normalisation for pair in network.trace.pairs] == ["norm2"]
    layers, image = [layer.name for layer in network.layers], pictures(16, 16)
    expected = unfolded(network).activations(image, layers)
    for layer in layers:
        assert torch.allclose(network.activations(image, [layer])[layer], expected[layer], atol=1e-5), layer

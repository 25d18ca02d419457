"""Whole networks as PyTorch exports them: scores, and gradients back to the pixels, are PyTorch's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from onnx.reference import ReferenceEvaluator
from torch import Tensor, nn

from lucidreel.models.load import load_folder
from lucidreel.models.onnx_files.convert import convert_onnx

# PyTorch says that it will have another exporter some day.
pytestmark = pytest.mark.filterwarnings("ignore")

MEAN = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)


def conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution, its normalisation and a rectifier."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class Residual(nn.Module):
    """ResNet's basic block."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = conv(inputs, outputs, 3, stride)
        self.second = nn.Sequential(nn.Conv2d(outputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs))
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.second(self.first(x)) + self.shortcut(x))


class Inverted(nn.Module):
    """MobileNet's inverted residual, with squeeze and excitation."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.expand = nn.Sequential(nn.Conv2d(channels, 2 * channels, 1), nn.ReLU6())
        self.depthwise = nn.Sequential(
            nn.Conv2d(2 * channels, 2 * channels, 3, padding=1, groups=2 * channels), nn.Hardswish()
        )
        gate = nn.Conv2d(2 * channels, 2 * channels, 1)
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), gate, nn.Sigmoid())
        self.project = nn.Conv2d(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        wide = self.depthwise(self.expand(x))
        narrow: Tensor = self.project(wide * self.gate(wide))
        return x + narrow


class Inception(nn.Module):
    """Three branches that are joined."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.straight = conv(inputs, 4, 1)
        self.five = nn.Sequential(conv(inputs, 4, 1), conv(4, 6, 5))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(inputs, 4, 1))
        self.average = nn.AvgPool2d(3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.straight(x), self.five(x), self.pool(x), self.average(x)], 1)


class Viewed(nn.Module):
    """Flattens as people do by hand."""

    def forward(self, x: Tensor) -> Tensor:
        return x.view(x.size(0), -1)


NETWORKS = {
    "resnet": (
        conv(3, 8, 7, 2), nn.MaxPool2d(3, 2, 1), Residual(8, 12, 2), Residual(12, 12, 1),
        nn.AdaptiveAvgPool2d(1), Viewed(), nn.Linear(12, 9),
    ),
    "vgg": (
        nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 8, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 8 * 8, 16), nn.ReLU(), nn.Dropout(), nn.Linear(16, 9),
        nn.Softmax(1),
    ),
    "mobilenet": (
        conv(3, 8, 3, 2), Inverted(8), nn.SiLU(), nn.Conv2d(8, 12, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(12, 9),
    ),
    "inception": (
        conv(3, 8, 3, 2), nn.MaxPool2d(3, 2, ceil_mode=True), Inception(8),
        nn.Conv2d(22, 9, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    ),
}  # fmt: skip
"""Each a classifier of nine classes, for 32x32 pixels."""


@pytest.mark.parametrize("folded", [True, False], ids=["folded", "as_trained"])
@pytest.mark.parametrize("name", NETWORKS)
def test_an_exported_network_computes_what_pytorch_does(tmp_path: Path, name: str, folded: bool) -> None:
    net = nn.Sequential(*NETWORKS[name])
    for part in net.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean = torch.randn(part.num_features)
            part.running_var = torch.rand(part.num_features) + 0.5
    net.eval()
    file = tmp_path / f"{name}.onnx"
    x = torch.randn(1, 3, 32, 32)
    mode = torch.onnx.TrainingMode.EVAL if folded else torch.onnx.TrainingMode.PRESERVE
    torch.onnx.export(net, (x,), str(file), dynamo=False, training=mode, do_constant_folding=folded)
    network = load_folder(convert_onnx(file, tmp_path / name).folder)
    pixels = (x * DEVIATION + MEAN).requires_grad_()
    last = network.layers[-1].name
    got = network.activations(pixels, [last])[last].flatten(1)
    expected = net((pixels - MEAN) / DEVIATION)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)
    direction = torch.randn(1, 9)
    gradients = [torch.autograd.grad((each * direction).sum(), pixels)[0] for each in (got, expected)]
    torch.testing.assert_close(*gradients, rtol=1e-3, atol=1e-5)
    reference = ReferenceEvaluator(str(file))
    (scores,) = map(np.asarray, reference.run(None, {reference.input_names[0]: x.numpy()}))
    np.testing.assert_allclose(got.detach().numpy(), scores, rtol=1e-4, atol=1e-5)
    assert network.class_layer is not None
    assert next(layer.channels for layer in network.layers if layer.name == network.class_layer) == 9

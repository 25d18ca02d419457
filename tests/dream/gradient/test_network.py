"""The gradient, whole and in tiles, and its balance between terms."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lucidreel.dream.ascent import balance
from lucidreel.dream.gradient.network import NetworkGradient
from lucidreel.dream.objectives.build import build_objective
from lucidreel.dream.targets.resolve import resolve_targets
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import OutOfMemoryError, TargetError
from lucidreel.models.network import Network
from lucidreel.models.zoo.registry import load_network

CPU = torch.device("cpu")
TARGETS = [
    Targets(classes={"goldfish": 1.0, "umbrella": -0.5}),
    Targets(layers={"conv2": 1.0}),
    Targets(channels={"conv2:3": 1.0}),
    Targets(classes={"goldfish": 1.0}, layers={"conv1": 0.3}),
]


def field_for(network: Network, targets: Targets, memory_mib: float = 4096) -> NetworkGradient:
    dense, objective = build_objective(resolve_targets(targets, network, 0), network)
    return NetworkGradient(dense.to(CPU, torch.float32), objective, itemsize=4, memory_mib=memory_mib)


def field_of_pixels(network: Network, targets: Targets, pixels: int) -> NetworkGradient:
    """Return a gradient with memory for so many pixels at once."""
    enough = field_for(network, targets)
    return field_for(network, targets, memory_mib=4096 * (pixels + 0.5) / enough.max_pixels)


@pytest.mark.parametrize("targets", TARGETS)
def test_tiled_gradient_equals_whole_image_gradient(network: Network, targets: Targets) -> None:
    window = torch.rand(1, 3, 240, 400, generator=torch.Generator().manual_seed(1))
    field = field_for(network, targets)
    scales = (1.0,) * len(field.objective.terms)
    whole = field(window, scales)
    in_parts = field_of_pixels(network, targets, 240 * 400 * 2 // 3)
    tiled = in_parts(window, scales)

    assert len(in_parts.tiles_for(240, 400)) > 1
    assert torch.allclose(tiled, whole, rtol=1e-4, atol=1e-5 * float(whole.abs().max()))


@pytest.mark.parametrize(
    "targets", [Targets(classes={"jellyfish": 1.0}), Targets(layers={"fire8/concat": 1.0})]
)
def test_squeezenet_gradient_in_tiles_equals_the_whole_one(shared: Path, targets: Targets) -> None:
    """Real weights, 640 x 992 in several tiles: equal up to the order of float32 sums."""
    network = load_network(shared / "models" / "squeezenet_v1.0")
    window = torch.rand(1, 3, 640, 992, generator=torch.Generator().manual_seed(1))
    whole = field_for(network, targets)(window, (1.0,))
    field = field_of_pixels(network, targets, 640 * 992 * 9 // 10)
    assert len(field.tiles_for(640, 992)) > 1
    tiled = field(window, (1.0,))
    error = float((tiled - whole).norm() / whole.norm())
    assert error < 1e-4


def test_class_gradient_is_that_of_scoring_every_window(network: Network) -> None:
    """Brute force: crops at the network's stride, scored one by one. Interior pixels see no padding."""
    stride, size = 4, network.input_size[0]
    window = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(2))
    dense = field_for(network, Targets(classes={"goldfish": 1.0}))(window, (1.0,))

    leaf = window.clone().requires_grad_(True)
    total = torch.zeros(())
    for top in range(0, 96 - size + 1, stride):
        for left in range(0, 96 - size + 1, stride):
            crop = leaf[..., top : top + size, left : left + size]
            total = total + network.activations(crop, ["score"])["score"][0, 0].sum()
    (brute,) = torch.autograd.grad(total, leaf)

    inner = (..., slice(40, 56), slice(40, 56))
    similarity = torch.nn.functional.cosine_similarity(dense[inner].flatten(), brute[inner].flatten(), dim=0)
    assert similarity > 0.98


def test_edges_of_a_window_are_climbed_as_hard_as_its_middle(network: Network) -> None:
    window = torch.rand(1, 3, 160, 160, generator=torch.Generator().manual_seed(5))
    gradient = field_for(network, Targets(classes={"goldfish": 1.0}))(window, (1.0,)).abs()
    edge, middle = gradient[..., 8:16, 40:120].mean(), gradient[..., 76:84, 40:120].mean()
    assert float(edge / middle) == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("weight", [0.5, 2.0])
def test_a_term_of_twice_the_weight_pushes_twice_as_hard(network: Network, weight: float) -> None:
    window = torch.rand(1, 3, 96, 96)
    field = field_for(network, Targets(classes={"goldfish": weight}, layers={"conv1": 1.0}))
    scales, _ = balance(field, window, {}, (0.0,) * len(field.objective.terms))
    pushes = [
        float(field(window, tuple(scale * (i == term) for i, scale in enumerate(scales))).norm())
        for term in range(2)
    ]
    assert pushes[1] / pushes[0] == pytest.approx(weight, rel=1e-3)


def test_a_term_that_was_weighed_keeps_its_scale_and_one_that_was_silent_gets_its_own(
    network: Network,
) -> None:
    field = field_for(network, Targets(classes={"goldfish": 1.0}, layers={"conv1": 1.0}))
    first, second = torch.rand(1, 3, 96, 96), torch.rand(1, 3, 96, 96) * 0.2
    scales, _ = balance(field, first, {}, (0.0, 0.0))
    assert balance(field, second, {}, scales) == (scales, None)
    again, gradient = balance(field, second, {}, (scales[0], 0.0))
    assert again[0] == scales[0] and again[1] not in (0.0, scales[1])
    assert gradient is None


def test_gradients_of_terms_that_are_weighed_add_up_to_that_of_all(network: Network) -> None:
    field = field_for(network, Targets(classes={"goldfish": 1.0}, layers={"conv1": -0.5}))
    window = torch.rand(1, 3, 96, 96)
    scales, gradient = balance(field, window, {}, (0.0, 0.0))
    assert gradient is not None
    expected = field(window, scales)
    torch.testing.assert_close(gradient, expected, rtol=1e-4, atol=1e-5 * float(expected.abs().max()))


def test_silent_terms_give_no_gradient_and_no_crash(network: Network) -> None:
    field = field_for(network, Targets(layers={"conv1": 1.0}, channels={"conv2:1": 1.0}))
    assert not field(torch.rand(1, 3, 64, 64), (0.0, 0.0)).any()


WHOLE_IMAGE = """
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 32 dim: 32 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
        convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "mvn" type: "MVN" bottom: "conv1" top: "mvn" }
layer { name: "relu" type: "ReLU" bottom: "mvn" top: "relu" }
layer { name: "pool" type: "Pooling" bottom: "relu" top: "pool" pooling_param { kernel_size: 3 stride: 3 } }
layer { name: "a" type: "Flatten" bottom: "pool" top: "a" }
layer { name: "b" type: "Flatten" bottom: "relu" top: "b" }
layer { name: "both" type: "Concat" bottom: "a" bottom: "b" top: "both" }
layer { name: "fc" type: "InnerProduct" bottom: "both" top: "fc" inner_product_param { num_output: 3 } }
layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }
"""


@pytest.fixture
def whole_image_network(tmp_path: Path) -> Network:
    """A network whose first layers see the whole image and whose classes cannot slide over a larger one."""
    (tmp_path / "whole.prototxt").write_text(WHOLE_IMAGE)
    return load_network(tmp_path, random_seed=0)


@pytest.mark.parametrize("layer", ["conv1", "relu"])
def test_layers_before_classes_that_cannot_slide_have_gradients(
    whole_image_network: Network, layer: str
) -> None:
    field = field_for(whole_image_network, Targets(layers={layer: 1.0}))
    assert field(torch.rand(1, 3, 40, 50), (1.0,)).abs().max() > 0


def test_layer_of_the_whole_image_is_not_cut_into_tiles(whole_image_network: Network) -> None:
    field = field_of_pixels(whole_image_network, Targets(layers={"relu": 1.0}), 1000)
    with pytest.raises(TargetError, match="depends on the whole image"):
        field(torch.rand(1, 3, 40, 50), (1.0,))


def test_classes_that_cannot_slide_are_explained(whole_image_network: Network) -> None:
    with pytest.raises(TargetError, match="cannot slide"):
        field_for(whole_image_network, Targets(classes={"1": 1.0}))


def test_frame_that_cannot_be_cut_small_enough_says_so(network: Network) -> None:
    field = field_of_pixels(network, TARGETS[0], 1000)
    with pytest.raises(OutOfMemoryError, match=r"--memory"):
        field(torch.rand(1, 3, 400, 400), (1.0,))

"""The gradient, whole and in tiles, and its balance between terms."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lucidreel.dream.ascent import balance
from lucidreel.dream.config import Targets
from lucidreel.dream.gradient import GradientField
from lucidreel.dream.objective import aim
from lucidreel.dream.targets import resolve_targets
from lucidreel.errors import OutOfMemoryError
from lucidreel.models.network import Network
from lucidreel.models.registry import load_network

CPU = torch.device("cpu")
TARGETS = [
    Targets(classes={"goldfish": 1.0, "umbrella": -0.5}),
    Targets(layers={"conv2": 1.0}),
    Targets(channels={"conv2:3": 1.0}),
    Targets(classes={"goldfish": 1.0}, layers={"conv1": 0.3}),
]


def field_for(network: Network, targets: Targets, memory_mib: int = 4096) -> GradientField:
    dense, objective = aim(resolve_targets(targets, network, 0), network)
    return GradientField(dense.to(CPU, torch.float32), objective, itemsize=4, memory_mib=memory_mib)


@pytest.mark.parametrize("targets", TARGETS)
def test_tiled_gradient_equals_whole_image_gradient(network: Network, targets: Targets) -> None:
    window = torch.rand(1, 3, 240, 400, generator=torch.Generator().manual_seed(1))
    field = field_for(network, targets)
    scales = (1.0,) * len(field.objective.terms)
    whole = field(window, scales)
    field.max_pixels = 240 * 400 * 2 // 3
    tiled = field(window, scales)

    assert len(field.tiles_for(240, 400)) > 1
    assert torch.allclose(tiled, whole, rtol=1e-4, atol=1e-5 * float(whole.abs().max()))


@pytest.mark.parametrize(
    "targets", [Targets(classes={"jellyfish": 1.0}), Targets(layers={"fire8/concat": 1.0})]
)
def test_squeezenet_gradient_in_tiles_equals_the_whole_one(shared: Path, targets: Targets) -> None:
    """Real weights, 640 x 992 in several tiles: equal up to the order of float32 sums."""
    network = load_network(shared / "models" / "squeezenet_v1.0")
    window = torch.rand(1, 3, 640, 992, generator=torch.Generator().manual_seed(1))
    whole = field_for(network, targets)(window, (1.0,))
    field = field_for(network, targets)
    field.max_pixels = 640 * 992 * 9 // 10
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


def test_terms_of_equal_weight_push_equally_hard(network: Network) -> None:
    window = torch.rand(1, 3, 96, 96)
    field = field_for(network, Targets(classes={"goldfish": 2.0}, layers={"conv1": 1.0}))
    scales = balance(field, window)
    pushes = [
        float(field(window, tuple(scale * (i == term) for i, scale in enumerate(scales))).square().mean())
        for term in range(2)
    ]
    weights = [term.weight for term in field.objective.terms]
    assert pushes[0] ** 0.5 == pytest.approx(weights[0], rel=1e-3)
    assert pushes[1] ** 0.5 == pytest.approx(weights[1], rel=1e-3)


def test_frame_that_cannot_be_cut_small_enough_says_so(network: Network) -> None:
    field = field_for(network, TARGETS[0])
    field.max_pixels = 1000
    with pytest.raises(OutOfMemoryError, match=r"dream\.memory_mib"):
        field(torch.rand(1, 3, 400, 400), (1.0,))

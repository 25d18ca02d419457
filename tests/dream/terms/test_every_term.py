"""What holds for every kind of term: its gradient is its slope, and tiles change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from lucidreel.dream.gradient.network import NetworkGradient
from lucidreel.dream.objectives.build import build_objective
from lucidreel.dream.targets.resolve import resolve_targets
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.network import Network

from .kinds import KINDS, Prepare, called, picture_of, with_guide

every_kind = pytest.mark.parametrize("targets", KINDS, ids=called)


def left(height: int, width: int) -> Tensor:
    """Return a map that falls from 1 at the left edge to 0 at the right."""
    return torch.linspace(1, 0, width).expand(1, 1, height, width).contiguous()


@every_kind
def test_gradient_is_the_slope_of_the_value(prepare: Prepare, targets: Targets, guide_file: Path) -> None:
    """Central difference along the gradient, in float32; kinks of maxima lie within the tolerance."""
    picture = picture_of(64, 80)
    aimed = prepare(with_guide(targets, guide_file), picture, {"left.png": left(64, 80)})
    leaf = picture.clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(aimed.value(leaf), leaf)
    step = 0.02 * gradient / gradient.norm()
    slope = (aimed.value(picture + step) - aimed.value(picture - step)) / (2 * 0.02)
    assert float(gradient.norm()) > 0
    assert float(slope) == pytest.approx(float(gradient.norm()), rel=0.02)


@every_kind
def test_tiles_give_the_gradient_of_the_whole(network: Network, targets: Targets, guide_file: Path) -> None:
    window = picture_of(240, 400)
    dense, objective = build_objective(resolve_targets(with_guide(targets, guide_file), network, 0), network)
    field = NetworkGradient(dense.to(torch.device("cpu"), torch.float32), objective, 4, memory_mib=4096)
    maps = field.prepare(window, {"left.png": left(240, 400)})
    scales = tuple(term.weight for term in field.objective.terms)
    whole = field(window, scales, maps)
    field.max_pixels = 240 * 400 * 2 // 3
    assert len(field.tiles_for(240, 400)) > 1
    tiled = field(window, scales, maps)
    assert torch.allclose(tiled, whole, rtol=1e-4, atol=1e-5 * float(whole.abs().max()))


@every_kind
def test_preparing_again_with_another_picture_needs_no_new_aim(
    prepare: Prepare, targets: Targets, guide_file: Path
) -> None:
    """As on film: what was prepared for one frame is prepared for the next, of another size too."""
    first, second = picture_of(64, 80), picture_of(96, 64, seed=2)
    aimed = prepare(with_guide(targets, guide_file), first, {"left.png": left(64, 80)})
    again, maps = aimed.objective.prepared(aimed.network, second, {"left.png": left(96, 64)})
    fresh = prepare(with_guide(targets, guide_file), second, {"left.png": left(96, 64)})
    scales = tuple(term.weight for term in again.terms)
    value = again.value(aimed.network.activations(second, again.layers), scales, maps)
    assert float(value) == pytest.approx(float(fresh.value(second)), rel=1e-5)


def test_a_map_that_nobody_supplied_is_named(prepare: Prepare) -> None:
    with pytest.raises(ValueError, match=r"nobody supplied: left\.png"):
        prepare(Targets(layers={"conv1@left.png": 1.0}), picture_of(64, 80))

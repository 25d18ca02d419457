"""What any network promises (models/network.py), whoever runs it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from lucidreel import Dreamer
from lucidreel.errors import LayerNotFoundError, TargetError
from lucidreel.models.network import Network

from .runners import Runner

CPU = torch.device("cpu")


def pictures(*size: int, count: int = 1, seed: int = 0) -> Tensor:
    """Random pictures (count, 3, height, width)."""
    return torch.rand(count, 3, *size, generator=torch.Generator().manual_seed(seed))


def driven_back(network: Network, images: Tensor, diffs: dict[str, Tensor]) -> Tensor:
    """The gradient over the pixels for what comes into each layer."""
    leaf = images.detach().requires_grad_()
    values = network.activations(leaf, tuple(diffs))
    (gradient,) = torch.autograd.grad([values[name] for name in diffs], leaf, list(diffs.values()))
    return gradient


def diff_for(network: Network, images: Tensor, layer: str, seed: int) -> Tensor:
    """Random numbers of a layer's shape."""
    shape = network.activations(images, [layer])[layer].shape
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def assert_same(got: Tensor, expected: Tensor, rtol: float = 1e-5) -> None:
    """Both are the same but for rounding: measured by length, as one number may be near zero."""
    assert got.shape == expected.shape
    assert torch.linalg.norm(got - expected) <= rtol * torch.linalg.norm(expected)


def test_layers_have_the_shapes_that_they_are_listed_with(network: Network) -> None:
    infos = network.layers
    names = [info.name for info in infos]
    values = network.activations(pictures(*network.input_size), names)
    assert {info.name: info.shape for info in infos} == {
        name: tuple(value.shape) for name, value in values.items()
    }
    assert all(info.channels == info.shape[1] for info in infos)
    assert network.class_layer in names


def test_a_layers_value_is_the_same_whatever_else_is_asked_for(network: Network, runner: Runner) -> None:
    images = pictures(48, 40)
    alone = network.activations(images, [runner.shallow])[runner.shallow]
    beside = network.activations(images, [runner.deep, runner.shallow])
    assert_same(beside[runner.shallow], alone, rtol=1e-6)
    assert set(beside) == {runner.deep, runner.shallow}


def test_what_comes_into_several_layers_adds_up(network: Network, runner: Runner) -> None:
    images = pictures(40, 48)
    diffs = {
        name: diff_for(network, images, name, seed) for seed, name in enumerate((runner.deep, runner.shallow))
    }
    together = driven_back(network, images, diffs)
    alone = [driven_back(network, images, {name: diff}) for name, diff in diffs.items()]
    assert all(torch.linalg.norm(part) > 0.01 * torch.linalg.norm(together) for part in alone)
    assert_same(together, alone[0] + alone[1])


def test_the_gradient_is_the_slope(network: Network, runner: Runner) -> None:
    images = pictures(36, 36)
    diff = diff_for(network, images, runner.shallow, 3)
    gradient = driven_back(network, images, {runner.shallow: diff})
    step = 1e-3 * gradient / gradient.abs().max()
    up, down = (network.activations(images + way * step, [runner.shallow])[runner.shallow] for way in (1, -1))
    slope = ((up.double() - down.double()) * diff).sum() / 2
    assert slope.item() == pytest.approx((gradient.double() * step).sum().item(), rel=0.02)


def test_sizes_come_in_any_order(network: Network, runner: Runner) -> None:
    small, large = pictures(36, 44), pictures(64, 52)
    diffs = {size: {runner.deep: diff_for(network, size, runner.deep, 4)} for size in (small, large)}
    first = driven_back(network, small, diffs[small])
    assert driven_back(network, large, diffs[large]).shape == large.shape
    assert_same(driven_back(network, small, diffs[small]), first, rtol=1e-6)


def test_an_earlier_pass_is_driven_back_after_later_ones(network: Network, runner: Runner) -> None:
    one, other = pictures(36, 44, seed=1), pictures(52, 40, seed=2)
    diff = diff_for(network, one, runner.deep, 5)
    expected = driven_back(network, one, {runner.deep: diff})
    leaf = one.detach().requires_grad_()
    early = network.activations(leaf, [runner.deep])[runner.deep]
    network.activations(other.requires_grad_(), [runner.shallow])
    network.activations(pictures(36, 44, seed=3), [runner.deep])
    for _ in range(2):
        (gradient,) = torch.autograd.grad(early, leaf, diff, retain_graph=True)
        assert_same(gradient, expected)


def test_a_batch_is_its_pictures_one_by_one(network: Network, runner: Runner) -> None:
    images = pictures(40, 44, count=3)
    diff = diff_for(network, images, runner.deep, 6)
    together = driven_back(network, images, {runner.deep: diff})
    for place in range(3):
        part = slice(place, place + 1)
        assert_same(together[part], driven_back(network, images[part], {runner.deep: diff[part]}))


def test_without_a_wish_for_gradients_none_are_kept(network: Network, runner: Runner) -> None:
    values = network.activations(pictures(36, 36), [runner.deep, runner.shallow])
    assert not any(value.requires_grad for value in values.values())
    with torch.no_grad():
        leaf = pictures(36, 36).requires_grad_()
        assert not network.activations(leaf, [runner.deep])[runner.deep].requires_grad


def test_a_zero_that_comes_in_goes_back_as_zero(network: Network, runner: Runner) -> None:
    images = pictures(36, 36)
    before = diff_for(network, images, runner.shallow, 7)
    driven_back(network, images, {runner.shallow: before})  # what this leaves behind must not come back
    nothing = torch.zeros_like(diff_for(network, images, runner.deep, 7))
    assert not driven_back(network, images, {runner.deep: nothing}).any()


def test_dense_scores_are_the_plain_ones_at_the_declared_size(network: Network) -> None:
    layer = network.class_layer
    assert layer is not None
    images = pictures(*network.input_size)
    plain = network.activations(images, [layer])[layer].flatten()
    dense = network.dense().activations(images, [layer])[layer]
    assert dense.shape == (1, len(plain), 1, 1)
    assert_same(dense.flatten(), plain)


def test_dense_classes_are_those_that_are_wanted_in_their_order(network: Network) -> None:
    layer = network.class_layer
    assert layer is not None
    height, width = network.input_size
    images = pictures(height + 40, width + 72)
    every = network.dense().activations(images, [layer])[layer]
    few = network.dense([7, 2]).activations(images, [layer])[layer]
    assert every.shape[2] > 1 and every.shape[3] > every.shape[2]
    assert_same(few, every[:, [7, 2]])
    cells = network.dense([7, 2], averaged=False)
    seen = cells.activations(images, [layer])[layer]
    assert seen.shape[:2] == (1, 2) and seen.shape[2] >= few.shape[2]
    inside = driven_back(cells, images, {layer: torch.ones_like(seen)})
    assert torch.isfinite(inside).all() and inside.abs().max() > 0


def test_a_cell_sees_no_further_than_its_receptive_field(network: Network, runner: Runner) -> None:
    field = network.receptive_field([runner.shallow])
    images = pictures(96, 96)
    value = network.activations(images, [runner.shallow])[runner.shallow]
    diff = torch.zeros_like(value)
    rows, columns = (length // 2 for length in value.shape[2:])
    diff[:, :, rows, columns] = 1.0
    seen = driven_back(network, images, {runner.shallow: diff})[0].abs().sum(0)
    assert seen.any()
    reached = torch.nonzero(seen)
    middle = [96 * cell / length for cell, length in zip((rows, columns), value.shape[2:], strict=True)]
    far = (reached - torch.tensor(middle)).abs().max().item()
    assert far <= field.halo + field.stride


def test_deeper_passes_hold_more(network: Network, runner: Runner) -> None:
    shallow, deep = (network.numbers_per_pixel([name]) for name in (runner.shallow, runner.deep))
    assert 3 < shallow < deep


@pytest.mark.parametrize("asked", [["no_such_layer"], ["convv"]])
def test_an_unknown_layer_is_named(network: Network, asked: Sequence[str]) -> None:
    with pytest.raises(LayerNotFoundError, match=f"{asked[0]!r} does not exist in {network.name}"):
        network.activations(pictures(36, 36), asked)


def test_a_picture_that_is_too_small_is_told_as_such(network: Network, runner: Runner) -> None:
    layer = network.class_layer
    assert layer is not None
    if runner.takes_a_pixel:
        assert torch.isfinite(network.activations(pictures(1, 1), [layer])[layer]).all()
        return
    with pytest.raises(TargetError, match="does not work on an image of 1x1"):
        network.activations(pictures(1, 1), [layer])
    assert network.activations(pictures(*network.input_size), [layer])[layer].numel()


def test_moved_to_where_it_is_it_computes_the_same(network: Network, runner: Runner) -> None:
    images = pictures(36, 44)
    moved = network.to(CPU, torch.float32).activations(images, [runner.deep])[runner.deep]
    assert_same(moved, network.activations(images, [runner.deep])[runner.deep], rtol=1e-6)


@pytest.mark.parametrize("kind", ["class", "layers"])
def test_a_dream_climbs_what_it_dreams_of(network: Network, runner: Runner, kind: str) -> None:
    if kind == "class" and not runner.climbs_classes:
        pytest.skip("its weights are made up")
    names = [network.class_layer or ""] if kind == "class" else [runner.deep, runner.shallow]
    targets = {"classes": {"3": 1}} if kind == "class" else {"layers": dict.fromkeys(names, 1)}
    picture = pictures(56, 72)[0].permute(1, 2, 0).numpy()
    dreamer = Dreamer(network, targets, octaves=2, iterations=3, step_size=4, border_px=16, device="cpu")
    dream = np.asarray(dreamer.dream(picture))
    dense = network.dense() if kind == "class" else network

    def seen(image: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
        planes = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None]
        values = dense.activations(planes, names)
        return sum(float(v[:, 3].mean() if kind == "class" else v.square().mean()) for v in values.values())

    assert seen(dream) > seen(picture)
    again = Dreamer(network, targets, octaves=2, iterations=3, step_size=4, border_px=16, device="cpu")
    np.testing.assert_allclose(again.dream(picture), dream, atol=2e-3)

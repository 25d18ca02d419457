"""The network slides over the picture: shifts that differ by its stride are one and the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.gradient.joint import JointGradient
from lucidreel.dream.gradient.network import NetworkGradient
from lucidreel.dream.objectives.build import build_objective
from lucidreel.dream.targets.kinds.classes import ClassTarget
from lucidreel.dream.targets.kinds.layers import LayerTarget
from lucidreel.dream.targets.resolve import resolve_targets
from lucidreel.dream.targets.targets import Targets
from lucidreel.dream.tiling.tiling import Dense, Tiling
from lucidreel.dream.transforms.view import View
from lucidreel.models.network import Network
from lucidreel.models.zoo.registry import load_network

from .plain_gradient import PlainGradient, options

CPU = torch.device("cpu")
SIZE = (48, 64)
JELLYFISH = Targets(classes={"jellyfish": 1.0})
PALETTE = Targets(palette=["jellyfish", "goldfish", "umbrella"])


class Sliding(PlainGradient):
    """A gradient that repeats itself with a period; None for one that does not."""

    def __init__(self, period_px: int | None) -> None:
        super().__init__()
        self.period_px = period_px
        self.stride = period_px or 1


def tiling_of(network: Network | Sequence[Network], targets: Targets, border_px: int | None = None) -> Tiling:
    config = DreamConfig(octaves=1, precision="fp32", border_px=border_px)
    return Dreamer(network, targets, config, CPU).objectives[0].tiling


def exact_gradient(network: Network, targets: Targets) -> NetworkGradient:
    """Return a gradient in float64: in float32, fast convolutions round by where in the view a pixel lies."""
    dense, objective = build_objective(resolve_targets(targets, network, 0), network)
    return NetworkGradient(dense.to(CPU, torch.float64), objective, itemsize=8, memory_mib=4096)


def over_the_picture(gradient: NetworkGradient, picture: Tensor, view: View) -> Tensor:
    maps = gradient.prepare(picture, {})
    seen = {name: view.fill_map(whole) for name, whole in maps.items()}
    return gradient(view.fill(picture), (1.0,), seen)[(..., *view.over_picture)]


def apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).norm() / one.norm())


@pytest.fixture(scope="module")
def photo(shared: Path) -> Tensor:
    with Image.open(shared / "photos" / "flowers.jpg") as image:
        small = image.convert("RGB").resize((SIZE[1], SIZE[0]))
    return torch.from_numpy(np.asarray(small, np.float32) / 255).permute(2, 0, 1)[None]


def real_networks(shared: Path) -> Iterator[tuple[Network, Targets, int]]:
    """Yield networks with what they dream of, and their strides."""
    squeezenet = load_network(shared / "models" / "squeezenet_v1.0")
    yield squeezenet, Targets(layers={"fire8/concat": 1.0}), 8
    yield squeezenet, JELLYFISH, 16
    google = load_network(shared / "models" / "definitions" / "bvlc_googlenet.prototxt", random_seed=0)
    yield google, Targets(layers={"inception_4c/output": 1.0}), 16
    yield load_network("bestiary"), Targets(classes={"frog": 1.0}), 16


def test_a_shift_and_what_is_left_of_it_by_the_stride_have_the_same_gradient(
    shared: Path, photo: Tensor
) -> None:
    """Where the border is as wide as the network looks; a shift that leaves something else has another."""
    for network, targets, stride in real_networks(shared):
        gradient = exact_gradient(network, targets)
        assert gradient.period_px == stride
        border = -(-gradient.halo // stride) * stride
        size = (SIZE[0] + 2 * border + 2 * stride, SIZE[1] + 2 * border + 2 * stride)
        short, long, other = (
            over_the_picture(gradient, photo, View(SIZE, size, (border + y, border + x)))
            for y, x in ((3, 5), (3 + 2 * stride, 5 + stride), (3, 6))
        )
        assert apart(short, long) < 1e-5, targets
        assert apart(short, other) > 1e-2, targets


def test_networks_of_several_strides_repeat_together(shared: Path, photo: Tensor) -> None:
    networks = [load_network(shared / "models" / "squeezenet_v1.0"), load_network("bestiary")]
    layers = [LayerTarget("fire8/concat", network="squeezenet_v1.0")]
    targets = Targets(layers=layers, classes=[ClassTarget("frog", network="bestiary")])
    tiling = tiling_of(networks, targets)
    assert [part.period_px for part in tiling.gradient.parts] == [8, 16]
    assert tiling.gradient.period_px == 16


@pytest.mark.parametrize(("period", "room"), [(1, 0), (8, 7), (16, 15), (64, 32), (None, 32)])
def test_the_view_has_room_for_the_shifts_that_differ(period: int | None, room: int) -> None:
    tiling = Dense(Sliding(period), options(tile=48, border_px=10))
    views = [next(iter(tiling.views((90, 120), 32, (y, 32 - y), 0))) for y in range(33)]
    before = {view.before for view in views}
    assert len(before) == room + 1
    assert len({view.size for view in views}) == 1
    for view in views:
        for length, size, start in zip((90, 120), view.size, view.before, strict=True):
            assert start >= 10 and size - start - length >= 10
            assert size - length - 20 - room < (period or 1)  # no more than rounding asks for


def test_a_small_pictures_view_is_as_large_as_one_cell_looks_and_no_larger(shared: Path) -> None:
    """SqueezeNet was made for 227 px; fire8 sees 107 px of them at once, its windows all."""
    network = load_network(shared / "models" / "squeezenet_v1.0")
    for targets, sides in ((Targets(layers={"fire8/concat": 1.0}), (120, 120)), (PALETTE, (288, 288))):
        tiling = tiling_of(network, targets)
        (view,) = tiling.views((16, 16), 32, (0, 0), 0)
        assert view.size == sides
        (view,) = tiling_of(network, targets, border_px=0).views((16, 16), 32, (0, 0), 0)
        assert view.size == ((120, 120) if sides == (120, 120) else (240, 240))


def test_shifts_shorter_than_the_stride_stay_as_they_are() -> None:
    tiling = Dense(Sliding(16), options(tile=48, border_px=10))
    places = [next(iter(tiling.views((90, 120), 5, (shift, 0), 0))).before[0] for shift in range(6)]
    assert places == list(range(places[0], places[0] + 6))


def test_a_network_that_repeats_beside_one_that_does_not_never_repeats() -> None:
    assert JointGradient([Sliding(8), Sliding(12)], [1.0, 1.0]).period_px == 24
    assert JointGradient([Sliding(8), Sliding(None)], [1.0, 1.0]).period_px is None

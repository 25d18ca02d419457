"""Classes that live in regions: a map acts on the network's scores, and so on what is dreamt where."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.gradient.network import NetworkGradient
from lucidreel.dream.maps import computed_map, regions_wanted
from lucidreel.dream.objectives.build import build_objective
from lucidreel.dream.targets.regions import read_region
from lucidreel.dream.targets.resolve import resolve_targets
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.network import Network
from lucidreel.models.zoo.registry import load_network

Frame = NDArray[np.float32]
CPU = torch.device("cpu")
SHORT = {
    "octaves": 2,
    "iterations": 6,
    "border_px": 16,
    "jitter_px": 8,
    "step_size": 2.0,
    "precision": "fp32",
}
LEFT, RIGHT = "band:0-0.5", "band:0.5-1"


def dreamt(network: Network, picture: Frame, classes: dict[str, float], **keys: object) -> Frame:
    """Return a short dream; maps are computed."""
    targets, config = Targets(classes=classes), DreamConfig.model_validate({**SHORT, **keys})
    maps = {region.name: computed_map(region, picture) for region in regions_wanted(targets, config)}
    return Dreamer(network, targets, config, CPU).dream(picture, maps=maps)


def change(dream: Frame, picture: Frame) -> Frame:
    """Return the mean change of every column, in levels of 255."""
    columns: Frame = np.abs(dream - picture).mean(axis=(0, 1)) * 255
    return columns


@pytest.fixture
def wide() -> Frame:
    """A smooth coloured picture of 240 x 64 pixels."""
    y, x = np.mgrid[0:64, 0:240].astype(np.float32) / 80
    return np.stack([0.4 + 0.2 * np.sin(3 * x), 0.5 + 0.2 * np.sin(6 * y), 0.5 + 0.2 * np.sin(5 * x * y)])


def test_a_map_weighs_every_score_by_its_mean_over_the_cell(network: Network) -> None:
    """Cells of the tiny network are 4 px apart: cell i is centred on pixel 4 i + 2 (see `terms.cells`)."""
    dense, objective = build_objective(
        resolve_targets(Targets(classes={"goldfish@water.png": 2.0}), network, 0), network
    )
    picture = torch.rand(1, 3, 48, 48, generator=torch.Generator().manual_seed(1))
    (term,) = objective.terms
    scores = dense.activations(picture, term.layers)[term.layers[0]]
    assert scores.shape == (1, 1, 12, 12)
    whole = torch.rand(1, 1, 48, 48, generator=torch.Generator().manual_seed(2))
    boxes = whole.reshape(12, 4, 12, 4).mean(dim=(1, 3))
    expected = 2.0 * float((scores[0, 0] * boxes).sum())
    activations = {term.layers[0]: scores}
    assert float(objective.value(activations, (2.0,), {"water.png": whole})) == pytest.approx(
        expected, rel=1e-4
    )


def test_a_map_reaches_the_gradient_only_as_far_as_its_cells_see(network: Network) -> None:
    dense, objective = build_objective(
        resolve_targets(Targets(classes={"goldfish@x.png": 1.0}), network, 0), network
    )
    picture = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(1)).requires_grad_()
    spot = torch.zeros(1, 1, 96, 96)
    spot[..., 48:52, 48:52] = 1
    value = objective.value(dense.activations(picture, objective.layers), (1.0,), {"x.png": spot})
    (gradient,) = torch.autograd.grad(value, picture)
    touched = gradient[0].abs().amax(0).nonzero()
    # One 3 x 3 convolution over cells of 4 px, over a pool of 3 and a convolution of 5, both with stride 2.
    assert touched.min() >= 36 and touched.max() <= 64
    assert len(touched) > 100


def test_two_classes_each_keep_to_their_half(network: Network, wide: Frame) -> None:
    both = dreamt(network, wide, {f"goldfish@{LEFT}": 1.0, f"umbrella@{RIGHT}": 1.0})
    scores = network.dense(averaged=False).activations(torch.from_numpy(both)[None], ["score"])["score"][0]
    before = network.dense(averaged=False).activations(torch.from_numpy(wide)[None], ["score"])["score"][0]
    gained = (scores - before)[[0, 4]].detach()
    third = gained.shape[-1] // 3
    left, right = gained[..., :third].mean((1, 2)), gained[..., -third:].mean((1, 2))
    assert left[0] > 10 > 5 > right[0] and right[1] > 10 > 5 > left[1]


@pytest.mark.parametrize("tiles", ["dense", "grid", "spiral", "random"])
def test_a_class_stays_in_its_region_in_every_tiling(network: Network, wide: Frame, tiles: str) -> None:
    columns = change(dreamt(network, wide, {"goldfish@band:0-0.3": 1.0}, tiles=tiles), wide)
    assert columns[:60].mean() > 1
    assert columns[150:].max() < 0.05 * columns[:60].mean()


@pytest.mark.parametrize("share", [0.5, 0.25])
def test_a_class_in_a_part_dreams_there_as_strongly_as_everywhere(
    network: Network, wide: Frame, share: float
) -> None:
    inside = slice(0, int(240 * share) - 24)
    everywhere = change(dreamt(network, wide, {"goldfish": 1.0}, spectrum=0), wide)[inside].mean()
    part = change(dreamt(network, wide, {f"goldfish@band:0-{share}": 1.0}, spectrum=0), wide)[inside].mean()
    assert 0.7 < part / everywhere < 1.4


def test_terms_of_equal_weight_push_equally_where_each_of_them_is(network: Network, wide: Frame) -> None:
    config = DreamConfig.model_validate({**SHORT, "octaves": 1, "iterations": 1, "spectrum": 0})
    names = ("band:0-0.2", "band:0.4-1")
    targets = Targets(layers={f"conv2@{names[0]}": 1.0}, channels={f"conv1:3@{names[1]}": 1.0})
    maps = {name: computed_map(read_region(name), wide) for name in names}
    columns = change(Dreamer(network, targets, config, CPU).dream(wide, maps=maps), wide)
    assert 0.5 < columns[:40].mean() / columns[115:].mean() < 2


def test_where_a_map_is_black_all_over_nothing_is_dreamt(network: Network, wide: Frame) -> None:
    grey = np.full_like(wide, 0.5)
    still = dreamt(network, grey, {"goldfish@hue:200": 1.0})
    assert np.abs(still - grey).max() < 1e-5


def test_an_inverted_map_is_the_other_half(network: Network, wide: Frame) -> None:
    here = dreamt(network, wide, {f"goldfish@{RIGHT}": 1.0})
    inverse = dreamt(network, wide, {f"goldfish@!{LEFT}": 1.0})
    np.testing.assert_allclose(here, inverse, atol=1e-4)


def test_frames_cut_into_tiles_have_the_maps_of_the_whole(network: Network, wide: Frame) -> None:
    targets = Targets(classes={f"goldfish@{LEFT}": 1.0})
    maps = {LEFT: computed_map(read_region(LEFT), wide)}
    whole = Dreamer(network, targets, DreamConfig.model_validate(SHORT), CPU)
    cut = Dreamer(network, targets, DreamConfig.model_validate(SHORT), CPU)
    assert isinstance(cut.gradient, NetworkGradient)
    cut.gradient.max_pixels = 96 * 100
    assert len(cut.gradient.tiles_for(96, 272)) > 1
    first, second = whole.dream(wide, maps=maps), cut.dream(wide, maps=maps)
    assert np.abs(first - second).mean() * 255 < 0.2


@pytest.mark.parametrize("name", ["bestiary", "squeezenet_v1.0"])
def test_real_networks_see_the_class_of_each_half_there(name: str, shared: Path) -> None:
    """Judged by the network itself, in windows that lie in one half alone."""
    network = load_network("bestiary" if name == "bestiary" else shared / "models" / name)
    side = network.input_size[0]
    picture = np.full((3, side, 2 * side), 0.45, np.float32)
    picture += np.random.default_rng(1).normal(0, 0.02, picture.shape).astype(np.float32)
    keys = {"octaves": 3, "iterations": 8, "border_px": 48, "jitter_px": 16, "seed": 1}
    both = dreamt(network, picture, {f"jellyfish@{LEFT}": 1.0, f"mushroom@{RIGHT}": 1.0}, **keys)
    found = []
    for half in (both[:, :, :side], both[:, :, side:]):
        assert network.class_layer is not None
        scores = network.activations(torch.from_numpy(half.copy())[None], [network.class_layer])
        found.append(network.labels[int(scores[network.class_layer].flatten().argmax())].name)
    assert found == ["jellyfish", "mushroom"]

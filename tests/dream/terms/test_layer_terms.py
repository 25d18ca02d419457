"""Layers, channels, neurons and channels by strength, against numbers computed by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from lucidreel.dream.objective import ACROSS, DOWN, positions
from lucidreel.dream.targets.targets import Targets
from lucidreel.dream.terms.cells import CellGrid
from lucidreel.dream.terms.layers import ChannelTerm, LayerTerm, NeuronTerm
from lucidreel.dream.terms.mapped import CellMap
from lucidreel.dream.terms.strength import StrengthTerm, chosen
from lucidreel.models.network import Network

from .kinds import Prepare, picture_of

# Two channels of 2 x 3 cells, one cell per 2 x 2 pixels.
VALUE = torch.tensor([[[[1.0, 2, 3], [4, 5, 6]], [[-1, 0, 1], [2, 0, -2]]]])
GRID = CellGrid(stride=2, first=(0, 0))
COLUMNS = torch.tensor([1.0, 0.5, 0.0]).repeat_interleave(2).expand(1, 1, 4, 6).contiguous()


def test_layer_is_half_the_sum_of_squares_and_its_gradient_the_activation() -> None:
    leaf = VALUE.clone().requires_grad_(True)
    value = LayerTerm(1.0, "l").value({"l": leaf}, {})
    (gradient,) = torch.autograd.grad(value, leaf)
    assert value.item() == 0.5 * (1 + 4 + 9 + 16 + 25 + 36 + 1 + 1 + 4 + 4)
    assert torch.equal(gradient, VALUE)


def test_layer_with_a_map_counts_each_cell_by_it() -> None:
    value = LayerTerm(1.0, "l", where=CellMap("m", GRID)).value({"l": VALUE}, {"m": COLUMNS})
    assert float(value) == 0.5 * ((1 + 16 + 1 + 4) + 0.5 * (4 + 25))


def test_channels_are_summed_over_all_places() -> None:
    assert float(ChannelTerm(1.0, "l", (0,)).value({"l": VALUE}, {})) == 21
    assert float(ChannelTerm(1.0, "l", (0, 1)).value({"l": VALUE}, {})) == 21
    assert (
        float(ChannelTerm(1.0, "l", (1,), where=CellMap("m", GRID)).value({"l": VALUE}, {"m": COLUMNS}))
        == 1.0
    )


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ((0.5, 0.25), 2.0),  # the middle of a cell: that cell alone
        ((1 / 3, 0.25), 1.5),  # between two cells: half of each
        ((0.5, 0.5), 3.5),
        ((1 / 3, 0.5), 3.0),
    ],
)
def test_neuron_is_its_cell_or_what_lies_between_cells(place: tuple[float, float], expected: float) -> None:
    maps = positions(torch.zeros(1, 3, 4, 6))
    value = NeuronTerm(1.0, "l", 0, place, GRID).value({"l": VALUE}, maps)
    assert float(value) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("height", "width"), [(64, 96), (128, 192), (90, 134)])
@pytest.mark.parametrize("place", [(0.3, 0.6), (0.75, 0.25)])
def test_neuron_stays_at_its_place_at_every_size(
    prepare: Prepare, height: int, width: int, place: tuple[float, float]
) -> None:
    """The centre of the gradient lies within one cell (4 pixels) of the neuron's place."""
    picture = torch.full((1, 3, height, width), 0.5)
    aimed = prepare(Targets(neurons={f"conv1:3@{place[0]},{place[1]}": 1.0}), picture)
    leaf = picture_of(192, 192)[..., :height, :width].clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(aimed.value(leaf), leaf)
    mass = gradient.abs().sum(dim=(0, 1))
    down = float((mass.sum(1) * (torch.arange(height) + 0.5)).sum() / mass.sum())
    across = float((mass.sum(0) * (torch.arange(width) + 0.5)).sum() / mass.sum())
    assert across == pytest.approx(place[0] * width, abs=4)
    assert down == pytest.approx(place[1] * height, abs=4)


def test_neuron_under_a_turn_keeps_its_size() -> None:
    """A quarter turn swaps the axes: as much of the picture belongs to the neuron as before."""
    maps = positions(torch.zeros(1, 3, 6, 6))
    turned = {name: whole.rot90(1, (-2, -1)) for name, whole in maps.items()}
    value = torch.ones(1, 1, 3, 3)
    term = NeuronTerm(1.0, "l", 0, (0.5, 0.5), GRID)
    assert float(term.value({"l": value}, turned)) == pytest.approx(float(term.value({"l": value}, maps)))
    assert float(term.value({"l": value}, maps)) == pytest.approx(1.0, abs=1e-5)


def test_neuron_of_a_picture_one_pixel_wide_is_finite() -> None:
    whole = positions(torch.zeros(1, 3, 8, 1))
    maps = {name: each.expand(1, 1, 8, 8) for name, each in whole.items()}
    assert set(maps) == {ACROSS, DOWN}
    value = NeuronTerm(1.0, "l", 0, (0.5, 0.5), GRID).value({"l": torch.ones(1, 1, 4, 4)}, maps)
    assert bool(value.isfinite())


@pytest.mark.parametrize(
    ("end", "count", "expected"),
    [
        ("strongest", 2, (1, 4)),
        ("weakest", 2, (2, 3)),  # not the silent one
        ("average", 1, (3,)),  # the mean is 2.2
        ("weakest", 5, (0, 1, 2, 3, 4)),
    ],
)
def test_channels_by_strength_are_the_expected_ones(end: str, count: int, expected: tuple[int, ...]) -> None:
    assert chosen([0.0, 5.0, 1.0, 2.0, 3.0], end, count) == expected


@pytest.mark.parametrize("end", ["strongest", "weakest", "average"])
def test_strength_is_the_mean_of_the_positive_part(prepare: Prepare, network: Network, end: str) -> None:
    picture = picture_of(64, 80)
    aimed = prepare(Targets(channels={f"conv2:{end}:3": 1.0}), picture)
    strengths = network.activations(picture, ["conv2"])["conv2"].clamp(min=0).mean(dim=(0, 2, 3))
    mean = float(strengths.mean())
    keys = {"strongest": -strengths, "weakest": strengths, "average": (strengths - mean).abs()}
    silent = (strengths <= 0).float() * 1e6
    expected = tuple(sorted((keys[end] + silent).argsort()[:3].tolist()))
    (term,) = aimed.objective.terms
    assert isinstance(term, StrengthTerm)
    assert term.channels == expected


def test_strength_with_a_map_asks_only_where_it_is_light(prepare: Prepare, network: Network) -> None:
    """On a small picture too, which is looked at with its mirror image around it."""
    for size in ((96, 96), (32, 32)):
        picture = torch.cat([picture_of(size[0], size[1] // 2), picture_of(size[0], size[1] // 2, 9)], dim=3)
        where = torch.zeros(1, 1, *size)
        where[..., : size[1] // 2] = 1
        targets = Targets(channels={"conv2:strongest:2@left.png": 1.0})
        (term,) = prepare(targets, picture, {"left.png": where}).objective.terms
        other = picture.clone()
        other[..., size[1] // 2 + 12 :] = 0.5
        (same,) = prepare(targets, other, {"left.png": where}).objective.terms
        assert isinstance(term, StrengthTerm)
        assert isinstance(same, StrengthTerm)
        assert term.channels == same.channels


def test_unprepared_strength_says_so() -> None:
    term = StrengthTerm(1.0, "l", "strongest", 1)
    with pytest.raises(ValueError, match="prepared"):
        term.value({"l": VALUE}, {})
    assert float(replace(term, channels=(0,)).value({"l": VALUE}, {})) == 21

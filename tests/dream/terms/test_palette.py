"""The palette: every region becomes the member of the set that the network already sees there most."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from lucidreel.dream.objectives.build import build_objective
from lucidreel.dream.targets.resolve import resolve_targets
from lucidreel.dream.targets.targets import Targets
from lucidreel.dream.terms.palette import PaletteTerm, scores_around, shared_out
from lucidreel.models.network import Network
from lucidreel.models.zoo.registry import load_network

from .kinds import Prepare, picture_of


def test_each_place_goes_to_the_member_seen_there_most() -> None:
    scores = torch.tensor([[[[9.0, 1.0, 1.0]], [[1.0, 9.0, 1.0]], [[0.0, 0.0, 8.0]]]])
    assert shared_out(scores).argmax(1)[0, 0].tolist() == [0, 1, 2]
    assert torch.allclose(shared_out(scores).sum(1), torch.ones(1, 1, 3))


def test_member_that_scores_high_on_anything_does_not_take_all() -> None:
    """10 and 11 everywhere is a bias; 3 where it is else 0 is something seen."""
    everywhere, somewhere = [10.0, 11.0, 10.0, 11.0], [8.0, 0.0, 0.0, 0.0]
    choice = shared_out(torch.tensor([[[everywhere], [somewhere]]]))
    assert choice.argmax(1)[0, 0].tolist() == [1, 0, 0, 0]


def test_member_that_is_really_everywhere_keeps_most_of_it() -> None:
    """A bed of daisies stays daisies: all the mean taken off, half of it would go to others."""
    daisies, cats = [14.0, 12.0, 13.0, 12.0, 14.0, 2.0], [2.0, 3.0, 2.0, 3.0, 2.0, 3.0]
    choice = shared_out(torch.tensor([[[daisies], [cats]]]))
    assert choice.argmax(1)[0, 0].tolist() == [0, 0, 0, 0, 0, 1]


def test_choice_is_as_sharp_for_a_network_of_small_scores() -> None:
    scores = torch.randn(1, 4, 6, 6, generator=torch.Generator().manual_seed(3))
    assert torch.allclose(shared_out(scores * 100), shared_out(scores), atol=1e-4)
    assert torch.equal(shared_out(torch.zeros(1, 2, 3, 3)), torch.full((1, 2, 3, 3), 0.5))


def test_value_is_the_scores_of_the_members_that_have_the_place(prepare: Prepare) -> None:
    """One member has the left half, the other the right one; the second pulls half as hard."""
    targets = Targets(palette={"goldfish": 2.0, "jellyfish": 1.0})
    picture = picture_of(64, 128)
    aimed = prepare(targets, picture)
    (term,) = aimed.objective.terms
    assert isinstance(term, PaletteTerm)
    choice = torch.zeros(1, 2, 3, 8)
    choice[:, 0, :, :4], choice[:, 1, :, 4:] = 1, 1
    term = PaletteTerm(term.weight, term.layer, term.members, term.grid, choice=choice)
    scores = torch.ones(1, 2, 5, 21)
    scores[:, 1] = 10.0
    across = aimed.maps["@across"]
    value = float(term.value({term.layer: scores}, aimed.maps))
    share = float((across < 0.5).float().mean())
    assert term.weight == 2.0
    assert share == 0.5
    # Of 21 columns of windows the middle one is shared, and 10 lie on either side.
    assert value == pytest.approx(5 * (10.5 * 1 + 10.5 * 10 * 0.5), rel=0.02)


def test_grid_of_windows_reaches_from_edge_to_edge(network: Network) -> None:
    dense, objective = build_objective(resolve_targets(Targets(palette={"0-1": 1.0}), network, 0), network)
    (term,) = objective.terms
    assert isinstance(term, PaletteTerm)
    scores = scores_around(dense, picture_of(64, 128), term.layer, term.grid.stride)
    assert scores.shape[-2:] == (3 * 48 // 4 + 1, 3 * 96 // 4 + 1)


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (8, 4000), (4000, 8), (2000, 3000)])
def test_look_at_any_shape_of_picture_is_bounded(network: Network, size: tuple[int, int]) -> None:
    seen: list[int] = []

    class Counting:
        input_size = network.input_size

        def activations(self, images: Tensor, layers: tuple[str, ...]) -> dict[str, Tensor]:
            seen.append(math.prod(images.shape[-2:]))
            return network.activations(images, layers)

    scores_around(Counting(), torch.rand(1, 3, *size), "classes", 4)  # type: ignore[arg-type]
    assert seen[0] < 2_000_000 * 2


def palette_of(network: Network, members: str, picture: Tensor) -> tuple[list[str], Tensor]:
    """Return the members' names and their shares of a picture's places."""
    resolved = resolve_targets(Targets(palette={members: 1.0}), network, 0)
    dense, objective = build_objective(resolved, network)
    prepared, _ = objective.prepared(dense.to(torch.device("cpu"), torch.float32), picture, {})
    (term,) = prepared.terms
    assert isinstance(term, PaletteTerm)
    assert term.choice is not None
    by_channel = sorted(index for found in resolved.weights for index in found.classes)
    return [network.labels[by_channel[channel]].name for channel, _ in term.members], term.choice[0]


def test_squeezenet_gives_the_puppy_to_the_dog_and_the_kitten_to_the_cat(shared: Path) -> None:
    """Two cuts of a photo side by side: the puppy on the left, the kitten on the right."""
    photo = Image.open(shared / "photos" / "dog_cat.jpg").convert("RGB")
    left, right = photo.crop((120, 40, 330, 340)), photo.crop((330, 130, 480, 345))
    both = Image.new("RGB", (600, 400))
    both.paste(left.resize((300, 400)), (0, 0))
    both.paste(right.resize((300, 400)), (300, 0))
    picture = torch.from_numpy(np.asarray(both, np.float32).transpose(2, 0, 1).copy() / 255)[None]

    network = load_network(shared / "models" / "squeezenet_v1.0")
    names, choice = palette_of(network, "golden retriever,tabby,umbrella,goldfish", picture)
    columns = choice.shape[-1]
    left_has = choice[..., : columns // 2 - 4].mean(dim=(1, 2))
    right_has = choice[..., columns // 2 + 5 :].mean(dim=(1, 2))
    assert names[int(left_has.argmax())] == "golden retriever"
    assert names[int(right_has.argmax())] == "tabby"
    assert float(left_has.max()) > 0.6
    assert float(right_has.max()) > 0.6

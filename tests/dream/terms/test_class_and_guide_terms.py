"""Class scores and guides, against numbers computed by hand and by brute force."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lucidreel.dream.targets.targets import Targets
from lucidreel.dream.terms.cells import CellGrid
from lucidreel.dream.terms.classes import ClassShare, ClassTerm
from lucidreel.dream.terms.guide import GuideTerm, best_matches, read_guide
from lucidreel.dream.terms.mapped import CellMap
from lucidreel.errors import InputNotFoundError, MediaError

from .kinds import Prepare, picture_of

SCORES = torch.arange(12.0).reshape(1, 6, 1, 2)  # class k scores 2k in the left window, 2k + 1 in the right
GRID = CellGrid(stride=2, first=(0, 0))
LEFT = torch.tensor([[[[1.0, 1, 0, 0]] * 2]])


def test_classes_are_summed_with_their_shares_over_windows() -> None:
    shares = (ClassShare(1, 0.75), ClassShare(3, -0.25))
    assert float(ClassTerm(1.0, "s", shares).value({"s": SCORES}, {})) == 0.75 * (2 + 3) - 0.25 * (6 + 7)


def test_many_classes_are_summed_like_few() -> None:
    shares = tuple(ClassShare(channel, 0.1 * channel) for channel in range(6))
    expected = sum(0.1 * channel * (4 * channel + 1) for channel in range(6))
    assert float(ClassTerm(1.0, "s", shares).value({"s": SCORES}, {})) == pytest.approx(expected)


def test_class_with_a_map_counts_where_the_map_is_light() -> None:
    term = ClassTerm(1.0, "s", (ClassShare(1, 0.5), ClassShare(3, 0.5)), where=CellMap("left.png", GRID))
    assert float(term.value({"s": SCORES}, {"left.png": LEFT})) == 0.5 * 2 + 0.5 * 6


def test_shares_follow_the_weights_and_add_up_to_one(prepare: Prepare) -> None:
    targets = Targets(classes={"goldfish": 3.0, "umbrella": -1.0})
    (term,) = prepare(targets, picture_of(64, 80)).objective.terms
    assert isinstance(term, ClassTerm)
    assert {share.share for share in term.shares} == {0.75, -0.25}
    assert term.weight == 4.0


def test_negative_weight_goes_down_the_same_slope(prepare: Prepare) -> None:
    picture = picture_of(64, 80)
    values = [prepare(Targets(classes={"1": weight}), picture).value(picture) for weight in (1.0, -1.0)]
    assert float(values[0]) == -float(values[1]) != 0


@pytest.mark.parametrize("count", [11, 4000])
def test_best_match_equals_brute_force(count: int) -> None:
    """Of whole numbers, whose products are exact; 4000 features are matched with few places at once."""
    random = torch.Generator().manual_seed(7)
    value = torch.randint(-99, 100, (2, 5, 26, 27), generator=random).float()
    features = torch.randint(-99, 100, (count, 5), generator=random).float()
    matches = best_matches(value, features)
    highest = torch.einsum("bcyx,fc->byxf", value, features).amax(dim=3)
    assert torch.equal((value * matches).sum(dim=1), highest)
    known = {tuple(feature) for feature in features.tolist()}
    assert {tuple(place) for place in matches.permute(0, 2, 3, 1).reshape(-1, 5).tolist()} <= known


def test_guide_pulls_every_place_to_its_best_match() -> None:
    features = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    value = torch.tensor([[[[3.0, 1.0]], [[1.0, 1.0]]]]).requires_grad_(True)  # places (3, 1) and (1, 1)
    term = GuideTerm(1.0, "l", torch.zeros(1, 3, 4, 4), features=features)
    total = term.value({"l": value}, {})
    (gradient,) = torch.autograd.grad(total, value)
    assert total.item() == 3 + 2
    assert gradient[0, :, 0].t().tolist() == [[1.0, 0.0], [0.0, 2.0]]


def test_guide_dreamt_of_itself_is_its_own_best_match(prepare: Prepare, guide_file: Path) -> None:
    """Where features have one length, nothing resembles a place more than that place of the guide."""
    aimed = prepare(Targets(guides={f"{guide_file}@conv2": 1.0}), picture_of(64, 80))
    (term,) = aimed.objective.terms
    assert isinstance(term, GuideTerm)
    assert term.features is not None
    unit = torch.nn.functional.normalize(term.features, dim=1)
    value = unit.t().reshape(1, unit.shape[1], 1, -1)
    assert torch.allclose(best_matches(value, unit), value, atol=1e-4)


def test_guide_is_looked_at_once_for_a_film(prepare: Prepare, guide_file: Path) -> None:
    aimed = prepare(Targets(guides={f"{guide_file}@conv2": 1.0}), picture_of(64, 80))
    again, _ = aimed.objective.prepared(aimed.network, picture_of(64, 80, seed=2), {})
    assert again.terms[0] is aimed.objective.terms[0]


def test_without_a_layer_guides_are_compared_where_a_cell_is_eight_pixels(
    prepare: Prepare, guide_file: Path
) -> None:
    (term,) = prepare(Targets(guides={str(guide_file): 1.0}), picture_of(64, 80)).objective.terms
    assert isinstance(term, GuideTerm)
    assert term.layer == "classes"  # the last layer that is still a map, at four pixels a cell


@pytest.mark.parametrize(
    ("size", "expected"),
    [((60, 48), (48, 60)), ((480, 960), (96, 48)), ((12, 12), (48, 48))],
)
def test_guide_is_scaled_to_the_network(
    tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    """Its shorter side is the input's."""
    path = tmp_path / "guide.png"
    Image.new("RGB", size, (255, 0, 0)).save(path)
    pixels = read_guide(path, (48, 48))
    assert pixels.shape == (1, 3, *expected)
    assert pixels[0, :, 0, 0].tolist() == [1.0, 0.0, 0.0]


def test_a_strip_of_a_guide_is_bounded(tmp_path: Path) -> None:
    """It is smaller than the input, with its mirror image above and below."""
    Image.new("RGB", (60_000, 10)).save(tmp_path / "strip.png")
    pixels = read_guide(tmp_path / "strip.png", (224, 224))
    assert pixels.shape[-2] == 224
    assert pixels.shape[-1] * 18 < 2_100_000


def test_guides_that_are_no_pictures_say_so(tmp_path: Path) -> None:
    (tmp_path / "bees.png").write_bytes(b"\x89PNG\r\n\x1a\n torn")
    with pytest.raises(MediaError, match=r"the guide bees.png cannot be read"):
        read_guide(tmp_path / "bees.png", (48, 48))
    with pytest.raises(InputNotFoundError, match=r"the guide .*bes.png does not exist. Nearest: bees.png"):
        read_guide(tmp_path / "bes.png", (48, 48))
    with pytest.raises(InputNotFoundError, match="is not a picture file"):
        read_guide(tmp_path, (48, 48))


def test_deep_grey_guides_keep_their_levels(tmp_path: Path) -> None:
    Image.fromarray(np.full((48, 48), 32768, np.uint16)).save(tmp_path / "grey.png")
    assert float(read_guide(tmp_path / "grey.png", (48, 48)).mean()) == pytest.approx(0.5, abs=1e-3)

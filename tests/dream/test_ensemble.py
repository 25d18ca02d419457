"""Several networks that dream one picture: who dreams of what, and that it comes out in the dream."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.ensemble import Ensemble
from lucidreel.dream.gradient.network import NetworkGradient
from lucidreel.dream.objectives.octave_targets import check_targets
from lucidreel.dream.targets.sharing import share_out
from lucidreel.dream.targets.targets import Targets
from lucidreel.dream.terms.palette import PaletteTerm, chosen_together
from lucidreel.errors import ClassNotFoundError, LayerNotFoundError, TargetError
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.labels import Labels, parse_labels
from lucidreel.models.load import load_folder
from lucidreel.models.network import Network
from lucidreel.models.zoo.registry import read_outline

from .found import class_weights, weights

CPU = torch.device("cpu")
SHORT = DreamConfig(octaves=2, octave_scale=1.5, iterations=4, step_size=2.0, border_px=8, jitter_px=4)
Frame = NDArray[np.float32]

_OTHER = """
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 32 dim: 32 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
        convolution_param { num_output: 6 kernel_size: 3 stride: 2 pad: 1 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "mixed" type: "Convolution" bottom: "conv1" top: "mixed"
        convolution_param { num_output: 8 kernel_size: 3 stride: 4 } }
layer { name: "fc" type: "Convolution" bottom: "mixed" top: "fc"
        convolution_param { num_output: 4 kernel_size: 1 } }
layer { name: "pool" type: "Pooling" bottom: "fc" top: "pool"
        pooling_param { pool: AVE global_pooling: true } }
layer { name: "prob" type: "Softmax" bottom: "pool" top: "prob" }
"""


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> CaffeNetwork:
    """Four classes in another order, of which the first network knows three by one word or another."""
    folder: Path = tmp_path_factory.mktemp("nets") / "other"
    folder.mkdir()
    (folder / "deploy.prototxt").write_text(_OTHER)
    (folder / "labels.txt").write_text("jellyfish\neye, eyeball\nfish, goldfish\nparasol, umbrella\n")
    return load_folder(folder, random_seed=8)


@pytest.fixture
def both(network: CaffeNetwork, other: CaffeNetwork) -> Ensemble[Network]:
    return Ensemble.of([network, other])


def classes(ensemble: Ensemble[Network], table: dict[str, float]) -> list[dict[tuple[object, ...], float]]:
    return [class_weights(each) for each in share_out(Targets(classes=table), ensemble, 0).resolved]


def test_a_class_is_looked_up_by_name_in_each_network_and_shared_between_them(
    both: Ensemble[Network],
) -> None:
    assert classes(both, {"goldfish": 1.0}) == [{(0, ""): 0.5}, {(2, ""): 0.5}]
    assert classes(both, {"n00000003": 1.0}) == [{(2, ""): 0.5}, {(0, ""): 0.5}]
    assert classes(both, {"parasol": -1.0}) == [{(4, ""): -0.5}, {(3, ""): -0.5}]


def test_a_class_that_one_network_knows_is_its_alone_and_that_is_told(both: Ensemble[Network]) -> None:
    assert classes(both, {"eye": 1.0, "jellyfish@water.png": 2.0}) == [
        {(2, "water.png"): 1.0},
        {(1, ""): 1.0, (0, "water.png"): 1.0},
    ]
    told = share_out(Targets(classes={"eye": 1.0, "jellyfish": 2.0}), both, 0).description
    assert told == "eye (other alone) + 2 jellyfish"


def test_numbers_and_ranges_count_in_the_first_network(both: Ensemble[Network]) -> None:
    assert classes(both, {"0-1": 1.0}) == [{(0, ""): 0.5, (1, ""): 1.0}, {(2, ""): 0.5}]
    with pytest.raises(ClassNotFoundError, match="has classes 0 to 4"):
        classes(both, {"5": 1.0})


def test_draws_take_what_all_networks_know(both: Ensemble[Network]) -> None:
    drawn = classes(both, {"random:3": 1.0})
    assert {index for index, _ in drawn[0]} == {0, 2, 4}
    assert {index for index, _ in drawn[1]} == {2, 0, 3}
    by_chance = share_out(Targets(), both, 3).resolved
    assert [len(class_weights(each)) for each in by_chance] == [1, 1]


def test_a_class_or_a_draw_can_be_one_networks(both: Ensemble[Network]) -> None:
    assert classes(both, {"other::goldfish": 1.0}) == [{}, {(2, ""): 1.0}]
    first, second = classes(both, {"other::random:4": 1.0})
    assert (first, len(second)) == ({}, 4)


def test_a_word_stays_what_the_first_network_that_knows_it_calls_so(network: CaffeNetwork) -> None:
    """Two cranes: ids tell them apart, where both networks have ids."""
    cranes = [
        parse_labels(["n00000001 crane", "n00000002 ship"]),
        parse_labels(["n00000003 ship", "n00000009 crane", "n00000001 bird, crane"]),
    ]
    labelled = Ensemble.of([_labelled(network, labels) for labels in cranes])
    assert classes(labelled, {"crane": 1.0}) == [{(0, ""): 0.5}, {(2, ""): 0.5}]
    assert classes(labelled, {"ship": 1.0}) == [{(1, ""): 1.0}, {}]


def _labelled(network: CaffeNetwork, labels: Labels) -> Network:
    return CaffeNetwork(
        network.name, network.graph, network.weights, labels=labels, class_layer=network.class_layer
    )


def test_layers_go_to_the_network_that_has_them(both: Ensemble[Network]) -> None:
    targets = Targets(
        layers={"conv2": 1.0, "mixed": 0.5}, channels={"mixed:3": 1.0, "conv2:strongest:2": 1.0}
    )
    first, second = share_out(targets, both, 0).resolved
    assert weights(first, "layers") == {("conv2", ""): 1.0}
    assert weights(second, "layers") == {("mixed", ""): 0.5}
    assert weights(second, "channels") == {("mixed", 3, ""): 1.0}
    assert weights(first, "channels") == {("conv2", "strongest", 2, ""): 1.0}


def test_a_layer_of_several_networks_is_refused_with_the_way_to_say_whose(both: Ensemble[Network]) -> None:
    first = both.members[0].name
    with pytest.raises(TargetError, match=re.escape(f"{first}::conv1:3@0.1,0.2 or other::conv1:3@0.1,0.2")):
        share_out(Targets(neurons={"conv1:3@0.1,0.2": 1.0}), both, 0)
    resolved = share_out(Targets(neurons={"other::conv1:3@0.1,0.2": 1.0}), both, 0).resolved
    assert [len(weights(each, "neurons")) for each in resolved] == [0, 1]


@pytest.mark.parametrize(
    ("targets", "error", "words"),
    [
        (
            Targets(classes={"goldfsh": 1.0}),
            ClassNotFoundError,
            ["goldfsh", " or other", "Nearest: goldfish"],
        ),
        (
            Targets(layers={"mixd": 1.0}),
            LayerNotFoundError,
            ["neither", "nor other has a layer 'mixd'", "mixed"],
        ),
        (Targets(classes={"othr::eye": 1.0}), TargetError, ["'othr'", "Nearest: other", "They are called"]),
        (Targets(classes={"other::peacock": 1.0}), ClassNotFoundError, ["peacock"]),
        (Targets(classes={"goldfish": 0.0}), TargetError, ["all targets weigh 0"]),
        (Targets(palette={"eye": 1.0}), TargetError, ["palette of eye alone"]),
    ],
)
def test_what_no_network_has_is_an_error_that_names_them(
    both: Ensemble[Network], targets: Targets, error: type[TargetError], words: list[str]
) -> None:
    with pytest.raises(error) as caught:
        share_out(targets, both, 0)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_network_by_itself_may_be_named_too(network: CaffeNetwork) -> None:
    alone = Ensemble.of(network)
    word = f"{network.name}::goldfish"
    assert classes(alone, {word: 1.0}) == classes(alone, {"goldfish": 1.0})
    (guided,) = share_out(Targets(guides={f"bees.jpg@{network.name}::conv2": 1.0}), alone, 0).resolved
    assert list(weights(guided, "guides")) == [("bees.jpg", "conv2", "")]


def test_networks_of_one_name_are_told_apart(network: CaffeNetwork) -> None:
    names = [member.name for member in Ensemble.of([network, network, network])]
    assert names == [network.name, f"{network.name}#2", f"{network.name}#3"]


def test_outlines_tell_wrong_names_before_anything_is_loaded(shared: Path) -> None:
    outlines = Ensemble.of([read_outline("bestiary"), read_outline(shared / "models" / "squeezenet_v1.0")])
    check_targets(outlines, Targets(classes={"goldfish": 1.0, "eye": 1.0}), SHORT)
    with pytest.raises(ClassNotFoundError, match="bestiary or squeezenet"):
        check_targets(outlines, Targets(classes={"goldfsh": 1.0}), SHORT)
    with pytest.raises(TargetError, match="bestiary::conv1 or squeezenet"):
        check_targets(outlines, Targets(layers={"conv1": 1.0}), SHORT)


@pytest.mark.parametrize("tiles", ["dense", "grid", "spiral", "random"])
def test_both_networks_come_to_see_the_class(both: Ensemble[Network], picture: Frame, tiles: str) -> None:
    config = SHORT.model_copy(update={"tiles": tiles})
    dream = Dreamer(both, Targets(classes={"goldfish": 1.0}), config, CPU).dream(picture)
    for member, index in zip(both, (0, 2), strict=True):
        assert _score(member.network, dream, index) > _score(member.network, picture, index)


def _score(network: Network, picture: Frame, index: int) -> float:
    layer = network.class_layer
    assert layer is not None
    images = torch.from_numpy(picture)[None]
    return float(network.dense().activations(images, [layer])[layer].mean((0, 2, 3))[index])


def test_a_networks_weight_says_how_much_of_the_dream_is_its_own(
    both: Ensemble[Network], picture: Frame
) -> None:
    first, second = (member.network for member in both)
    dreams = [
        Dreamer(Ensemble.of([first, second], weights), Targets(classes={"jellyfish": 1.0}), SHORT, CPU)
        for weights in ([1.0, 0.01], [0.01, 1.0])
    ]
    ours, theirs = (dreamer.dream(picture) for dreamer in dreams)
    assert _score(first, ours, 2) > _score(first, theirs, 2)
    assert _score(second, theirs, 0) > _score(second, ours, 0)


def test_a_network_with_nothing_to_dream_of_leaves_the_dream_to_the_other(
    both: Ensemble[Network], picture: Frame
) -> None:
    targets = Targets(classes={"eye": 1.0})
    together = Dreamer(both, targets, SHORT, CPU).dream(picture)
    assert np.array_equal(together, Dreamer(both.members[1].network, targets, SHORT, CPU).dream(picture))


def test_octaves_may_dream_with_other_networks(both: Ensemble[Network], picture: Frame) -> None:
    own = [Targets(classes={"eye": 1.0}), Targets(layers={"conv2": 1.0})]
    dreamer = Dreamer(both, Targets(), SHORT.model_copy(update={"octave_targets": own}), CPU)
    assert dreamer.description.startswith("eye (other alone), then conv2")
    assert np.abs(dreamer.dream(picture) - picture).mean() > 0.005


def test_the_same_networks_and_seed_dream_the_same_picture(both: Ensemble[Network], picture: Frame) -> None:
    first, again = (Dreamer(both, Targets(), SHORT, CPU).dream(picture) for _ in range(2))
    assert np.array_equal(first, again)


def test_networks_choose_the_places_of_a_palette_together(both: Ensemble[Network], picture: Frame) -> None:
    """What members that both know have of a place is the same in both; what one alone knows is left out."""
    dreamer = Dreamer(both, Targets(palette={"goldfish,eye,jellyfish": 1.0}), SHORT, CPU)
    dreamer.dream(picture)
    first, second = (term for term in dreamer.gradient.objective.terms if isinstance(term, PaletteTerm))
    assert first.choice is not None and second.choice is not None
    assert len(first.members) == 2 and len(second.members) == 3
    places = [second.kinds.index(kind) for kind in first.kinds]
    assert torch.equal(first.choice, second.choice[:, places])
    assert torch.allclose(second.choice.sum(dim=1), torch.ones(()), atol=1e-5)


def test_shares_of_a_palette_are_averaged_over_those_who_know_the_member() -> None:
    """Two networks of one mind keep it; one that sees a member clearly outweighs one that is in doubt."""
    clear = torch.tensor([0.9, 0.1])[None, :, None, None]
    doubtful = torch.tensor([0.45, 0.55])[None, :, None, None]
    agreed = chosen_together([((7, 3), clear), ((7, 3), clear)])
    assert float(agreed[7]) == pytest.approx(0.9, abs=1e-4)
    mixed = chosen_together([((7, 3), clear), ((3, 7), doubtful.flip(1))])
    assert 0.6 < float(mixed[7]) < 0.9
    assert float(mixed[7] + mixed[3]) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    "targets", [{"classes": {"goldfish": 1.0}}, {"layers": {"conv2": 1.0, "mixed": 1.0}}]
)
def test_tiles_with_a_halo_give_the_joined_gradient_of_the_whole(
    both: Ensemble[Network], targets: dict[str, dict[str, float]]
) -> None:
    window = torch.rand(1, 3, 200, 240, generator=torch.Generator().manual_seed(1))
    field = Dreamer(both, Targets(**targets), SHORT, CPU).gradient
    whole = field(window, (1.0, 1.0))
    for part in field.parts:
        assert isinstance(part, NetworkGradient)
        part.max_pixels = 200 * 240 * 2 // 3
        assert len(part.tiles_for(200, 240)) > 1
    tiled = field(window, (1.0, 1.0))
    assert torch.allclose(tiled, whole, rtol=1e-3, atol=1e-4 * float(whole.abs().max()))

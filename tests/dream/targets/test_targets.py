"""Targets: names looked up in a network."""

from __future__ import annotations

import pytest
import torch

from lucidreel.dream.objectives.build import build_objective
from lucidreel.dream.targets.resolve import resolve_targets
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import ClassNotFoundError, LayerNotFoundError, TargetError
from lucidreel.models.caffe_network import CaffeNetwork

from ..found import class_weights, weights


def test_classes_are_found_by_synonym_wnid_index_and_range(network: CaffeNetwork) -> None:
    targets = Targets(classes={"Carassius auratus": 2.0, "n00000003": 1.0, "4": -0.5, "2-3": 1.0})
    assert class_weights(resolve_targets(targets, network, 0)) == {
        (0, ""): 2.0,
        (2, ""): 2.0,
        (4, ""): -0.5,
        (3, ""): 1.0,
    }


def test_random_classes_are_distinct_and_follow_the_seed(network: CaffeNetwork) -> None:
    targets = Targets(classes={"random:3": 1.0})
    drawn = [tuple(class_weights(resolve_targets(targets, network, seed))) for seed in range(8)]
    assert drawn == [tuple(class_weights(resolve_targets(targets, network, seed))) for seed in range(8)]
    assert all(len(set(classes)) == 3 for classes in drawn)
    assert len(set(drawn)) > 1


def test_without_any_target_one_class_is_drawn(network: CaffeNetwork) -> None:
    assert len(class_weights(resolve_targets(Targets(), network, 5))) == 1


def test_layers_and_channels_are_checked(network: CaffeNetwork) -> None:
    resolved = resolve_targets(Targets(layers={"conv2": 1.0}, channels={"conv1:11": 0.5}), network, 0)
    assert weights(resolved, "layers") == {("conv2", ""): 1.0}
    assert weights(resolved, "channels") == {("conv1", 11, ""): 0.5}


def test_description_reads_as_people_say_it(network: CaffeNetwork) -> None:
    targets = Targets(classes={"goldfish": 1.0, "jellyfish": -0.5}, layers={"conv2": 2.0})
    assert resolve_targets(targets, network, 0).describe(network) == "goldfish - 0.5 jellyfish + 2 conv2"


def test_entries_that_meet_add_their_weights(network: CaffeNetwork) -> None:
    targets = Targets(
        classes={"goldfish": 1.0, "0": 2.0, "goldfish@dark": 4.0},
        layers={"conv2": 1.0, " conv2": 1.0},
        channels={"conv1:3": 1.0, "conv1:03": 1.0, "conv1:strongest": 1.0, "conv1:strongest:10": 1.0},
        neurons={"conv1:3": 1.0, "conv1:3@0.5,0.5": 1.0},
        guides={"bees.jpg": 1.0, "bees.jpg@classes": 1.0},
    )
    resolved = resolve_targets(targets, network, 0)
    assert class_weights(resolved) == {(0, ""): 3.0, (0, "dark"): 4.0}
    assert weights(resolved, "layers") == {("conv2", ""): 2.0}
    assert weights(resolved, "channels") == {("conv1", 3, ""): 2.0, ("conv1", "strongest", 10, ""): 2.0}
    assert list(weights(resolved, "neurons").values()) == [2.0]
    assert list(weights(resolved, "guides").values()) == [2.0]


def test_class_layer_read_by_itself_beside_classes_keeps_all_its_channels(network: CaffeNetwork) -> None:
    """With a map and a neuron on it too: its cells are those of the dense network."""
    targets = Targets(classes={"peacock": 1.0}, channels={"score:4@dark": 1.0}, neurons={"score:0": 1.0})
    dense, objective = build_objective(resolve_targets(targets, network, 0), network)
    assert next(layer.channels for layer in dense.layers if layer.name == "score") == 5
    assert objective.layers == ("score",)
    assert objective.map_names == ("dark",)


@pytest.mark.parametrize("read", [{"channels": {"prob:3": 1.0}}, {"layers": {"prob": 1.0}}])
def test_a_layer_behind_the_scores_read_beside_classes_gets_the_scores_of_all(
    network: CaffeNetwork, read: dict[str, dict[str, float]]
) -> None:
    """A softmax over one class alone would be 1 whatever the picture."""
    targets = Targets.model_validate({"classes": {"peacock": 1.0}, **read})
    dense, objective = build_objective(resolve_targets(targets, network, 0), network)
    values = dense.activations(torch.rand(1, 3, 48, 48), objective.layers)
    assert values["prob"].shape[1] == 5 and float(values["prob"].std()) > 0


def test_only_the_wanted_classes_are_computed(network: CaffeNetwork) -> None:
    targets = Targets(classes={"peacock": 1.0}, palette={"goldfish,umbrella": 1.0})
    dense, _ = build_objective(resolve_targets(targets, network, 0), network)
    assert next(layer.channels for layer in dense.layers if layer.name == "score") == 3


def test_palettes_guides_and_neurons_are_told_in_words(network: CaffeNetwork) -> None:
    targets = Targets(
        palette={"goldfish,peacock": 1.0},
        channels={"conv1:weakest:3": 1.0},
        neurons={"conv1:3@0.2,0.7": -1.0},
        guides={"/far/away/bees.jpg@conv2@/far/water.png": 0.5},
    )
    assert resolve_targets(targets, network, 0).describe(network) == (
        "the nearest of goldfish, peacock + the 3 weakest channels of conv1 - conv1:3@0.2,0.7 "
        "+ 0.5 bees.jpg@conv2@water.png"
    )


@pytest.mark.parametrize(
    ("targets", "error", "message"),
    [
        (Targets(classes={"goldfihs": 1}), ClassNotFoundError, "goldfish"),
        (Targets(classes={"shark": 1}), ClassNotFoundError, "great white shark"),
        (Targets(classes={"5": 1}), ClassNotFoundError, "0 to 4"),
        (Targets(classes={"3-9": 1}), ClassNotFoundError, "0 to 4"),
        (Targets(classes={"3-1": 1}), ClassNotFoundError, "write 1-3"),
        (Targets(classes={"random:x": 1}), ClassNotFoundError, "random:3"),
        (Targets(classes={"goldfish,peacok": 1}), ClassNotFoundError, "'peacok'.*peacock"),
        (Targets(classes={"random:9": 1}), ClassNotFoundError, "5 classes"),
        (Targets(layers={"conv9": 1}), LayerNotFoundError, "conv"),
        (Targets(channels={"conv1:12": 1}), LayerNotFoundError, "channels 0 to 11"),
        (Targets(classes={"goldfish": 0}), TargetError, "nothing to dream of"),
        (Targets(palette={"goldfish": 1}), TargetError, "two classes or more"),
        (Targets(palette={"goldfish@dark": 1, "peacock": 1}), TargetError, "two classes or more"),
        (Targets(palette={"goldfish,peacok": 1}), ClassNotFoundError, "'peacok'.*peacock"),
        (Targets(channels={"conv1:weakest:13": 1}), LayerNotFoundError, "ask for 1 to 12"),
        (Targets(channels={"conv1:weakest:0": 1}), LayerNotFoundError, "ask for 1 to 12"),
        (Targets(channels={"conv9:weakest": 1}), LayerNotFoundError, "Nearest: conv"),
        (Targets(guides={"bees.jpg@conv9": 1}), LayerNotFoundError, "Nearest: conv"),
    ],
)
def test_unknown_target_is_named_with_what_there_is(
    network: CaffeNetwork, targets: Targets, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        resolve_targets(targets, network, 0)

"""Targets: names looked up in a network."""

from __future__ import annotations

import pytest

from lucidreel.dream.target_config import Targets
from lucidreel.dream.targets import resolve_targets
from lucidreel.errors import ClassNotFoundError, LayerNotFoundError, TargetError
from lucidreel.models.caffe_network import CaffeNetwork


def test_classes_are_found_by_synonym_wnid_index_and_range(network: CaffeNetwork) -> None:
    targets = Targets(classes={"Carassius auratus": 2.0, "n00000003": 1.0, "4": -0.5, "2-3": 1.0})
    assert resolve_targets(targets, network, 0).classes == {
        (0, ""): 2.0,
        (2, ""): 2.0,
        (4, ""): -0.5,
        (3, ""): 1.0,
    }


def test_random_classes_are_distinct_and_follow_the_seed(network: CaffeNetwork) -> None:
    targets = Targets(classes={"random:3": 1.0})
    drawn = [tuple(resolve_targets(targets, network, seed).classes) for seed in range(8)]
    assert drawn == [tuple(resolve_targets(targets, network, seed).classes) for seed in range(8)]
    assert all(len(set(classes)) == 3 for classes in drawn)
    assert len(set(drawn)) > 1


def test_without_any_target_one_class_is_drawn(network: CaffeNetwork) -> None:
    assert len(resolve_targets(Targets(), network, 5).classes) == 1


def test_layers_and_channels_are_checked(network: CaffeNetwork) -> None:
    resolved = resolve_targets(Targets(layers={"conv2": 1.0}, channels={"conv1:11": 0.5}), network, 0)
    assert resolved.layers == {("conv2", ""): 1.0}
    assert resolved.channels == {("conv1", 11, ""): 0.5}


def test_description_reads_as_people_say_it(network: CaffeNetwork) -> None:
    targets = Targets(classes={"goldfish": 1.0, "jellyfish": -0.5}, layers={"conv2": 2.0})
    assert resolve_targets(targets, network, 0).describe(network) == "goldfish - 0.5 jellyfish + 2 conv2"


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
        (Targets(channels={"conv1": 1}), LayerNotFoundError, "layer:number"),
        (Targets(classes={"goldfish": 0}), TargetError, "nothing to dream of"),
    ],
)
def test_unknown_target_is_named_with_what_there_is(
    network: CaffeNetwork, targets: Targets, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        resolve_targets(targets, network, 0)

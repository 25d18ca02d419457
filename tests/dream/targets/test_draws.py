"""Classes chosen at random: no class is drawn twice, and the same seed draws the same ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lucidreel.dream.targets.classes import draws_apart, read_classes
from lucidreel.dream.targets.find_classes import Draws, find_classes
from lucidreel.dream.targets.resolve import resolve_targets
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import ClassNotFoundError
from lucidreel.models.caffe_network import CaffeNetwork


@pytest.mark.parametrize("seed", range(4))
def test_a_single_draw_is_the_seeds_first_choice(seed: int, network: CaffeNetwork) -> None:
    expected = np.random.default_rng(seed).choice(5, 3, replace=False).tolist()
    assert list(find_classes(read_classes("random:3"), network, Draws(seed))) == expected


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "targets",
    [
        Targets(classes={"random:2": 1.0, "random:2#2": 1.0}),
        Targets(classes={"random:1": 1.0, "random:3": 1.0}),
        Targets(classes={"random:2@dark": 1.0, "random:2@!dark": 1.0}),
        Targets(classes={"random:2,random:2": 1.0}),
        Targets(classes={"random:2": 1.0}, palette={"random:2": 1.0}),
    ],
)
def test_every_further_draw_takes_others(seed: int, targets: Targets, network: CaffeNetwork) -> None:
    resolved = resolve_targets(targets, network, seed)
    drawn = [index for found in resolved.weights for index in found.classes]
    assert len(set(drawn)) == len(drawn) == 4
    assert set(resolved.weights.values()) == {1.0}
    assert resolve_targets(targets, network, seed) == resolved


def test_a_draw_may_be_pulled_and_another_pushed(network: CaffeNetwork) -> None:
    resolved = resolve_targets(Targets(classes={"random:1": 1.0, "random:1#2": -1.0}), network, 0)
    assert sorted(resolved.weights.values()) == [-1.0, 1.0]


def test_draws_of_more_classes_than_are_left_are_told(network: CaffeNetwork) -> None:
    with pytest.raises(
        ClassNotFoundError, match="5 classes, and the draws before it have taken 3, so ask for 1 to 2"
    ):
        resolve_targets(Targets(classes={"random:3": 1.0, "random:3#2": 1.0}), network, 0)
    with pytest.raises(ClassNotFoundError, match="have taken 5, so leave it out"):
        resolve_targets(Targets(classes={"random:5": 1.0, "random:1": 1.0}), network, 0)


def test_the_signs_of_all_classes_do_not_depend_on_the_draws_before(network: CaffeNetwork) -> None:
    draws, every = Draws(3), read_classes("random:all")
    find_classes(read_classes("random:2"), network, draws)
    assert find_classes(every, network, draws) == find_classes(every, network, Draws(3))


def test_draws_that_come_again_are_numbered() -> None:
    words = ["random:2", "eye", "random:2", "random:1", "random:2", "eye", "random:all", "random:all"]
    apart = draws_apart(map(read_classes, words))
    numbered = ["random:2", "eye", "random:2#2", "random:1", "random:2#3", "eye", "random:all", "random:all"]
    assert apart == list(map(read_classes, numbered))
    assert draws_apart(apart) == apart


def test_draws_that_come_again_in_a_list_of_targets_are_numbered_whatever_their_weights() -> None:
    targets = Targets(classes=["random:2", "random:2@dark=0.5", "eye", "eye", "net::random:2", "random:2=-1"])
    assert targets.tables["classes"] == {
        "random:2": 1.0,
        "random:2#2@dark": 0.5,
        "eye": 2.0,
        "net::random:2": 1.0,
        "random:2#3": -1.0,
    }


def test_draws_that_come_again_in_a_file_take_others(tmp_path: Path, network: CaffeNetwork) -> None:
    (tmp_path / "some.json").write_text('["random:2", "random:2"]')
    found = find_classes(read_classes(str(tmp_path / "some.json")), network, Draws(1))
    assert sorted(found.values()) == [1, 1, 1, 1]

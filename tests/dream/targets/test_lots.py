"""Classes chosen at random: no class is drawn twice, and the same seed draws the same ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lucidreel.dream.targets.classes import Lots, classes_meant
from lucidreel.dream.targets.resolve import resolve_targets
from lucidreel.dream.targets.syntax import lots_apart
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import ClassNotFoundError
from lucidreel.models.caffe_network import CaffeNetwork


@pytest.mark.parametrize("seed", range(4))
def test_a_single_lot_is_the_seeds_first_choice(seed: int, network: CaffeNetwork) -> None:
    expected = np.random.default_rng(seed).choice(5, 3, replace=False).tolist()
    assert list(classes_meant("random:3", network, Lots(seed))) == expected


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
def test_every_further_lot_draws_others(seed: int, targets: Targets, network: CaffeNetwork) -> None:
    resolved = resolve_targets(targets, network, seed)
    drawn = [index for index, _ in (*resolved.classes, *resolved.palette)]
    assert len(set(drawn)) == len(drawn) == 4
    assert set(resolved.classes.values()) == {1.0}
    again = resolve_targets(targets, network, seed)
    assert (again.classes, again.palette) == (resolved.classes, resolved.palette)


def test_a_lot_may_be_pulled_and_another_pushed(network: CaffeNetwork) -> None:
    resolved = resolve_targets(Targets(classes={"random:1": 1.0, "random:1#2": -1.0}), network, 0)
    assert sorted(resolved.classes.values()) == [-1.0, 1.0]


def test_lots_for_more_classes_than_are_left_are_told(network: CaffeNetwork) -> None:
    with pytest.raises(
        ClassNotFoundError, match="5 classes, and the lots before it have drawn 3, so ask for 1 to 2"
    ):
        resolve_targets(Targets(classes={"random:3": 1.0, "random:3#2": 1.0}), network, 0)
    with pytest.raises(ClassNotFoundError, match="have drawn 5, so leave it out"):
        resolve_targets(Targets(classes={"random:5": 1.0, "random:1": 1.0}), network, 0)


def test_the_signs_of_all_classes_do_not_depend_on_the_lots_before(network: CaffeNetwork) -> None:
    lots = Lots(3)
    classes_meant("random:2", network, lots)
    assert classes_meant("random:all", network, lots) == classes_meant("random:all", network, Lots(3))


def test_lots_that_come_again_are_numbered() -> None:
    words = ["random:2", "eye", "random:2=-1", "random:1", "random:2@dark=0.5", "eye", "random:all"]
    apart = ["random:2", "eye", "random:2#2=-1", "random:1", "random:2#3@dark=0.5", "eye", "random:all"]
    assert lots_apart(words) == apart
    assert lots_apart(apart) == apart
    assert lots_apart(["random:all", "random:all"]) == ["random:all", "random:all"]


def test_lots_that_come_again_in_a_file_draw_others(tmp_path: Path, network: CaffeNetwork) -> None:
    (tmp_path / "some.json").write_text('["random:2", "random:2"]')
    meant = classes_meant(str(tmp_path / "some.json"), network, Lots(1))
    assert sorted(meant.values()) == [1, 1, 1, 1]

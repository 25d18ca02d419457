"""What a dream is said to cost: the work that is counted is the work that is done, and no trace is left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.estimate.cost import Cost, measure, on_line
from lucidreel.dream.estimate.step_load import octave_loads
from lucidreel.dream.memory import taken_mib
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.network import Network

from ..counted_network import CountedNetwork

Frame = NDArray[np.float32]
CPU = torch.device("cpu")
SHORT = {"octaves": 3, "octave_scale": 1.5, "iterations": [4, 3, 2], "border_px": 8, "jitter_px": 4}
GOLDFISH = Targets(classes={"goldfish": 1.0})
MIXED = Targets(classes={"goldfish": 1.0}, layers={"conv1": 0.5})


def dreamer(network: Network, targets: Targets = GOLDFISH, **config: Any) -> Dreamer:
    return Dreamer(network, targets, DreamConfig(**{**SHORT, **config}), CPU)


def steps_of(one: Dreamer) -> list[int]:
    return [plan.iterations for plan in one.config.plans()]


@pytest.mark.parametrize("tiles", ["dense", "grid", "spiral", "random"])
@pytest.mark.parametrize("targets", [GOLDFISH, MIXED], ids=["one term", "two terms"])
def test_the_work_that_is_reckoned_is_the_work_of_the_dream(
    network: Network, picture: Frame, tiles: str, targets: Targets
) -> None:
    counted = CountedNetwork(network)
    one = dreamer(counted, targets, tiles=tiles)
    cost = measure(one, picture, None, steps_of(one), counted.clock)
    assert cost is not None
    before = counted.clock()
    one.dream(picture)
    assert cost.picture_s(one.config.plans()) == pytest.approx(counted.clock() - before, rel=1e-6)


@pytest.mark.parametrize("tiles", ["dense", "grid", "spiral"])
@pytest.mark.parametrize("targets", [GOLDFISH, MIXED], ids=["one term each", "two terms and one"])
def test_the_work_of_several_networks_is_that_of_all_of_them(
    network: Network, picture: Frame, tiles: str, targets: Targets
) -> None:
    """Each counts its own pixels, at its own price."""
    first, second = CountedNetwork(network), CountedNetwork(network)

    def clock() -> float:
        return first.clock() + second.clock()

    layers = [replace(target, network=network.name) for target in targets.layers]
    wanted = Targets(classes=targets.classes, layers=layers)
    config = DreamConfig.model_validate({**SHORT, "tiles": tiles})
    one = Dreamer([first, second], wanted, config, CPU)
    cost = measure(one, picture, None, steps_of(one), clock)
    assert cost is not None
    before = clock()
    one.dream(picture)
    assert cost.picture_s(config.plans()) == pytest.approx(clock() - before, rel=1e-6)


def test_several_networks_take_the_memory_of_the_largest_and_of_a_sum(network: Network) -> None:
    """12 bytes of every pixel of the window, 1500 x 3000 with a border of 8 twice and a jitter of 4."""
    alone, both = (
        octave_loads(Dreamer(networks, GOLDFISH, DreamConfig.model_validate(SHORT), CPU), 1500, 3000)[-1]
        for networks in (network, [network, network])
    )
    assert both.memory_mib - alone.memory_mib == pytest.approx(3020 * 1520 * 12 / 2**20)
    assert both.pixels == 2 * alone.pixels


def test_octaves_with_targets_of_their_own_are_measured_on_their_own(
    network: Network, picture: Frame
) -> None:
    counted = CountedNetwork(network)
    own = [Targets(layers={"conv1": 1.0}), MIXED, Targets()]
    one = dreamer(counted, octave_targets=own)
    cost = measure(one, picture, None, steps_of(one), counted.clock)
    assert cost is not None
    before = counted.clock()
    one.dream(picture)
    assert cost.picture_s(one.config.plans()) == pytest.approx(counted.clock() - before, rel=1e-6)


def test_a_step_sees_the_window_once_and_at_first_once_per_term(network: Network, picture: Frame) -> None:
    """By hand: 80 x 64 with a border of 8 twice and a jitter of 4 is 100 x 84, whole strides of 4."""
    works = octave_loads(dreamer(network, MIXED), 64, 80)
    assert (works[-1].pixels, works[-1].first) == (100 * 84, 100 * 84)  # 2 terms
    assert octave_loads(dreamer(network), 64, 80)[-1].first == 0


def test_tiles_bound_the_memory_of_a_step(network: Network) -> None:
    """The pass is as large as allowed; what grows on is the window: 48 bytes per pixel."""
    small, large = (octave_loads(dreamer(network, memory_mib=64), 3000, side)[-1] for side in (3000, 6000))
    whole = octave_loads(dreamer(network, memory_mib=4096), 3000, 6000)[-1]
    assert large.memory_mib < whole.memory_mib
    assert large.memory_mib < 64 + 6020 * 3020 * 48 / 2**20
    assert large.pixels > 1.9 * small.pixels


def test_a_picture_costs_its_steps_and_what_lies_beside_them() -> None:
    cost = Cost(step_s=(1.0, 4.0), first_s=(2.0, 8.0), beside_s=0.5, memory_mib=100.0)
    config = DreamConfig(octaves=2, iterations=[10, 5])
    assert cost.picture_s(config.plans()) == 0.5 + (10 * 1 + 2) + (5 * 4 + 8)
    assert cost.picture_s(config.plans(0.2)) == 0.5 + (2 * 1 + 2) + (1 * 4 + 8)
    assert cost.picture_s(DreamConfig(octaves=2, iterations=[0, 5]).plans()) == 0.5 + (5 * 4 + 8)


def test_timing_test_steps_changes_neither_the_dream_nor_who_is_told_of_steps(
    network: Network, picture: Frame
) -> None:
    told: list[tuple[int, int]] = []
    plain, measured = dreamer(network, MIXED), dreamer(network, MIXED)
    measured.on_step = lambda done, total: told.append((done, total))
    measure(measured, picture, None, [10**9] * 3)
    assert told == []
    assert np.array_equal(plain.dream(picture), measured.dream(picture))
    assert told[-1] == (9, 9)


@pytest.mark.parametrize("scale", [10, 100])
def test_timing_test_steps_takes_little_of_the_run_beside_the_smallest_octave(
    network: Network, picture: Frame, scale: int
) -> None:
    counted = CountedNetwork(network)
    one = dreamer(counted)
    steps = [count * scale for count in steps_of(one)]
    cost = measure(one, picture, None, steps, counted.clock)
    assert cost is not None
    spent = counted.clock()
    run = sum(count * step for count, step in zip(steps, cost.step_s, strict=True))
    assert 0 < spent - 2 * cost.step_s[0] <= 0.06 * run


def test_a_run_of_a_moment_is_not_worth_an_estimate(network: Network, picture: Frame) -> None:
    """The clock goes a second per 5000 pixels, and the smallest octave's window has 56 x 48."""
    counted = CountedNetwork(network)
    one = dreamer(counted)
    assert octave_loads(one, 64, 80)[0].pixels == 56 * 48
    assert measure(one, picture, None, [3, 0, 0], counted.clock) is None
    assert measure(one, picture, None, [0, 0, 0], counted.clock) is None
    assert measure(one, picture, None, [4, 0, 0], counted.clock) is not None


def test_memory_is_what_the_process_takes_at_least(network: Network, picture: Frame) -> None:
    one = dreamer(network)
    before = taken_mib(CPU)
    cost = measure(one, picture, None, [10**6] * 3)
    assert cost is not None
    assert before < cost.memory_mib < before + 2000


def test_seconds_lie_on_the_line_between_what_was_measured_and_in_proportion_beyond() -> None:
    known = [(100, 1.0), (300, 5.0)]
    assert [on_line(known, pixels) for pixels in (50, 100, 200, 300, 600)] == [0.5, 1.0, 3.0, 5.0, 10.0]
    assert on_line([(100, 1.0), (100, 2.0)], 100) == 2.0
    assert on_line([], 100) == 0.0

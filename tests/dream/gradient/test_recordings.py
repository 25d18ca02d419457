"""Recorded passes, with a recorder that runs the work again where a card would start a graph."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor

from lucidreel.dream.gradient.network import NetworkGradient
from lucidreel.dream.gradient.recordings import CudaGraph, Recordings
from lucidreel.dream.objectives.build import build_objective
from lucidreel.dream.targets.resolve import resolve_targets
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import TargetError
from lucidreel.models.network import Network

TARGETS = [
    Targets(layers={"conv2": 1.0}),
    Targets(classes={"goldfish": 1.0}, layers={"conv1": 0.3}),
    Targets(classes={"goldfish@left.png": 1.0}),
]


class Rerun:
    """Plays work back as a graph does: on the tensors that it was recorded with, into the same result."""

    made = 0
    played = 0

    def __init__(self) -> None:
        Rerun.made += 1

    def record(self, work: Callable[[], Tensor]) -> Tensor:
        self._work, self._result = work, work()
        return self._result

    def replay(self) -> None:
        Rerun.played += 1
        self._result.copy_(self._work())


class Refusing(Rerun):
    def record(self, work: Callable[[], Tensor]) -> Tensor:
        raise RuntimeError("operation not permitted when stream is capturing")


class Unsuited(Rerun):
    def record(self, work: Callable[[], Tensor]) -> Tensor:
        raise TargetError("Layer 'conv1' does not work on an image of 128x96: operation not permitted")


class Stale(Rerun):
    def replay(self) -> None:
        self._result.zero_()


@pytest.fixture(autouse=True)
def _counted_anew() -> None:
    Rerun.made = Rerun.played = 0


def gradient_of(network: Network, targets: Targets, device: str = "cpu") -> NetworkGradient:
    dense, objective = build_objective(resolve_targets(targets, network, 0), network)
    placed = dense.to(torch.device(device), torch.float32)
    return NetworkGradient(placed, objective, itemsize=4, memory_mib=4096)


def views(count: int, height: int = 96, width: int = 128) -> Tensor:
    return torch.rand(count, 1, 3, height, width, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("targets", TARGETS)
def test_passes_played_back_are_the_plain_ones(network: Network, targets: Targets) -> None:
    plain, recorded = gradient_of(network, targets), gradient_of(network, targets)
    recorded.recordings = Recordings(recorded.run, Rerun)
    for number, pixels in enumerate(views(6)):
        scales = tuple(1.0 + number + place for place in range(len(plain.objective.terms)))
        maps = dict.fromkeys(plain.objective.map_names, pixels[:, :1])
        assert torch.equal(recorded(pixels, scales, maps), plain(pixels, scales, maps))
    assert Rerun.made == 1 and Rerun.played == 4  # once to be held against the third pass


def test_a_term_without_a_say_has_a_recording_of_its_own(network: Network) -> None:
    plain, recorded = gradient_of(network, TARGETS[1]), gradient_of(network, TARGETS[1])
    recorded.recordings = Recordings(recorded.run, Rerun)
    for pixels in views(5):
        for scales in ((1.0, 0.0), (0.5, 2.0)):
            assert torch.equal(recorded(pixels, scales), plain(pixels, scales))
    assert Rerun.made == len(recorded.recordings) == 2


def test_other_terms_are_recorded_anew(network: Network) -> None:
    recorded, other = gradient_of(network, TARGETS[0]), gradient_of(network, Targets(layers={"conv1": 1.0}))
    recorded.recordings = Recordings(recorded.run, Rerun)
    for pixels in views(4):
        recorded(pixels, (1.0,))
    recorded.objective = other.objective
    for pixels in views(4):
        assert torch.equal(recorded(pixels, (1.0,)), other(pixels, (1.0,)))
    assert Rerun.made == 2 and len(recorded.recordings) == 1


def test_the_gradient_given_stays_when_the_next_is_played(network: Network) -> None:
    recorded = gradient_of(network, TARGETS[0])
    recorded.recordings = Recordings(recorded.run, Rerun)
    given = [recorded(pixels, (1.0,)) for pixels in views(5)]
    assert not torch.equal(given[3], given[4])


@pytest.mark.parametrize(
    ("recorder", "why"),
    [(Refusing, "not permitted when stream is capturing"), (Unsuited, "not permitted"), (Stale, "off")],
)
def test_what_cannot_be_recorded_runs_as_ever(network: Network, recorder: type[Rerun], why: str) -> None:
    plain, recorded = gradient_of(network, TARGETS[0]), gradient_of(network, TARGETS[0])
    recorded.recordings = Recordings(recorded.run, recorder)
    for pixels in views(5):
        assert torch.equal(recorded(pixels, (1.0,)), plain(pixels, (1.0,)))
    assert why in recorded.recordings.why_not and Rerun.made == 1 and len(recorded.recordings) == 0


def test_only_so_many_sizes_are_kept(network: Network) -> None:
    recorded = gradient_of(network, TARGETS[0])
    recorded.recordings = Recordings(recorded.run, Rerun)
    for width in range(64, 64 + 4 * 20, 4):
        for pixels in views(4, 64, width):
            recorded(pixels, (1.0,))
    assert len(recorded.recordings) == 16
    recorded.recordings.clear()
    assert len(recorded.recordings) == 0


@pytest.mark.parametrize("targets", TARGETS)
def test_a_pass_asks_no_number_of_the_device(network: Network, targets: Targets) -> None:
    """What has to wait for a number cannot be recorded; on the device `meta` there are none to be had."""
    gradient = gradient_of(network, targets, "meta")
    pixels = torch.empty(1, 3, 96, 128, device="meta")
    maps = dict.fromkeys(gradient.objective.map_names, pixels[:, :1])
    scales = tuple(torch.empty((), device="meta") for _ in gradient.objective.terms)
    assert gradient.run(pixels, scales, maps).shape == pixels.shape


class Card:
    """What PyTorch does with the memory of graphs: it is there as long as one of them is."""

    def __init__(self) -> None:
        self.graphs: dict[int, int] = {}

    def new_graph(self) -> Graph:
        return Graph(self)

    @contextmanager
    def capture(self, graph: Graph, pool: int | None, capture_error_mode: str) -> Iterator[None]:
        assert pool is None or self.graphs[pool] > 0
        graph.memory = len(self.graphs) if pool is None else pool
        yield
        self.graphs[graph.memory] = self.graphs.get(graph.memory, 0) + 1


class Graph:
    def __init__(self, card: Card) -> None:
        self._card, self.memory = card, -1

    def pool(self) -> int:
        return self.memory

    def __del__(self) -> None:
        if self.memory >= 0:
            self._card.graphs[self.memory] -= 1


def test_graphs_share_their_memory_as_long_as_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    card, made = Card(), torch.ones(1)
    monkeypatch.setattr(torch.cuda, "CUDAGraph", card.new_graph)
    monkeypatch.setattr(torch.cuda, "graph", card.capture)
    one, two = CudaGraph(), CudaGraph()
    assert one.record(lambda: made) is made and two.record(lambda: made) is made
    assert card.graphs == {0: 2}
    del one, two
    gc.collect()
    three = CudaGraph()
    three.record(lambda: made)
    assert card.graphs == {0: 0, 1: 1}

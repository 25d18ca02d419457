"""Small networks made in a test, and real ones from the shared folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import torch

from lucidreel.models.caffe_files.prototxt import parse_prototxt
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.graph.build import build_graph
from lucidreel.models.graph.graph import find_class_layer
from lucidreel.models.graph.weights import match_weights, random_weights

from .tops import tops_of

Blobs = Mapping[str, Sequence[object]]
MakeNetwork = Callable[..., CaffeNetwork]


@pytest.fixture(autouse=True)
def _repeatable() -> None:
    """Pictures of random numbers are the same in every run."""
    torch.manual_seed(0)


@pytest.fixture
def make_network() -> MakeNetwork:
    """Build a network from layer texts on an input `data`, with weights made up or given."""

    def make(
        *layers: str, shape: Sequence[int] = (1, 3, 16, 16), blobs: Blobs | None = None, seed: int = 0
    ) -> CaffeNetwork:
        dims = " ".join(f"dim: {length}" for length in shape)
        head = f'layer {{ name: "in" type: "Input" top: "data" input_param {{ shape {{ {dims} }} }} }}\n'
        graph = build_graph(parse_prototxt(head + "\n".join(layers)), "tiny.prototxt")
        if blobs is None:
            weights = random_weights(graph, seed)
        else:
            arrays = {name: [torch.as_tensor(v).float().numpy() for v in vs] for name, vs in blobs.items()}
            weights = match_weights(graph, arrays, Path("tiny.caffemodel"))
        network = CaffeNetwork("tiny", graph, weights, class_layer=find_class_layer(graph))
        return network.to(network.device, network.dtype)

    return make


@pytest.fixture
def run_layer(make_network: MakeNetwork) -> Callable[..., list[torch.Tensor]]:
    """Run one layer given as text on a blob, and return its tops."""

    def run(text: str, x: torch.Tensor, **options: object) -> list[torch.Tensor]:
        network = make_network(text, shape=tuple(x.shape), **options)
        return list(tops_of(network, x)[network.graph.nodes[0].name].values())

    return run


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Batches this small only make threads wait for each other: 34 s instead of 1.4 on two busy cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)

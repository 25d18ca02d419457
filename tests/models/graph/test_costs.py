"""What a network takes is arithmetic, whose answers are known for published networks and small ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lucidreel.models.caffe_files.prototxt import read_prototxt
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.graph.build import build_graph
from lucidreel.models.graph.costs import layer_costs, parameter_count
from lucidreel.models.graph.graph import Graph
from lucidreel.models.graph.receptive_field import cell_fields

MakeNetwork = Callable[..., CaffeNetwork]


def conv(name: str, bottom: str, outputs: int, options: str, kind: str = "Convolution") -> str:
    return (
        f'layer {{ name: "{name}" type: "{kind}" bottom: "{bottom}" top: "{name}" '
        f"convolution_param {{ num_output: {outputs} {options} }} }}\n"
    )


def published(shared: Path, name: str) -> Graph:
    path = shared / "models" / "definitions" / name
    return build_graph(read_prototxt(path), str(path))


@pytest.mark.parametrize(
    ("name", "parameters", "multiply_adds"),
    [
        ("bvlc_reference_caffenet.prototxt", 60_965_224, None),
        ("bvlc_googlenet.prototxt", 6_998_552, 1.6e9),
        ("ResNet-50-deploy.prototxt", 25_610_269, 3.9e9),
    ],
)
def test_published_networks_take_what_is_published_of_them(
    name: str, parameters: int, multiply_adds: float | None, shared: Path
) -> None:
    graph = published(shared, name)
    assert parameter_count(graph) == parameters
    if multiply_adds is not None:  # of networks that are not made for windows, which slide over larger frames
        whole = layer_costs(graph)[-1].way * graph.input_shape[2] * graph.input_shape[3]
        assert whole == pytest.approx(multiply_adds, rel=0.03)


def test_cells_of_caffenet_see_what_is_known_of_them(shared: Path) -> None:
    graph = published(shared, "bvlc_reference_caffenet.prototxt")
    seen = {
        node.name: (cell.stride_px, cell.size_px)
        for node, cell in zip(graph.nodes, cell_fields(graph), strict=True)
        if cell is not None
    }
    assert [seen[f"conv{number}"] for number in range(1, 6)] == [
        (4, 11), (8, 51), (16, 99), (16, 131), (16, 163),
    ]  # fmt: skip
    assert "fc6" not in seen


def test_every_weight_is_used_once_per_cell(make_network: MakeNetwork) -> None:
    network = make_network(
        conv("a", "data", 8, "kernel_size: 3 pad: 1 stride: 2"),
        conv("grouped", "a", 8, "kernel_size: 3 pad: 1 group: 4"),
        conv("up", "grouped", 2, "kernel_size: 2 stride: 2", "Deconvolution"),
        conv("fine", "up", 4, "kernel_size: 1"),
    )
    own = [cost.own for cost in layer_costs(network.graph)]
    assert own == pytest.approx([8 * 27 / 4, 8 * 2 * 9 / 4, 8 * 2 * 4 / 4, 2 * 4])


def test_a_class_layer_slides_over_large_frames(make_network: MakeNetwork) -> None:
    network = make_network(
        conv("a", "data", 8, "kernel_size: 4 stride: 4"),
        'layer { name: "fc" type: "InnerProduct" bottom: "a" top: "fc" '
        "inner_product_param { num_output: 10 } }",
    )
    assert layer_costs(network.graph)[1].own == pytest.approx(8 * 4 * 4 * 10 / 16)


def test_what_leads_to_a_layer_twice_counts_once_and_other_branches_not_at_all(
    make_network: MakeNetwork,
) -> None:
    network = make_network(
        conv("a", "data", 4, "kernel_size: 1"),
        conv("b", "a", 4, "kernel_size: 1"),
        conv("c", "a", 4, "kernel_size: 1"),
        conv("aside", "a", 4, "kernel_size: 1"),
        'layer { name: "sum" type: "Eltwise" bottom: "b" bottom: "c" bottom: "a" top: "sum" }',
    )
    ways = {
        node.name: cost.way
        for node, cost in zip(network.graph.nodes, layer_costs(network.graph), strict=True)
    }
    assert ways == {"a": 12, "b": 28, "c": 28, "aside": 28, "sum": 44}


def test_weights_that_layers_share_are_counted_once(make_network: MakeNetwork) -> None:
    shared = 'param { name: "w" } param { name: "b" }'
    first, second = (
        conv(name, "data", 4, "kernel_size: 1").replace("convolution_param", f"{shared} convolution_param")
        for name in ("left", "right")
    )
    assert parameter_count(make_network(first, second).graph) == 4 * 3 + 4

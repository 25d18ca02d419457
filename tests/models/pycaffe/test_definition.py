"""What real Caffe is given to read computes what the network does: PyTorch reads it too, without a Caffe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lucidreel.models.caffe_files.prototxt import parse_prototxt
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.graph.build import build_graph
from lucidreel.models.graph.weights import match_weights
from lucidreel.models.load import load_folder
from lucidreel.models.pycaffe.definition import Definition, write_definition

from .conftest import CLASSIFIERS, SIZES

MakeNetwork = Callable[..., CaffeNetwork]

ADDED = {"Bias", "BatchNorm", "Convolution", "Pooling", "Reshape", "Scale", "Slice"}


def written(network: CaffeNetwork, layers: Sequence[str], shape: Sequence[int]) -> Definition:
    """Write the definition for some layers and images of a shape, for a Caffe that has all that it takes."""
    graph, nodes = network.graph, [network.find_layer(name) for name in layers]
    shapes = {0: tuple(shape)}
    for index in graph.ancestors(nodes):
        node = graph.nodes[index]
        made = node.layer.shapes(*(shapes[bottom] for bottom in node.bottoms))
        shapes.update(zip(node.tops, made, strict=True))
    return write_definition(graph, network.weights, nodes, shapes, ADDED | {n.type for n in graph.nodes})


def read_back(definition: Definition) -> CaffeNetwork:
    graph = build_graph(parse_prototxt(definition.image + definition.layers), "written.prototxt")
    arrays = {"lucidreel: gradient": [torch.zeros(graph.input_shape[1]).numpy()]}
    for layer, place, tensor in definition.weights:
        assert place == len(arrays.setdefault(layer, []))
        arrays[layer].append(tensor.numpy())
    network = CaffeNetwork("written", graph, match_weights(graph, arrays, Path("written.caffemodel")))
    return network.to(network.device, network.dtype)


def assert_computes_the_same(network: CaffeNetwork, layers: Sequence[str], shape: Sequence[int]) -> None:
    """Values of layers, and the gradient of their sums over the image."""
    definition, image = written(network, layers, shape), torch.rand(*shape)
    other = read_back(definition)
    tops = [network.find_layer(name).tops[0] for name in layers]
    theirs = [other.graph.blobs[definition.wanted[top].blob] for top in tops]
    ours, found = climbed(network, tops, image), climbed(other, theirs, image)
    torch.testing.assert_close(found, ours, rtol=1e-4, atol=1e-4 * float(ours[-1].abs().max()))


def climbed(network: CaffeNetwork, tops: Sequence[int], image: Tensor) -> list[Tensor]:
    """Return some values, and the gradient of the sum of their squares."""
    leaf = image.clone().requires_grad_()
    nodes = [node for node in network.graph.nodes if set(node.tops).intersection(tops)]
    made = network.evaluate(leaf, nodes)
    values = [made[top] for top in tops]
    total = torch.stack([value.square().sum() for value in values]).sum()
    return [*values, *torch.autograd.grad(total, leaf)]


@pytest.mark.parametrize(
    ("case", "layers"),
    [
        ("thin_googlenet", ["inception_4c/output", "inception_3a/3x3"]),
        ("thin_resnet", ["res2a"]),
        ("thin_caffenet", ["fc8"]),
        ("inject_branch", ["fc", "side", "res"]),
    ],
)
def test_it_computes_what_the_network_does(shared: Path, case: str, layers: list[str]) -> None:
    network = load_folder(shared / "conformance" / case)
    assert_computes_the_same(network, layers, network.graph.input_shape)


@pytest.mark.parametrize("kind", CLASSIFIERS)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("classes", [None, [3, 1]], ids=["all", "two"])
def test_dense_layers_are_written_as_what_plain_caffe_has(
    make_network: MakeNetwork, kind: str, size: tuple[int, int], classes: list[int] | None
) -> None:
    network = make_network(*CLASSIFIERS[kind]).dense(classes)
    assert_computes_the_same(network, ["scores", "conv"], (2, 3, *size))

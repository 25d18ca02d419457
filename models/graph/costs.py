"""What a pass through a network takes, by arithmetic on its shapes: work, numbers held, parameters.

Work is counted in multiply-adds of convolutions and inner products; all other layers together take a few
percent of them. It is given per pixel of the image, for frames that are large beside what a cell sees:

    multiply-adds per pixel = weights * cells per pixel

because every weight of a convolution is used once for each cell of its map. A class layer slides over such
frames (dense.py), so an inner product is used once for each cell of the map that it would take as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ..layers.affine import InnerProduct
from ..layers.base import Shape
from ..layers.convolution import Convolution, Deconvolution
from .graph import Graph, Node

HELD_OF_MAPS = 1.3
"""What a pass forward and back holds at its largest, of all maps that layers make one by one, gradients and
copies included (docs/engine.md, "Memory")."""

_LET_GO = frozenset({"BatchNorm", "Bias", "Dropout", "Flatten", "Reshape", "Scale", "Split"})
"""Layers whose maps are not held, because they are done in place or are views."""


@dataclass(frozen=True)
class LayerCost:
    """What a layer takes; works are multiply-adds per pixel of the image, forward."""

    parameters: int
    own: float
    """Of this layer alone."""
    way: float
    """Of all layers that lead to it, itself included."""


def layer_costs(graph: Graph) -> list[LayerCost]:
    """Return what each of a graph's nodes takes."""
    cells = _cells_per_pixel(graph)
    own = [_multiply_adds(node, cells) for node in graph.nodes]
    ways = _summed_over_ways(graph, own)
    counts = [sum(math.prod(weight.shape) for weight in node.layer.weights) for node in graph.nodes]
    return [LayerCost(*each) for each in zip(counts, own, ways, strict=True)]


def parameter_count(graph: Graph) -> int:
    """Return how many numbers the weights are; those that layers share count once."""
    shared: dict[str, int] = {}
    total = 0
    for node in graph.nodes:
        names = [param.name for param in node.layer.param.param]
        for index, weight in enumerate(node.layer.weights):
            name = names[index] if index < len(names) else ""
            if name:
                shared[name] = math.prod(weight.shape)
            else:
                total += math.prod(weight.shape)
    return total + sum(shared.values())


def maps_per_pixel(graph: Graph, nodes: Sequence[Node]) -> float:
    """Return how many numbers the maps have that these nodes make together, per pixel of the image.

    Maps that are let go at once, and what is no map, do not count.
    """
    _, _, height, width = graph.input_shape
    held = (graph.shapes[node.tops[0]] for node in nodes if node.tops and node.type not in _LET_GO)
    return sum(math.prod(shape[1:]) for shape in held if len(shape) == 4) / (height * width)


def _cells_per_pixel(graph: Graph) -> dict[int, float]:
    """Return for each value how many of its cells there are per pixel of a large image."""
    cells = {0: 1.0}
    for node in graph.nodes:
        before = max((cells[bottom] for bottom in node.bottoms), default=0.0)
        for top in node.tops:
            cells[top] = before * _density(node, graph.shapes, top)
    return cells


def _density(node: Node, shapes: Sequence[Shape], top: int) -> float:
    """Return how many cells of a top there are for each cell of the node's bottom.

    What makes one cell of a whole map slides over larger ones, cell by cell.
    """
    if window := node.layer.window:
        strides = float(math.prod(window.stride))
        return strides if window.transposed else 1 / strides
    if not node.bottoms or len(shapes[top]) != 4 or len(shapes[node.bottoms[0]]) != 4:
        return 1.0
    after, before = (math.prod(shapes[value][2:]) for value in (top, node.bottoms[0]))
    return 1.0 if after == 1 else after / before


def _multiply_adds(node: Node, cells: dict[int, float]) -> float:
    """Return a node's multiply-adds per pixel."""
    if not isinstance(node.layer, (Convolution, InnerProduct)) or not node.bottoms:
        return 0.0
    by_bottom = isinstance(node.layer, (Deconvolution, InnerProduct))
    used = node.bottoms if by_bottom else node.tops
    return math.prod(node.layer.weights[0].shape) * sum(cells[value] for value in used)


def _summed_over_ways(graph: Graph, own: Sequence[float]) -> list[float]:
    """Return for each node the sum of `own` over all nodes that lead to it, each counted once.

    The nodes with a cost behind a value are the bits of a number. Of a node's bottoms, the one with the
    largest sum is taken whole, and of the others what is not behind it: mostly nothing, or the layers of a
    branch, which stand in a row.
    """
    costly = {index: bit for bit, index in enumerate(index for index, cost in enumerate(own) if cost)}
    up_to = [0.0, *accumulate(own[index] for index in costly)]
    behind: dict[int, int] = {0: 0}
    sums: dict[int, float] = {0: 0.0}
    ways = []
    for index, node in enumerate(graph.nodes):
        main = max(node.bottoms, key=lambda value: sums[value], default=0)
        known, total = behind[main], sums[main]
        for bottom in node.bottoms:
            new = behind[bottom] & ~known
            known |= new
            total += sum(up_to[end] - up_to[start] for start, end in _rows(new))
        if index in costly:
            known |= 1 << costly[index]
        ways.append(total + own[index])
        behind.update(dict.fromkeys(node.tops, known))
        sums.update(dict.fromkeys(node.tops, ways[-1]))
    return ways


def _rows(bits: int) -> Iterator[tuple[int, int]]:
    """Yield the rows of ones in a number, each as its first bit and the one behind its last."""
    place = 0
    while bits:
        zeros = (bits & -bits).bit_length() - 1
        bits >>= zeros
        ones = (~bits & (bits + 1)).bit_length() - 1
        bits >>= ones
        yield place + zeros, place + zeros + ones
        place += zeros + ones

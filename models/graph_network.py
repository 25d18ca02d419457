"""A network that a definition describes: what can be said of its graph, whoever computes it.

Layers, classes, sizes and how far layers look are the graph's. Who computes their values, PyTorch
(caffe_network.py) or real Caffe (pycaffe/), is a class that inherits from this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from ..errors import LayerNotFoundError, TargetError, suggestion
from .graph.dense import densify
from .graph.graph import Graph, Node
from .graph.receptive_field import find_receptive_field
from .graph.select_classes import select_classes
from .graph.weights import Weights
from .labels import Labels
from .layers.pooling import MAX
from .network import LayerInfo, ReceptiveField
from .preprocess import Preprocess


@dataclass(frozen=True)
class GraphNetwork:
    """The part of the Network protocol (network.py) that a graph answers."""

    name: str
    graph: Graph = field(repr=False)
    weights: Weights = field(repr=False)
    preprocess: Preprocess = field(default_factory=Preprocess)
    labels: Labels = field(default_factory=Labels, repr=False)
    class_layer: str | None = None

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) that the definition declares."""
        return self.graph.input_shape[2], self.graph.input_shape[3]

    @property
    def layers(self) -> tuple[LayerInfo, ...]:
        """Every layer with a top, in order of execution."""
        return tuple(self.info(node) for node in self.graph.nodes if node.tops)

    @property
    def pictures(self) -> str:
        """What is done to pictures, as "BGR, 0 to 255, minus 104, 117, 123"."""
        return str(self.preprocess)

    def check_channels(self) -> None:
        """Raise TargetError for a network that takes no pictures."""
        if self.graph.input_shape[1] != self.preprocess.channels:
            raise TargetError(
                f"{self.name} takes {self.graph.input_shape[1]} channels and cannot look at pictures "
                f"({self.preprocess.channels} channels)."
            )

    def find_layer(self, name: str) -> Node:
        """Return the node of a layer, or of the layer that wrote a blob of that name last.

        Raises LayerNotFoundError with the nearest names.
        """
        for node in self.graph.nodes:
            if node.name == name and node.tops:
                return node
        node_of_blob = self.graph.producer(self.graph.blobs.get(name, 0))
        if node_of_blob is not None:
            return node_of_blob
        if name in self.graph.omitted:
            raise LayerNotFoundError(
                f"Layer {name!r} of {self.name} is not run: it {self.graph.omitted[name]}."
            )
        known = [node.name for node in self.graph.nodes if node.tops]
        raise LayerNotFoundError(
            f"Layer {name!r} does not exist in {self.name}.{suggestion(name, known)} "
            "`lucidreel models layers` lists them all."
        )

    def dense(self, classes: Sequence[int] | None = None, averaged: bool = True) -> Self:
        """Return the network whose class layer is a map, one score per window of input size (graph/dense.py).

        With `classes`, the class layer has just these, in this order, and the others are not computed. Not
        `averaged`, it has one score per cell where it has averages of cells.
        """
        if self.class_layer is None:
            return self
        graph, weights = densify(self.graph, self.weights, self.find_layer(self.class_layer), averaged)
        if classes is not None:
            class_node = next(node for node in graph.nodes if node.name == self.class_layer)
            graph, weights = select_classes(graph, weights, class_node, classes)
        return replace(self, graph=graph, weights=weights)

    def receptive_field(self, layers: Sequence[str]) -> ReceptiveField:
        """Return how far these layers look (graph/receptive_field.py)."""
        return find_receptive_field(self.graph, [self.find_layer(name) for name in layers])

    def info(self, node: Node) -> LayerInfo:
        """Return how a layer is listed."""
        shape = self.graph.shapes[node.tops[0]]
        one = (1, *shape[1:])
        is_max_pooling = getattr(node.layer, "method", None) == MAX
        return LayerInfo(node.name, node.type, one[1] if len(one) > 1 else 1, one, is_max_pooling)

    def unsuitable(self, node: Node, size: Sequence[int], error: BaseException | None) -> TargetError:
        """Return the error of a layer that does not work on an image of (height, width)."""
        height, width = size
        return TargetError(
            f"Layer {node.name!r} ({node.type}) of {self.name} does not work on an image of "
            f"{width}x{height}; the network is made for {self.input_size[1]}x{self.input_size[0]}: {error}"
        )

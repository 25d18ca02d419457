"""Computing only the class scores that somebody wants.

A thousand classes make the last maps of a classifier its widest, and a dream climbs a few of them. The
layer that makes the scores keeps the rows of the wanted classes; what follows it on the way to the class
layer works channel by channel and never notices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from ..layers import Layer
from ..layers.base import Outputs, Shape
from .graph import Graph, Node
from .weights import Weights

_CHANNELWISE = frozenset(
    {"AbsVal", "Dropout", "ELU", "Flatten", "Pooling", "ReLU", "Reshape", "Sigmoid", "TanH"}
)
_SCORERS = frozenset({"Convolution", "InnerProduct"})


class ChosenChannels(Layer):
    """Another layer, of whose output only some channels are kept."""

    def __init__(self, layer: Layer, channels: Sequence[int]) -> None:
        super().__init__(layer.param, [])
        self.layer = layer
        self.window = layer.window
        self.channels = tuple(channels)

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the other layer's shape with as many channels as are kept."""
        first, _, *rest = self.layer.shapes(*bottoms)[0]
        return [(first, len(self.channels), *rest)]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        tops = self.layer.forward(weights, *bottoms)
        top = tops[0] if isinstance(tops, tuple) else tops
        return top[:, torch.tensor(self.channels, device=top.device)]


def select_classes(
    graph: Graph, weights: Weights, class_node: Node, classes: Sequence[int]
) -> tuple[Graph, Weights]:
    """Return graph and weights whose `class_node` has one channel per entry of `classes`, in that order.

    Call it on a dense graph: there, class scores are channels of a map.
    """
    scorer = _scorer(graph, class_node)
    nodes, new_weights = list(graph.nodes), list(weights)
    if scorer is None:
        place = nodes.index(class_node)
        nodes[place] = replace(class_node, layer=ChosenChannels(class_node.layer, classes))
        changed = [class_node]
    else:
        place = nodes.index(scorer)
        rows = torch.tensor(list(classes))
        new_weights[place] = [tensor[rows.to(tensor.device)] for tensor in weights[place]]
        changed = _between(graph, scorer, class_node)
    shapes = list(graph.shapes)
    for node in changed:
        for top in node.tops:
            shapes[top] = (shapes[top][0], len(classes), *shapes[top][2:])
    return replace(graph, nodes=nodes, shapes=shapes), new_weights


def _between(graph: Graph, scorer: Node, class_node: Node) -> list[Node]:
    """Return the chain from the class layer back to the scorer, both included."""
    chain = [class_node]
    while chain[-1] is not scorer:
        producer = graph.producer(chain[-1].bottoms[0])
        assert producer is not None  # _scorer walked this way
        chain.append(producer)
    return chain


def _scorer(graph: Graph, class_node: Node) -> Node | None:
    """Return the layer whose weight rows are the classes, or None when something mixes channels after it."""
    node: Node | None = class_node
    while node is not None and node.type in _CHANNELWISE and len(node.bottoms) == 1:
        node = graph.producer(node.bottoms[0])
    if node is None or node.type not in _SCORERS or len(node.tops) != 1:
        return None
    return None if getattr(node.layer, "group", 1) != 1 else node

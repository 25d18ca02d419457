"""Which layer of a classifier holds the class scores."""

from __future__ import annotations

from .graph import Graph, Node
from .outline import TRANSPARENT


def find_class_layer(graph: Graph) -> str | None:
    """Return the layer whose values go into the last softmax (or softmax loss): one score per class.

    Layers that only pass the scores on are skipped, so that the name is that of the layer which makes them:
    "pool10", "loss3/classifier", "fc8". Without any softmax it is the last layer, if that is an inner
    product; otherwise the network is no classifier and the answer is None.
    """
    if graph.score_blobs:
        node = graph.producer(graph.score_blobs[-1])
    else:
        node = graph.nodes[-1] if graph.nodes[-1].type == "InnerProduct" else None
    while node is not None and node.type in TRANSPARENT and node.bottoms:
        node = graph.producer(node.bottoms[0])
    return node.name if node is not None and _has_classes(graph, node) else None


def _has_classes(graph: Graph, node: Node) -> bool:
    shape = graph.shapes[node.tops[0]]
    return len(shape) in (2, 4) and shape[1] > 1

"""How much memory a pass takes in real Caffe, which never lets go of anything as long as a net lives."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from ..graph.graph import Graph, Node
from ..graph.weights import Weights

_WRITTEN_OVER = {"BatchNorm": 3, "Bias": 0, "Dropout": 0, "Flatten": 0, "ReLU": 0, "Reshape": 0, "Scale": 1}
"""Layers that mostly write over their bottoms -> how many maps of that size they keep for themselves."""
_KEPT_BESIDE = {"LRN": 2, "Pooling": 1}
"""Other layers that keep maps of their tops' size beside value and gradient."""
_MULTIPLIED = frozenset({"Convolution", "Deconvolution", "InnerProduct"})
_MORE = 1.1
"""Measured with SqueezeNet, GoogLeNet, ResNet-50 and the embedded network (docs/caffe.md)."""


def numbers_held(graph: Graph, weights: Weights, wanted: Sequence[Node]) -> float:
    """Return how many numbers a pass to some layers and back holds, for an image of the declared size.

    That is every map's value and gradient, one more gradient for each further layer that reads it, the
    columns that each convolution makes of its bottom, and what else layers keep.
    """
    needed = graph.ancestors(wanted)
    readers = Counter(bottom for index in needed for bottom in graph.nodes[index].bottoms)
    numbers = 0
    for index in needed:
        node = graph.nodes[index]
        size = sum(math.prod(graph.shapes[top][1:]) for top in node.tops)
        numbers += size * _WRITTEN_OVER.get(node.type, 2 + _KEPT_BESIDE.get(node.type, 0))
        numbers += sum(
            readers[top] * math.prod(graph.shapes[top][1:]) for top in node.tops if readers[top] > 1
        )
        if node.type in _MULTIPLIED and _makes_columns(node):
            numbers += math.prod(weights[index][0].shape[1:]) * math.prod(graph.shapes[node.tops[0]][2:])
    return _MORE * numbers


def _makes_columns(node: Node) -> bool:
    """Tell whether a layer multiplies with anything but single cells, one by one."""
    window = node.layer.window
    return window is not None and (*window.kernel, *window.stride, *window.pad) != (1, 1, 1, 1, 0, 0)

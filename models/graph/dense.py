"""Making a classifier convolutional: class scores for every window of an image, in one pass.

A classifier ends in a *tail* of layers whose maps have shrunk to nothing: an average over the whole map,
inner products, a softmax. Sliding that tail over a larger map gives what cutting the image into windows of
the network's input size and classifying each one would give, at every step of the network's stride:

                     image of the input size            larger image
    last map            13 x 13                            20 x 40
    average          whole map -> 1 x 1                 13 x 13 window, stride 1 -> 8 x 28
    inner product    vector -> scores                   1 x 1 convolution -> a map of scores

An inner product over a map of c x h x w is a convolution with an h x w kernel and the same numbers. Windows
differ from separate crops in one thing: padding. A crop is padded with zeros inside the network where the
larger image has its own pixels, so cells whose receptive field reaches over a crop's edge differ, except
where that edge is the image's own. Without padding in the network both are the same numbers.

An image smaller than the input size gives a map smaller than the window: an average then covers what there
is, and a convolution that stands for an inner product gets its map filled up with zeros on all sides.

Who only sums the scores can leave out an average that nothing but linear layers follow: every cell is in as
many windows as the average has cells, so the sum over cells is the sum over windows. It differs where windows
would reach over the image's edge: there the sum over cells goes on as if they did. What it saves is reach: a
score then sees one cell's receptive field, for SqueezeNet 155 pixels across instead of 379.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch.nn.functional as F
from torch import Tensor

from ...errors import TargetError
from ..layers import Layer, PointwiseLayer, Weight, Window, find_layer_type
from ..layers.affine import InnerProduct
from ..layers.base import Outputs, Shape
from ..layers.pooling import AVE, Pooling, pool
from .graph import Graph, Node
from .weights import Weights

_LINEAR = frozenset(
    {"BatchNorm", "Bias", "Convolution", "Dropout", "Flatten", "InnerProduct", "Reshape", "Scale"}
)


class SlidingPooling(Layer):
    """Pooling over a window of the size the map has at the network's input size, cell by cell."""

    def __init__(self, pooling: Pooling, kernel: tuple[int, int]) -> None:
        super().__init__(pooling.param, [])
        self.method = pooling.method
        self.window: Window = Window(kernel)

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return a map of one cell for every place of the window."""
        return [_slid(bottoms[0], bottoms[0][1], self.window.kernel)]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        (height, width), map_size = self.window.kernel, bottoms[0].shape[2:]
        kernel = (min(height, map_size[0]), min(width, map_size[1]))
        return pool(bottoms[0], self.method, kernel, (1, 1), (0, 0), ceil=False)


class SlidingProduct(Layer):
    """An inner product as a convolution; weights are (outputs, channels, height, width)."""

    def __init__(self, product: InnerProduct, bottom: Shape) -> None:
        super().__init__(product.param, [bottom])
        self.transpose = product.transpose
        self.window: Window = Window((bottom[2], bottom[3]))
        outputs = product.param.inner_product_param.num_output
        self.weights = (Weight((outputs, *bottom[1:])), *product.weights[1:])

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return a map of scores for every place of the window."""
        return [_slid(bottoms[0], self.weights[0].shape[0], self.window.kernel)]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        lacking = [k - have for k, have in zip(self.window.kernel, bottoms[0].shape[2:], strict=True)]
        bottom = bottoms[0]
        if max(lacking) > 0:
            rows, columns = max(0, lacking[0]), max(0, lacking[1])
            around = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
            bottom = F.pad(bottom, around)
        bias = weights[1] if len(weights) > 1 else None
        return F.conv2d(bottom, weights[0], bias)


def _slid(bottom: Shape, channels: int, kernel: tuple[int, int]) -> Shape:
    """Return the shape of the cells that a window makes of a map: one cell of a map smaller than it."""
    cells = (max(1, length - k + 1) for length, k in zip(bottom[2:], kernel, strict=True))
    return (bottom[0], channels, *cells)


class Unchanged(PointwiseLayer):
    """Flatten or Reshape in the tail: the map stays a map."""

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return bottoms[0]


def densify(graph: Graph, weights: Weights, class_node: Node, averaged: bool = True) -> tuple[Graph, Weights]:
    """Return graph and weights with the tail that ends in `class_node`, and what follows it, made to slide.

    Not `averaged`, a last average over the map is left out, and the class layer has one score per cell.

    Raises TargetError where a layer on the way to the class scores cannot slide. Layers behind the scores
    that cannot are left out. A network whose class layer already is a map is returned as it is.
    """
    tail = _tail(graph, class_node)
    left_out = None if averaged else _last_average(graph, class_node, tail)
    nodes: list[Node] = []
    new_weights: Weights = []
    shapes = {0: graph.input_shape}
    sliding: set[int] = set()
    omitted = dict(graph.omitted)
    for node, tensors in zip(graph.nodes, weights, strict=True):
        if any(bottom not in shapes for bottom in node.bottoms):
            omitted[node.name] = "needs a layer that cannot slide over a larger image"
            continue
        made = [graph.shapes[top] for top in node.tops]
        if node.name in tail or sliding.intersection(node.bottoms):
            bottoms = [shapes[bottom] for bottom in node.bottoms]
            try:
                if node is left_out:  # its shape stays, so that what follows is made for a single cell
                    node = replace(node, layer=Unchanged(node.layer.param, bottoms))
                else:
                    layer, tensors = _sliding_layer(node, tensors, bottoms)
                    node, made = replace(node, layer=layer), layer.shapes(*bottoms)
            except (ValueError, IndexError) as error:
                if node.name in tail:
                    raise TargetError(f"Layer {node.name!r} ({node.type}) cannot slide: {error}") from error
                omitted[node.name] = "cannot slide over a larger image"
                continue
            sliding.update(node.tops)
        shapes.update(zip(node.tops, made, strict=True))
        nodes.append(node)
        new_weights.append(tensors)
    if left_out is not None:
        shapes |= _shapes_as_cells(graph, class_node, left_out)
    all_shapes = [shapes.get(value, shape) for value, shape in enumerate(graph.shapes)]
    return replace(graph, nodes=nodes, shapes=all_shapes, omitted=omitted), new_weights


def _tail(graph: Graph, class_node: Node) -> set[str]:
    """Return the names of the layers without spatial extent that lead to the class scores."""
    tail: set[str] = set()
    waiting: list[Node | None] = [class_node]
    while waiting:
        node = waiting.pop()
        if node is None or node.name in tail or not all(_is_vector(graph.shapes[top]) for top in node.tops):
            continue
        tail.add(node.name)
        waiting.extend(graph.producer(bottom) for bottom in node.bottoms)
    return tail


def _last_average(graph: Graph, class_node: Node, tail: set[str]) -> Node | None:
    """Return the average in the tail that only linear layers lie behind, or None."""
    node: Node | None = class_node
    while node is not None and node.name in tail and len(node.bottoms) == 1:
        if isinstance(node.layer, Pooling):
            is_average = node.layer.method == AVE and not any(node.layer.pad)
            return node if is_average else None
        if node.type not in _LINEAR:
            return None
        node = graph.producer(node.bottoms[0])
    return None


def _shapes_as_cells(graph: Graph, class_node: Node, left_out: Node) -> dict[int, Shape]:
    """Return the shapes of the values from the average left out to the class scores: maps, as before it."""
    _, _, *extent = graph.shapes[left_out.bottoms[0]]
    shapes: dict[int, Shape] = {}
    node: Node | None = class_node
    while node is not None and node.name != left_out.name:
        shapes |= {top: (*graph.shapes[top][:2], *extent) for top in node.tops}
        node = graph.producer(node.bottoms[0])
    return shapes | {top: (*graph.shapes[top][:2], *extent) for top in left_out.tops}


def _is_vector(shape: Shape) -> bool:
    return len(shape) < 4 or shape[2:] == (1, 1)


def _sliding_layer(node: Node, tensors: list[Tensor], bottoms: list[Shape]) -> tuple[Layer, list[Tensor]]:
    """Return the layer and weights that do the same over a map; ValueError where that has no meaning."""
    layer = node.layer
    if isinstance(layer, InnerProduct):
        if layer.axis != 1 or len(bottoms[0]) != 4:
            raise ValueError("an inner product has to start at axis 1 of a map")
        product = SlidingProduct(layer, bottoms[0])
        matrix = tensors[0].t() if layer.transpose else tensors[0]
        return product, [matrix.reshape(product.weights[0].shape), *tensors[1:]]
    if isinstance(layer, Pooling) and not any(layer.pad):
        height, width = bottoms[0][2:]
        return SlidingPooling(layer, (height, width) if layer.is_global else layer.kernel), []
    if node.type in ("Flatten", "Reshape"):
        return Unchanged(layer.param, bottoms), []
    layer_class = find_layer_type(node.type)
    assert layer_class is not None  # it was found when the graph was built
    rebuilt = layer_class(layer.param, bottoms)
    if [weight.shape for weight in rebuilt.weights] != [tuple(tensor.shape) for tensor in tensors]:
        raise ValueError("its weights belong to places")
    return rebuilt, tensors

"""What real Caffe is given to read: a graph written as a definition, as far as some of its values need it.

A definition written anew for what is wanted is what works around pycaffe's own faults:

- It has only the layers that lead to what is wanted. Nothing deeper runs, and there are no branches beside
  whose gradients of another day (Caffe never forgets one) would be added to today's.
- Every value has a blob of its own, named by its number. Definitions let a layer write over its bottom, which
  is right for what is trained, but a wanted value may be gone when Caffe is done, and the gradients of Power,
  Log and others are wrong. Only a layer that provably changes nothing for others stays in place, for speed.
- Flatten is written as a Reshape. Both lend memory to each other, in opposite directions; after one another
  they lose the gradient.
- Caffe computes a gradient for what has a parameter that learns, so a Bias of zeros behind the image learns
  and nothing else does. With `force_backward` it would compute gradients for all weights too, which takes a
  quarter of the time of a pass (docs/caffe.md).

Layers of dense networks (graph/dense.py), which Caffe does not have, are written as what computes the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from google.protobuf.text_format import MessageToString
from torch import Tensor

from ...errors import TargetError
from ..caffe_files.schema import Message, new
from ..graph.dense import SlidingPooling, SlidingProduct, Unchanged
from ..graph.graph import Graph, Node
from ..graph.select_classes import ChosenChannels
from ..graph.weights import Weights
from ..layers.base import Shape, canonical_axis
from ..layers.combine import SUM

IMAGE = "0"
"""The blob of the image, whose gradient is the image's."""

_WITHOUT_GRADIENT = frozenset({"ArgMax", "Embed", "Threshold"})
_CHOOSING = {"BatchReindex": 1, "Crop": 1, "Filter": -1}
"""Layers -> the place of the bottom that only says which values are taken."""
_IN_PLACE = frozenset({"BatchNorm", "Bias", "Dropout", "ReLU", "Scale"})
_NEED_NO_TOP = frozenset(
    {"BatchNorm", "Bias", "Concat", "Convolution", "Deconvolution", "InnerProduct", "Scale"}
)
"""Layers that do without the values of their tops on the way back, so that the next may write over them."""
_OF_TRAINING = (
    "bottom", "top", "phase", "loss_weight", "param", "blobs", "propagate_down", "include", "exclude",
    "transform_param", "loss_param", "unread",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """A value that is asked for."""

    layer: str
    """Which layer makes it, by the name that Caffe knows."""
    blob: str
    adds: bool
    """Whether other wanted values lie behind it, whose gradient comes by before its own is added."""
    moves: bool
    """Whether it has a gradient."""


@dataclass
class Definition:
    """A definition for Caffe, and what belongs to it."""

    image: str
    """The layer that brings the image, of the size at hand; the others do for any other size too."""
    layers: str
    """All others."""
    weights: list[tuple[str, int, Tensor]]
    """(layer, place among its blobs, values)."""
    wanted: dict[int, Wanted] = field(default_factory=dict)
    """By value number, in order of execution."""


def write_definition(
    graph: Graph,
    weights: Weights,
    wanted: Sequence[Node],
    shapes: Mapping[int, Shape],
    types: Collection[str],
) -> Definition:
    """Write what the tops of some nodes need.

    `shapes` are those of all needed values for images of the size at hand: a dense network has other layers
    where a map is smaller than its window. `types` are the layers that the Caffe has; TargetError for others.
    """
    return _Writer(graph, weights, wanted, shapes, types).write()


class _Writer:
    """Writes one definition."""

    def __init__(
        self,
        graph: Graph,
        weights: Weights,
        wanted: Sequence[Node],
        shapes: Mapping[int, Shape],
        types: Collection[str],
    ) -> None:
        self.graph, self.all_weights, self.shapes, self.types = graph, weights, shapes, types
        self.needed = graph.ancestors(wanted)
        self.wanted = {top for node in wanted for top in node.tops}
        self.nodes = [graph.nodes[index] for index in self.needed]
        self.edges = _Edges(self.nodes, self.wanted)
        self.blobs = {0: IMAGE}
        self.net = new("NetParameter")
        self.weights: list[tuple[str, int, Tensor]] = []

    def write(self) -> Definition:
        self.net.layer.add(name="lucidreel: gradient", type="Bias", bottom=[IMAGE], top=[IMAGE])
        found: dict[int, Wanted] = {}
        for index in self.needed:
            node = self.graph.nodes[index]
            self._node(node, self.all_weights[index])
            last = self.net.layer[-1]
            for top in self.wanted.intersection(node.tops):
                adds, moves = top in self.edges.passed, top in self.edges.moving
                found[top] = Wanted(last.name, self.blobs[top], adds, moves)
            losses = [
                float(top in self.wanted and top in self.edges.moving and top not in self.edges.passed)
                for top in node.tops
            ]
            if any(losses):  # what a loss depends on gets a gradient
                last.loss_weight.extend(losses if len(last.top) == len(losses) else [0.0, *losses])
        image = new("NetParameter")
        source = image.layer.add(name="lucidreel: image", type="Input", top=[IMAGE])
        source.input_param.shape.add(dim=self.shapes[0])
        return Definition(MessageToString(image), MessageToString(self.net), self.weights, found)

    def _node(self, node: Node, tensors: Sequence[Tensor]) -> None:
        """Append the layers that make a node's tops of its bottoms."""
        bottoms = [self.blobs[bottom] for bottom in node.bottoms]
        in_place = self._may_stay_in_place(node)
        for top in node.tops:
            self.blobs[top] = bottoms[0] if in_place else str(top)
        tops = [self.blobs[top] for top in node.tops]
        layer = node.layer
        if isinstance(layer, ChosenChannels):
            self._chosen(node, layer, tensors, bottoms, tops)
        elif isinstance(layer, SlidingProduct):
            self._sliding_product(node, layer, tensors, bottoms, tops)
        elif isinstance(layer, SlidingPooling):
            self._sliding_pooling(node, layer, bottoms, tops)
        elif isinstance(layer, Unchanged):
            self._reshape(node, bottoms, tops, [0] * len(self.shapes[node.bottoms[0]]))
        elif node.type == "Flatten":
            self._flatten(node, bottoms, tops)
        elif node.type == "BatchNorm" and len(tensors) == 5:
            self._append(node, "BatchNorm", tensors[:3], bottoms, tops)
            scale = self._append(node, "Scale", tensors[3:], tops, tops, "scale")
            scale.ClearField("batch_norm_param")
            scale.scale_param.bias_term = True
        else:
            self._append(node, self._type(node), tensors, bottoms, tops)

    def _type(self, node: Node) -> str:
        """Return the name that this Caffe has for a node's type. TargetError where it has none."""
        of_variants = {"ConvolutionDepthwise": "Convolution", "DepthwiseConvolution": "Convolution"}
        for name in (node.type, of_variants.get(node.type, "")):
            if name in self.types and not (node.type == "ReLU6" and any(getattr(node.layer, "leaks", ()))):
                return name
        raise TargetError(
            f"Layer {node.name!r} is of the type {node.type}, which the Caffe at hand does not have. Choose "
            "a layer before it, or leave the network to PyTorch (--backend torch), which runs it."
        )

    def _append(
        self,
        node: Node,
        kind: str,
        tensors: Sequence[Tensor],
        bottoms: Sequence[str],
        tops: Sequence[str],
        part: str = "",
    ) -> Message:
        """Append a layer with a node's parameters."""
        layer = self.net.layer.add()
        layer.CopyFrom(node.layer.param)
        for of_training in _OF_TRAINING:
            layer.ClearField(of_training)
        for _, options in layer.ListFields():
            if hasattr(options, "DESCRIPTOR"):
                _in_plain_caffe(options)
        layer.name, layer.type = f"{node.name}: {part}" if part else node.name, kind
        layer.bottom.extend(bottoms)
        layer.top.extend(tops)
        if tensors and kind == "Convolution":
            layer.convolution_param.num_output = tensors[0].shape[0]
        if cut := self.edges.cuts(node):
            layer.propagate_down.extend(place not in cut for place in range(len(bottoms)))
        for place, tensor in enumerate(tensors):
            layer.param.add(lr_mult=0.0)
            self.weights.append((layer.name, place, tensor))
        return layer

    def _reshape(
        self, node: Node, bottoms: Sequence[str], tops: Sequence[str], dims: Sequence[int]
    ) -> Message:
        layer = self._append(node, "Reshape", (), bottoms, tops)
        for options in ("flatten_param", "pooling_param", "reshape_param"):
            layer.ClearField(options)
        layer.reshape_param.shape.dim.extend(dims)
        return layer

    def _flatten(self, node: Node, bottoms: Sequence[str], tops: Sequence[str]) -> None:
        options, axes = node.layer.param.flatten_param, len(self.shapes[node.bottoms[0]])
        first, last = canonical_axis(options.axis, axes), canonical_axis(options.end_axis, axes)
        layer = self._reshape(node, bottoms, tops, [-1])
        layer.reshape_param.axis, layer.reshape_param.num_axes = first, last - first + 1

    def _sliding_pooling(
        self, node: Node, pooling: SlidingPooling, bottoms: Sequence[str], tops: Sequence[str]
    ) -> None:
        layer = self._append(node, "Pooling", (), bottoms, tops)
        layer.ClearField("pooling_param")
        options = layer.pooling_param
        size = self.shapes[node.bottoms[0]][2:]
        options.pool = pooling.method
        options.kernel_h, options.kernel_w = map(min, pooling.window.kernel, size)
        options.stride = 1

    def _sliding_product(
        self,
        node: Node,
        product: SlidingProduct,
        tensors: Sequence[Tensor],
        bottoms: Sequence[str],
        tops: Sequence[str],
    ) -> None:
        """Append a convolution. A map smaller than its window is filled up, evenly as Caffe has it.

        Where an odd number of cells is lacking, there are two places for the window, and the second is right.
        """
        size = self.shapes[node.bottoms[0]][2:]
        lacking = [max(0, k - have) for k, have in zip(product.window.kernel, size, strict=True)]
        odd = [axis for axis, cells in enumerate(lacking, start=2) if cells % 2]
        blob = f"{tops[0]} all" if odd else tops[0]
        layer = self._append(node, "Convolution", tensors, bottoms, [blob])
        layer.ClearField("inner_product_param")
        options = layer.convolution_param
        options.num_output, options.bias_term = tensors[0].shape[0], len(tensors) > 1
        options.kernel_h, options.kernel_w = product.window.kernel
        options.pad_h, options.pad_w = (-(-cells // 2) for cells in lacking)
        for axis in odd:
            kept = tops[0] if axis == odd[-1] else f"{tops[0]} axis {axis}"
            cut = self.net.layer.add(name=f"{node.name}: axis {axis}", type="Slice", bottom=[blob])
            cut.top.extend([f"{kept} cut off", kept])
            cut.slice_param.axis = axis
            cut.slice_param.slice_point.append(1)
            blob = kept

    def _chosen(
        self,
        node: Node,
        chosen: ChosenChannels,
        tensors: Sequence[Tensor],
        bottoms: Sequence[str],
        tops: Sequence[str],
    ) -> None:
        """Append the layer whose channels are chosen from, and a product with ones and zeros that chooses."""
        inner = replace(node, layer=chosen.layer)
        all_classes = f"{tops[0]} all classes"
        before = dict(self.blobs)
        self._node(inner, tensors)
        self.blobs = before
        self.net.layer[-1].top[0] = all_classes
        channels = chosen.layer.shapes(*(self.shapes[bottom] for bottom in node.bottoms))[0][1]
        choice = torch.zeros(len(chosen.channels), channels, 1, 1)
        choice[torch.arange(len(chosen.channels)), list(chosen.channels)] = 1.0
        layer = self.net.layer.add(name=f"{node.name}: chosen", type="Convolution")
        layer.bottom.append(all_classes)
        layer.top.extend(tops)
        layer.convolution_param.num_output, layer.convolution_param.bias_term = len(chosen.channels), False
        layer.convolution_param.kernel_size.append(1)
        layer.param.add(lr_mult=0.0)
        self.weights.append((layer.name, 0, choice))

    def _may_stay_in_place(self, node: Node) -> bool:
        """Tell whether a layer that writes over its bottom may: nobody else needs what was there."""
        param = node.layer.param
        if node.type not in _IN_PLACE or list(param.bottom[:1]) != list(param.top) or len(node.bottoms) != 1:
            return False
        (bottom,) = node.bottoms
        maker = self.graph.producer(bottom)
        if maker is None or isinstance(node.layer, ChosenChannels):
            return False
        if bottom in self.wanted or self.edges.uses[bottom] > 1:
            return False
        if node.type == "Dropout":  # which changes nothing
            return True
        if node.type == "ReLU" and param.relu_param.negative_slope < 0:
            return False  # its values' signs would say nothing of its bottom's
        if isinstance(maker.layer, (ChosenChannels, SlidingPooling, Unchanged)):
            return False
        is_sum = maker.type == "Eltwise" and maker.layer.param.eltwise_param.operation == SUM
        return is_sum or maker.type in _NEED_NO_TOP


class _Edges:
    """Where gradients go between the nodes of a definition."""

    def __init__(self, nodes: Sequence[Node], wanted: Collection[int]) -> None:
        self.uses = Counter(bottom for node in nodes for bottom in node.bottoms)
        """How many bottoms a value is."""
        self.moving = {0}
        """The values that have a gradient."""
        for node in nodes:
            if self._open(node):
                self.moving.update(node.tops)
        live = self.moving.intersection(wanted)
        self.passed: set[int] = set()
        """Those that a gradient reaches from other wanted values."""
        for node in reversed(nodes):
            if live.intersection(node.tops):
                self.passed |= self._open(node)
                live |= self._open(node)

    def _open(self, node: Node) -> set[int]:
        """Return the bottoms that a gradient may reach through a node."""
        if node.type in _WITHOUT_GRADIENT:
            return set()
        closed = _chooser(node)
        return {b for place, b in enumerate(node.bottoms) if b in self.moving and place != closed}

    def cuts(self, node: Node) -> set[int]:
        """Return the places of bottoms that no gradient may reach though Caffe would send one."""
        reached, closed = self._open(node), _chooser(node)
        return {place for place, b in enumerate(node.bottoms) if b not in reached or place == closed}


def _chooser(node: Node) -> int:
    place = _CHOOSING.get(node.type, len(node.bottoms))
    return place % len(node.bottoms) if place < 0 else place


def _in_plain_caffe(options: Message) -> None:
    """Take out of a layer's options what starts a training and what was translated from variants."""
    kept = {"data_filler"}
    for descriptor in options.DESCRIPTOR.fields:
        filler = descriptor.message_type and descriptor.message_type.name == "FillerParameter"
        if (filler and descriptor.name not in kept) or descriptor.name in _TRANSLATED:
            options.ClearField(descriptor.name)
    if options.DESCRIPTOR.name == "PoolingParameter" and not options.round_mode:
        options.ClearField("round_mode")  # the default; not every Caffe has it


_TRANSLATED = frozenset({"ceil_mode", "hole", "hole_h", "hole_w", "scale_bias"})

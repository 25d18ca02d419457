"""A network of Caffe files that real Caffe runs, through pycaffe, in a process of its own.

It is asked for what is asked of any network (models/network.py), and answers with what its graph says, as
CaffeNetwork does; only the layers' values and gradients are Caffe's own. These are float32 whatever is asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from weakref import WeakSet

import torch
from torch import Tensor

from ..backend import BackendName
from ..graph.graph import Node
from ..graph_network import GraphNetwork
from ..layers.base import Shape
from .caffe_net import CaffeNet, Run
from .definition import Definition, write_definition
from .memory import numbers_held
from .running_caffe import RunningCaffe

_PLANS_KEPT = 50
"""A plan is for a set of layers and one size of images; a net, for a set of layers and most sizes."""
_OF_CLASSES = frozenset({"Convolution", "InnerProduct"})
"""Layers that may have fewer rows of weights than they were made for: those of the classes wanted."""


@dataclass(frozen=True)
class PycaffeNetwork(GraphNetwork):
    """Implements the Network protocol (network.py) by having Caffe run a graph's layers."""

    caffe: RunningCaffe = field(kw_only=True, repr=False)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    """Where values are wanted."""
    _nets: dict[str, CaffeNet] = field(default_factory=dict, init=False, repr=False, compare=False)
    """By the text of their definitions, the last one used at the end."""
    _siblings: WeakSet[CaffeNet] = field(default_factory=WeakSet, init=False, repr=False, compare=False)
    """All of these nets that there are; and none is kept for that."""
    _plans: dict[tuple[tuple[str, ...], Shape], tuple[Definition, Run]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, network: GraphNetwork, caffe: RunningCaffe) -> PycaffeNetwork:
        """Return a network that is loaded as one that Caffe runs."""
        parts = {each.name: getattr(network, each.name) for each in fields(GraphNetwork)}
        return cls(**parts, caffe=caffe)

    @property
    def backend(self) -> BackendName:
        """Real Caffe."""
        return "pycaffe"

    def activations(self, images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return each named layer's value for images (n, 3, h, w), RGB 0..1 (see Network).

        Raises BackendError where Caffe dies or is silent for minutes.
        """
        nodes = {name: self.find_layer(name) for name in layers}
        self.check_channels()
        values = self.evaluate(self.preprocess(images.float()), list(nodes.values()))
        return {name: values[node.tops[0]].to(self.device) for name, node in nodes.items()}

    def evaluate(self, data: Tensor, nodes: Sequence[Node]) -> dict[int, Tensor]:
        """Return the values of these nodes' tops, by value number.

        `data` (n, c, h, w) is what Caffe has in its data blob: no mean is subtracted and no channel swapped.
        """
        blob = data.to("cpu", torch.float32).contiguous()
        definition, run = self._plan(nodes, tuple(blob.shape))
        return self._net(definition)(blob, run)

    def numbers_per_pixel(self, layers: Sequence[str]) -> float:
        """Return how many numbers a pass to these layers and back holds at once (see Network)."""
        _, _, height, width = self.graph.input_shape
        wanted = [self.find_layer(name) for name in layers]
        return numbers_held(self.graph, self.weights, wanted) / (height * width)

    def to(self, device: torch.device, dtype: torch.dtype) -> PycaffeNetwork:
        """Return the network with Caffe on a GPU of PyTorch's name for it, or on the CPU; always float32."""
        gpu = (device.index or 0) if device.type == "cuda" else None
        if gpu == self.caffe.gpu:
            return self if device == self.device else replace(self, device=device)
        caffe = RunningCaffe(self.caffe.python, gpu, self.caffe.threads)
        return replace(self, caffe=caffe, device=device)

    def _shapes(self, nodes: Sequence[Node], shape: Shape) -> dict[int, Shape]:
        """Return the shapes of all values that nodes need, for a data blob of a shape.

        Where Caffe would find that something does not fit, it would take its process with it. Of classes that
        are not wanted, layers have no weights, though they were made for all (graph/select_classes.py).
        """
        shapes = {0: shape}
        for index in self.graph.ancestors(nodes):
            node = self.graph.nodes[index]
            try:
                made = node.layer.shapes(*(shapes[bottom] for bottom in node.bottoms))
                if node.type in _OF_CLASSES and len(made[0]) == 4:
                    made = [(top[0], len(self.weights[index][0]), *top[2:]) for top in made]
                if any(min(top, default=1) < 1 for top in made):
                    raise ValueError(f"nothing is left of {shapes[node.bottoms[0]]}")
            except (ValueError, LookupError, ArithmeticError) as error:
                raise self.unsuitable(node, shape[2:], error) from error
            shapes.update(zip(node.tops, made, strict=True))
        return shapes

    def _plan(self, nodes: Sequence[Node], shape: Shape) -> tuple[Definition, Run]:
        """Return what Caffe is to do for these nodes and a data blob of a shape."""
        key = (tuple(sorted({node.name for node in nodes})), shape)
        if key not in self._plans:
            shapes = self._shapes(nodes, shape)
            definition = write_definition(self.graph, self.weights, nodes, shapes, self.caffe.facts.types)
            while len(self._plans) >= _PLANS_KEPT:
                self._plans.pop(next(iter(self._plans)))
            per_pixel = self.numbers_per_pixel([node.name for node in nodes])
            run = Run(
                image=definition.image,
                wanted=definition.wanted,
                shapes=tuple(shapes[value] for value in definition.wanted),
                products=self._products(nodes, shapes),
                held=per_pixel * shape[0] * math.prod(shape[2:]),
            )
            self._plans[key] = definition, run
        return self._plans[key]

    def _net(self, definition: Definition) -> CaffeNet:
        """Return the net of a definition."""
        net = self._nets.pop(definition.layers, None) or CaffeNet(self.caffe, definition, self._siblings)
        self._nets[definition.layers] = net
        while len(self._nets) > _PLANS_KEPT:
            self._nets.pop(next(iter(self._nets)))
        return net

    def _products(self, nodes: Sequence[Node], shapes: Mapping[int, Shape]) -> float:
        """Return how many multiplications these nodes take, roughly."""
        products = 0.0
        for index in self.graph.ancestors(nodes):
            node, weights = self.graph.nodes[index], self.weights[index]
            for top in node.tops:
                each = math.prod(weights[0].shape[1:]) if weights else 10
                products += float(math.prod(shapes[top])) * each
        return products

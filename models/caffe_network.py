"""A Caffe network executed in PyTorch.

The graph is a plain list of layers (graph/). On a CPU, those that the requested layers need are compiled to a
program that runs several at a time (cpu/); on other devices one loop runs them one by one. Weights are
tensors that never require a gradient, so that going backwards costs only what leads to the pixels.
Convolution weights and the image are kept in channels_last order, in which PyTorch's CPU and CUDA kernels for
convolutions and pooling are fastest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from ..errors import LayerNotFoundError, TargetError, suggestion
from .cpu.operation import OperationError
from .cpu.program import Program, compile_program
from .graph.dense import densify
from .graph.graph import Graph, Node
from .graph.receptive_field import find_receptive_field
from .graph.select_classes import select_classes
from .graph.weights import Weights
from .labels import Labels
from .layers.pooling import MAX
from .network import LayerInfo, ReceptiveField
from .preprocess import Preprocess

# What a pass holds at its largest, gradients and copies included: of the maps that a program's operations
# make, and of those of all layers, run one by one, that are not let go at once (docs/engine.md, "Memory").
_HELD_OF_MADE, _HELD_OF_ALL = 1.6, 1.3
_LET_GO = frozenset({"BatchNorm", "Bias", "Dropout", "Flatten", "Reshape", "Scale", "Split"})


@dataclass(frozen=True)
class CaffeNetwork:
    """Implements the Network protocol (network.py) over a graph and its weights."""

    name: str
    graph: Graph = field(repr=False)
    weights: Weights = field(repr=False)
    preprocess: Preprocess = field(default_factory=Preprocess)
    labels: Labels = field(default_factory=Labels, repr=False)
    class_layer: str | None = None
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    dtype: torch.dtype = torch.float32
    _programs: dict[tuple[int, ...], Program] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) that the definition declares."""
        return self.graph.input_shape[2], self.graph.input_shape[3]

    @property
    def layers(self) -> tuple[LayerInfo, ...]:
        """Every layer with a top, in order of execution."""
        return tuple(self._info(node) for node in self.graph.nodes if node.tops)

    @property
    def pictures(self) -> str:
        """What is done to pictures, as "BGR, 0 to 255, minus 104, 117, 123"."""
        return str(self.preprocess)

    def activations(self, images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return each named layer's value for images (n, 3, h, w), RGB 0..1 (see Network)."""
        nodes = {name: self.find_layer(name) for name in layers}
        if self.graph.input_shape[1] != self.preprocess.channels:
            raise TargetError(
                f"{self.name} takes {self.graph.input_shape[1]} channels and cannot look at pictures "
                f"({self.preprocess.channels} channels)."
            )
        blob = self.preprocess.blob(images.to(self.device), self.dtype)
        values = self.evaluate(blob, list(nodes.values()))
        return {name: values[node.tops[0]] for name, node in nodes.items()}

    def evaluate(self, data: Tensor, nodes: Sequence[Node]) -> dict[int, Tensor]:
        """Return the values of these nodes' tops, and maybe others, by value number.

        `data` (n, c, h, w) is what Caffe has in its data blob: no mean is subtracted and no channel swapped.
        """
        blob = _laid_out(data.to(self.device, self.dtype))
        if not self._runs_as_program:
            return self._layer_by_layer(blob, nodes)
        try:
            return self.program([node.name for node in nodes]).run(blob)
        except OperationError as error:
            node = self.find_layer(error.layer)
            raise self._unsuitable(node, blob, error.__cause__) from error.__cause__

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

    def dense(self, classes: Sequence[int] | None = None, averaged: bool = True) -> CaffeNetwork:
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

    def numbers_per_pixel(self, layers: Sequence[str]) -> float:
        """Return how many numbers a pass to these layers and back holds at once (see Network)."""
        images, _, height, width = self.graph.input_shape
        if self._runs_as_program:
            return _HELD_OF_MADE * self.program(layers).numbers_made / (images * height * width)
        last = max(self.graph.nodes.index(self.find_layer(name)) for name in layers)
        maps = [
            self._info(node).shape
            for node in self.graph.nodes[: last + 1]
            if node.tops and node.type not in _LET_GO
        ]
        return _HELD_OF_ALL * sum(math.prod(shape) for shape in maps if len(shape) == 4) / (height * width)

    def to(self, device: torch.device, dtype: torch.dtype) -> CaffeNetwork:
        """Return the network on a device; normalising statistics stay float32 in any case."""
        if device.type == "cuda" and dtype == torch.float32:
            # "fp32" means fp32. TF32 keeps 10 bits of a product's factors; bfloat16 is the way to be faster.
            torch.backends.cudnn.allow_tf32 = False
        moved = [
            [
                _laid_out(tensor.to(device, torch.float32 if node.layer.keeps_float32 else dtype))
                for tensor in tensors
            ]
            for node, tensors in zip(self.graph.nodes, self.weights, strict=True)
        ]
        return replace(self, weights=moved, device=device, dtype=dtype)

    @property
    def _runs_as_program(self) -> bool:
        return self.device.type == "cpu" and self.dtype in (torch.float32, torch.bfloat16)

    def _info(self, node: Node) -> LayerInfo:
        shape = self.graph.shapes[node.tops[0]]
        one = (1, *shape[1:])
        is_max_pooling = getattr(node.layer, "method", None) == MAX
        return LayerInfo(node.name, node.type, one[1] if len(one) > 1 else 1, one, is_max_pooling)

    def program(self, layers: Sequence[str]) -> Program:
        """Return how the CPU computes these layers (cpu/); made once for each set of them."""
        nodes = [self.find_layer(name) for name in layers]
        wanted = tuple(sorted({top for node in nodes for top in node.tops}))
        if wanted not in self._programs:
            needed = _ancestors(self.graph, nodes)
            self._programs[wanted] = compile_program(self.graph, self.weights, needed, wanted, self.dtype)
        return self._programs[wanted]

    def _layer_by_layer(self, blob: Tensor, wanted: Sequence[Node]) -> dict[int, Tensor]:
        """Run what `wanted` needs, in order; values that nothing needs any more are let go at once."""
        kept = {top for node in wanted for top in node.tops}
        needed = _ancestors(self.graph, wanted)
        last_use = {value: index for index in needed for value in self.graph.nodes[index].bottoms}
        values = {0: blob}
        for index in needed:
            node = self.graph.nodes[index]
            tops = self._run(node, self.weights[index], [values[bottom] for bottom in node.bottoms], blob)
            values.update(zip(node.tops, tops, strict=True))
            for value in node.bottoms:
                if last_use[value] == index and value not in kept:
                    values.pop(value, None)
        return values

    def _run(
        self, node: Node, weights: Sequence[Tensor], bottoms: Sequence[Tensor], blob: Tensor
    ) -> tuple[Tensor, ...]:
        try:
            tops = node.layer.forward(weights, *bottoms)
        except (ValueError, RuntimeError, LookupError, ArithmeticError) as error:
            if "memory" in str(error).lower():
                raise  # for the caller, who may try smaller tiles
            raise self._unsuitable(node, blob, error) from error
        tops = tops if isinstance(tops, tuple) else (tops,)
        return tops if bottoms else tuple(top.to(self.device, self.dtype) for top in tops)

    def _unsuitable(self, node: Node, blob: Tensor, error: BaseException | None) -> TargetError:
        height, width = blob.shape[2:]
        return TargetError(
            f"Layer {node.name!r} ({node.type}) of {self.name} does not work on an image of "
            f"{width}x{height}; the network is made for {self.input_size[1]}x{self.input_size[0]}: {error}"
        )


def _ancestors(graph: Graph, wanted: Sequence[Node]) -> list[int]:
    """Return the positions of the nodes that lead to `wanted`, these included, in order of execution."""
    values = {value for node in wanted for value in (*node.tops, *node.bottoms)}
    needed = []
    for index in reversed(range(len(graph.nodes))):
        node = graph.nodes[index]
        if values.intersection(node.tops):
            needed.append(index)
            values.update(node.bottoms)
    return needed[::-1]


def _laid_out(tensor: Tensor) -> Tensor:
    """Return a tensor in channels_last order where it has two spatial axes."""
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor

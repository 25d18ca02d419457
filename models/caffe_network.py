"""A Caffe network executed in PyTorch.

The graph is a plain list of layers (graph/). On a CPU, those that the requested layers need are compiled to a
program that runs several at a time (cpu/); on other devices one loop runs them one by one. Weights are
tensors that never require a gradient, so that going backwards costs only what leads to the pixels.
Convolution weights and the image are kept in channels_last order, in which PyTorch's CPU and CUDA kernels for
convolutions and pooling are fastest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from .backend import BackendName
from .cpu.operation import OperationError
from .cpu.program import Program, compile_program
from .graph.costs import HELD_OF_MAPS, maps_per_pixel
from .graph.graph import Node
from .graph_network import GraphNetwork

# What a pass holds at its largest, gradients and copies included, of the maps that a program's operations
# make (docs/engine.md, "Memory").
_HELD_OF_MADE = 1.6


@dataclass(frozen=True)
class CaffeNetwork(GraphNetwork):
    """Implements the Network protocol (network.py) by running a graph's layers in PyTorch."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    dtype: torch.dtype = torch.float32
    _programs: dict[tuple[int, ...], Program] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def backend(self) -> BackendName:
        """PyTorch."""
        return "torch"

    def activations(self, images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return each named layer's value for images (n, 3, h, w), RGB 0..1 (see Network)."""
        nodes = {name: self.find_layer(name) for name in layers}
        self.check_channels()
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
            raise self.unsuitable(node, blob.shape[2:], error.__cause__) from error.__cause__

    def numbers_per_pixel(self, layers: Sequence[str]) -> float:
        """Return how many numbers a pass to these layers and back holds at once (see Network)."""
        images, _, height, width = self.graph.input_shape
        if self._runs_as_program:
            return _HELD_OF_MADE * self.program(layers).numbers_made / (images * height * width)
        last = max(self.graph.nodes.index(self.find_layer(name)) for name in layers)
        return HELD_OF_MAPS * maps_per_pixel(self.graph, self.graph.nodes[: last + 1])

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

    def program(self, layers: Sequence[str]) -> Program:
        """Return how the CPU computes these layers (cpu/); made once for each set of them."""
        nodes = [self.find_layer(name) for name in layers]
        wanted = tuple(sorted({top for node in nodes for top in node.tops}))
        if wanted not in self._programs:
            needed = self.graph.ancestors(nodes)
            self._programs[wanted] = compile_program(self.graph, self.weights, needed, wanted, self.dtype)
        return self._programs[wanted]

    def _layer_by_layer(self, blob: Tensor, wanted: Sequence[Node]) -> dict[int, Tensor]:
        """Run what `wanted` needs, in order; values that nothing needs any more are let go at once."""
        kept = {top for node in wanted for top in node.tops}
        needed = self.graph.ancestors(wanted)
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
            raise self.unsuitable(node, blob.shape[2:], error) from error
        tops = tops if isinstance(tops, tuple) else (tops,)
        return tops if bottoms else tuple(top.to(self.device, self.dtype) for top in tops)


def _laid_out(tensor: Tensor) -> Tensor:
    """Return a tensor in channels_last order where it has two spatial axes."""
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor

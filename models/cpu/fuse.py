"""Fusing layers: from those that are wanted to the operations that compute them.

    the layers                                  the operations
    conv - relu - pool                          ConvolveAndPool: a Convolve (with the ReLU) and a MaxPool
                                                (which masks the gradient), in bands where the map is large
    squeeze - relu -+- expand1x1 - relu -+      Convolve -+- Convolve -+
                    +- expand3x3 - relu -+                +- Convolve -+- (two parts)
                                    concat - conv                      Convolve of two parts
    concat - pool                               a MaxPool for each part
    dropout, split                              nothing: another name for the same value

A value that somebody asked for, or that several layers read, is made as the definition has it: a ReLU in
front of which the value is wanted stays an operation, a concatenation that is wanted or read twice is put
together.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from .. import layers
from ..graph.dense import SlidingPooling, Unchanged
from ..graph.graph import Graph, Node
from ..graph.weights import Weights
from ..layers.convolution import Convolution, Deconvolution, SameConvolution
from ..layers.lrn import LocalResponseNorm
from ..layers.pooling import MAX, Pooling
from .convolution import Convolve
from .convolution_algorithms import choose_algorithm
from .convolution_rows import has_rows
from .convolve_and_pool import ConvolveAndPool
from .kernel_operations import LRN, MaxPool
from .operation import RELU, Activation, Operation
from .torch_operations import AutogradLayer, Concat, ReLU, Sum


class ProgramBuilder:
    """Turns the nodes that lead to some values into operations, one node after the other."""

    def __init__(
        self, graph: Graph, weights: Weights, needed: Sequence[int], wanted: set[int], dtype: torch.dtype
    ) -> None:
        """`needed` are the nodes' positions in order of execution, `wanted` the values asked for."""
        self.aliases: dict[int, int] = {}
        """Value -> the value that it is another name of."""
        self._dtype = dtype
        self._nodes = [(graph.nodes[index], weights[index]) for index in needed]
        for node, _ in self._nodes:
            if isinstance(node.layer, layers.activation.Dropout | layers.combine.Split | Unchanged):
                self.aliases.update(dict.fromkeys(node.tops, self._real(node.bottoms[0])))
        self.wanted = {self._real(value) for value in wanted}
        self.shapes: dict[int, tuple[int, ...]] = {
            value: graph.shapes[value] for value in range(len(graph.shapes))
        }
        self._readers: dict[int, list[Node]] = {}
        for node, _ in self._nodes:
            for value in () if node.tops and node.tops[0] in self.aliases else node.bottoms:
                self._readers.setdefault(self._real(value), []).append(node)
        self._operations: list[Operation] = []
        self._parts: dict[int, tuple[int, ...]] = {}
        """Value of a concatenation that is not put together -> its parts."""
        self._rectified: set[int] = set()
        """Values that a ReLU made."""
        self._by_rows: dict[int, tuple[Convolve, Convolution, Sequence[torch.Tensor]]] = {}
        """Value of a convolution that can be computed by rows -> its operation, layer and weights."""
        self._taken: set[str] = set()
        """The layers that an operation before has done already."""

    def build(self) -> list[Operation]:
        """Return the operations in order of execution."""
        for node, weights in self._nodes:
            if node.name in self._taken or (node.tops and node.tops[0] in self.aliases):
                continue
            layer = node.layer
            if isinstance(layer, Convolution) and self._is_plane_convolution(node):
                self._add_convolution(node, layer, weights)
            elif isinstance(layer, Pooling | SlidingPooling) and _is_max(layer):
                self._add_max_pool(node, layer)
            elif isinstance(layer, layers.combine.Concat) and layer.axis == 1 and self._is_map(node.tops[0]):
                self._add_concatenation(node)
            else:
                self._add_other(node, weights)
        self._release_tops()
        self._pool_at_once()
        return self._operations

    def _real(self, value: int) -> int:
        return self.aliases.get(value, value)

    def _is_map(self, value: int) -> bool:
        return len(self.shapes[value]) == 4

    def _only_reader(self, value: int) -> Node | None:
        """Return the one layer that reads a value which nobody asked for; None where there is none such."""
        readers = self._readers.get(value, [])
        return readers[0] if len(readers) == 1 and value not in self.wanted else None

    def _is_plane_convolution(self, node: Node) -> bool:
        layer = node.layer
        return (
            isinstance(layer, Convolution)
            and not isinstance(layer, Deconvolution)
            and (layer.spatial, layer.axis, len(node.bottoms)) == (2, 1, 1)
            and self._is_map(node.tops[0])
        )

    def _with_activation(
        self, node: Node, *, any_kind: bool = True
    ) -> tuple[tuple[str, ...], int, Activation | None]:
        """Return names and top of a node with the ReLU that alone reads it, and that.

        Not of `any_kind`, one without a limit or leaks alone counts.
        """
        top = node.tops[0]
        reader = self._only_reader(top)
        activation = None if reader is None else _activation_of(reader)
        if reader is None or activation is None or not (any_kind or activation == RELU):
            return (node.name,), top, None
        self._taken.add(reader.name)
        if activation == RELU:
            self._rectified.add(reader.tops[0])
        return (node.name, reader.name), reader.tops[0], activation

    def _add_convolution(self, node: Node, layer: Convolution, weights: Sequence[torch.Tensor]) -> None:
        bottom = self._real(node.bottoms[0])
        parts = self._parts.get(bottom, (bottom,))
        channels = [self.shapes[part][1] for part in parts]
        shares = torch.split(weights[0], channels, 1) if len(parts) > 1 else weights[:1]
        names, top, activation = self._with_activation(node)
        kernel, dilation = layer.kernel, layer.dilation
        reach = (dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1)
        if isinstance(layer, SameConvolution):
            reach = (1, 1)  # it pads as much as it needs
        convolve = Convolve(
            names, parts, (top,), tuple(choose_algorithm(layer, share) for share in shares),
            weights[1] if len(weights) > 1 else None, reach, (layer.pad[0], layer.pad[1]), activation,
        )  # fmt: skip
        self._operations.append(convolve)
        if activation in (None, RELU) and all(has_rows(layer, share) for share in shares):
            self._by_rows[top] = (convolve, layer, shares)

    def _add_max_pool(self, node: Node, layer: Pooling | SlidingPooling) -> None:
        bottom, top = self._real(node.bottoms[0]), node.tops[0]
        parts = self._parts.get(bottom, (bottom,))
        tops = (top,) if len(parts) == 1 else tuple(self._new_part(top, part) for part in parts)
        for part, part_top in zip(parts, tops, strict=True):
            self._operations.append(
                _max_pool(node.name, layer, part, part_top, rectified=part in self._rectified)
            )
        if len(parts) > 1:
            self._join(node.name, top, tops)

    def _new_part(self, whole: int, part: int) -> int:
        """Return a new value for a part of a value, with as many channels as `part` has."""
        value = len(self.shapes)
        shape = self.shapes[whole]
        self.shapes[value] = (shape[0], self.shapes[part][1], *shape[2:])
        return value

    def _add_concatenation(self, node: Node) -> None:
        self._join(node.name, node.tops[0], tuple(self._real(value) for value in node.bottoms))

    def _join(self, name: str, top: int, parts: tuple[int, ...]) -> None:
        """Make a value of its parts: only in words, where its one reader can take them one by one."""
        reader = self._only_reader(top)
        if reader is not None and len(set(parts)) == len(parts):
            takes = isinstance(reader.layer, Pooling | SlidingPooling) and _is_max(reader.layer)
            if takes or (self._is_plane_convolution(reader) and getattr(reader.layer, "group", 1) == 1):
                self._parts[top] = parts
                return
        self._operations.append(Concat((name,), parts, (top,), top in self.wanted))
        if self._rectified.issuperset(parts):
            self._rectified.add(top)

    def _add_other(self, node: Node, weights: Sequence[torch.Tensor]) -> None:
        layer, bottoms = node.layer, tuple(self._real(value) for value in node.bottoms)
        if (activation := _activation_of(node)) is not None:
            if activation == RELU:
                self._rectified.add(node.tops[0])
            self._operations.append(ReLU((node.name,), bottoms, node.tops, activation))
        elif (
            isinstance(layer, layers.combine.Eltwise)
            and layer.operation == layers.combine.SUM
            and set(layer.coefficients) == {1.0}
        ):
            names, top, activation = self._with_activation(node, any_kind=False)
            self._operations.append(Sum(names, bottoms, (top,), activation is not None))
        elif isinstance(layer, LocalResponseNorm) and layer.across and self._is_map(node.tops[0]):
            numbers = (layer.size, layer.alpha / layer.size, layer.beta, layer.k)
            rectified = bottoms[0] in self._rectified
            self._operations.append(LRN((node.name,), bottoms, node.tops, *numbers, rectified))
        else:
            self._operations.append(
                AutogradLayer((node.name,), bottoms, node.tops, layer, weights, self._dtype)
            )

    def _release_tops(self) -> None:
        """Spare convolutions the keeping of tops whose gradients arrive masked."""
        readers = self._operations_reading()

        def arrives_masked(value: int) -> bool:
            return value not in self.wanted and all(
                arrives_masked(reader.tops[0])
                if isinstance(reader, Concat)
                else getattr(reader, "masks", False)
                for reader in readers.get(value, ())
            )

        for operation in self._operations:
            if isinstance(operation, Convolve):
                operation.keeps_top = not arrives_masked(operation.tops[0])

    def _pool_at_once(self) -> None:
        """Put convolutions together with the max pooling that alone reads what they make."""
        for value, readers in self._operations_reading().items():
            pool = readers[0]
            alone = readers == [pool] and value in self._by_rows and value not in self.wanted
            if alone and isinstance(pool, MaxPool):
                convolve, layer, shares = self._by_rows[value]
                place = self._operations.index(convolve)
                self._operations[place] = ConvolveAndPool(convolve, pool, layer, shares)
                self._operations.remove(pool)

    def _operations_reading(self) -> dict[int, list[Operation]]:
        readers: dict[int, list[Operation]] = {}
        for operation in self._operations:
            for value in operation.bottoms:
                readers.setdefault(value, []).append(operation)
        return readers


def _activation_of(node: Node) -> Activation | None:
    """Return what a node does as a ReLU; None where it is none."""
    if isinstance(node.layer, layers.activation.ReLU6):
        return Activation(6.0, *node.layer.leaks)
    is_relu = (
        isinstance(node.layer, layers.activation.ReLU) and not node.layer.param.relu_param.negative_slope
    )
    return RELU if is_relu else None


def _is_max(layer: Pooling | SlidingPooling) -> bool:
    """Tell whether the compiled loop can pool: it keeps the places in one byte, and only for itself."""
    if isinstance(layer, SlidingPooling):
        window, indexed = layer.window.kernel, False
    else:
        window, indexed = layer.kernel, layer.with_index or layer.is_global
    return layer.method == MAX and not indexed and window[0] * window[1] < 255


def _max_pool(
    name: str, layer: Pooling | SlidingPooling, bottom: int, top: int, *, rectified: bool
) -> MaxPool:
    if isinstance(layer, SlidingPooling):
        return MaxPool(
            (name,), (bottom,), (top,), layer.window.kernel, (1, 1), (0, 0), False, True, rectified
        )
    return MaxPool(
        (name,), (bottom,), (top,), layer.kernel, layer.stride, layer.pad, layer.ceil, False, rectified
    )

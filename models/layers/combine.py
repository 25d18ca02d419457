"""Layers with several bottoms or tops: Eltwise, Concat, Slice, Split, Silence."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import ClassVar

import torch
from torch import Tensor

from ..caffe_files.schema import Message
from .base import Layer, Outputs, PointwiseLayer, Shape, Window, at_least, canonical_axis, layer_type

PROD, SUM, MAX = 0, 1, 2


@layer_type("Eltwise")
class Eltwise(PointwiseLayer):
    """The product, the weighted sum or the maximum of blobs of one shape.

    Where maxima are equal, the second bottom wins over the first, and otherwise the earlier one: so the whole
    gradient goes there.
    """

    bottoms: ClassVar[tuple[int, int | None]] = (2, None)

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        self.operation = param.eltwise_param.operation
        self.coefficients = list(param.eltwise_param.coeff) or [1.0] * len(bottoms)
        if len(set(bottoms)) > 1:
            raise ValueError(f"bottoms of different shapes {list(bottoms)}")
        if len(self.coefficients) != len(bottoms):
            raise ValueError(f"{len(self.coefficients)} coefficients for {len(bottoms)} bottoms")

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        if self.operation == PROD:
            return reduce(torch.mul, bottoms)
        if self.operation == SUM:
            terms = zip(self.coefficients, bottoms, strict=True)
            return reduce(torch.add, [x if factor == 1 else factor * x for factor, x in terms])
        first, second, *rest = bottoms
        top = torch.where(first > second, first, second)
        for bottom in rest:
            top = torch.where(bottom > top, bottom, top)
        return top


@layer_type("Concat")
class Concat(Layer):
    """Blobs one after the other along an axis."""

    bottoms: ClassVar[tuple[int, int | None]] = (1, None)

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        options = param.concat_param
        axis = options.concat_dim if options.HasField("concat_dim") else options.axis
        self.axis = canonical_axis(axis, len(bottoms[0]))
        self.window = Window() if self.axis < 2 else None

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return torch.cat(bottoms, self.axis)


@layer_type("Slice")
class Slice(Layer):
    """One blob cut along an axis, at the given points or into equal parts."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        options = param.slice_param
        axis = options.slice_dim if options.HasField("slice_dim") else options.axis
        self.axis = canonical_axis(axis, len(bottoms[0]))
        self.points = tuple(options.slice_point)
        self.parts = len(param.top)
        at_least(1, tops=self.parts)
        self.window = Window() if self.axis < 2 else None
        if self.points and len(self.points) != self.parts - 1:
            raise ValueError(f"{len(self.points)} slice points for {self.parts} tops")
        if not self.points and bottoms[0][self.axis] % self.parts:
            raise ValueError(f"{bottoms[0][self.axis]} cells cannot be cut in {self.parts} equal parts")

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        points = self.points or [bottoms[0].shape[self.axis] * i // self.parts for i in range(1, self.parts)]
        return bottoms[0].tensor_split(points, self.axis)


@layer_type("Split")
class Split(PointwiseLayer):
    """The same blob under several names."""

    def shapes(self, *bottoms: Shape) -> list[Shape] | None:
        """Return the bottom's shape for every name."""
        return [bottoms[0]] * len(self.param.top)

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return (bottoms[0],) * len(self.param.top)


@layer_type("Silence")
class Silence(Layer):
    """Take blobs that nothing else wants; no tops."""

    bottoms: ClassVar[tuple[int, int | None]] = (1, None)

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return ()

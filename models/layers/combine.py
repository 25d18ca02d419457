"""Layers with several bottoms or tops: Eltwise, Concat, Slice, Split, Silence."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from ..caffe_files.schema import Message
from .base import Layer, Outputs, PointwiseLayer, Shape, Window, at_least, canonical_axis, layer_type

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from ..late_torch import torch

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

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the first bottom's shape with the lengths of all along the axis."""
        before, after = bottoms[0][: self.axis], bottoms[0][self.axis + 1 :]
        for bottom in bottoms:
            if (bottom[: self.axis], bottom[self.axis + 1 :]) != (before, after):
                raise ValueError(f"{bottom} and {bottoms[0]} differ in more than axis {self.axis}")
        return [(*before, sum(bottom[self.axis] for bottom in bottoms), *after)]

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

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the parts' shapes; points beyond the end make parts without values."""
        before, length, after = bottoms[0][: self.axis], bottoms[0][self.axis], bottoms[0][self.axis + 1 :]
        edges = [0, *(min(point, length) for point in self._cuts(length)), length]
        return [(*before, max(0, end - begin), *after) for begin, end in pairwise(edges)]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return bottoms[0].tensor_split(self._cuts(bottoms[0].shape[self.axis]), self.axis)

    def _cuts(self, length: int) -> Sequence[int]:
        return self.points or [length * part // self.parts for part in range(1, self.parts)]


@layer_type("Split")
class Split(PointwiseLayer):
    """The same blob under several names."""

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the bottom's shape for every name."""
        return [bottoms[0]] * len(self.param.top)

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return (bottoms[0],) * len(self.param.top)


@layer_type("Silence")
class Silence(Layer):
    """Take blobs that nothing else wants; no tops."""

    bottoms: ClassVar[tuple[int, int | None]] = (1, None)

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return nothing."""
        return []

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return ()

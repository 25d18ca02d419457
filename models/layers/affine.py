"""Layers that multiply and add learned numbers: InnerProduct, Scale, Bias, Embed, and SENet's Axpy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from ..caffe_files.schema import Message
from .base import (
    Layer,
    Outputs,
    PointwiseLayer,
    Shape,
    Weight,
    Window,
    at_least,
    broadcast,
    canonical_axis,
    layer_type,
)

if TYPE_CHECKING:
    import torch.nn.functional as F
    from torch import Tensor
else:
    from ..late_torch import F


@layer_type("InnerProduct")
class InnerProduct(Layer):
    """A matrix product over everything from `axis` on, one for each position before it."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        options = param.inner_product_param
        at_least(1, num_output=options.num_output)
        self.axis = canonical_axis(options.axis, len(bottoms[0]))
        self.inputs = math.prod(bottoms[0][self.axis :])
        self.transpose = options.transpose
        shape = (options.num_output, self.inputs)
        matrix = Weight(shape[::-1] if self.transpose else shape)
        self.weights = (matrix, Weight((options.num_output,), 0.0)) if options.bias_term else (matrix,)

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return one number per output in place of the axes that are multiplied."""
        given = math.prod(bottoms[0][self.axis :])
        if given != self.inputs:
            raise ValueError(f"takes {self.inputs} values, but a blob of {tuple(bottoms[0])} gives {given}")
        return [(*bottoms[0][: self.axis], self.param.inner_product_param.num_output)]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        self.shapes(tuple(bottoms[0].shape))  # names both sizes where they differ
        flat = bottoms[0].flatten(self.axis)
        matrix = weights[0].t() if self.transpose else weights[0]
        return F.linear(flat, matrix, weights[1] if len(weights) > 1 else None)


@layer_type("Embed")
class Embed(Layer):
    """A row of a learned table for each (integer) value; no gradient passes."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        options = param.embed_param
        at_least(1, num_output=options.num_output, input_dim=options.input_dim)
        table = Weight((options.input_dim, options.num_output))
        self.weights = (table, Weight((options.num_output,), 0.0)) if options.bias_term else (table,)

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the bottom's shape with a row behind."""
        return [(*bottoms[0], self.param.embed_param.num_output)]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        rows = F.embedding(bottoms[0].long(), weights[0])
        return rows + weights[1] if len(weights) > 1 else rows


class _Broadcast(Layer):
    """Scale and Bias: a smaller blob, learned or a second bottom, laid along the axes from `axis` on."""

    bottoms: ClassVar[tuple[int, int | None]] = (1, 2)

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        options = param.bias_param if param.type == "Bias" else param.scale_param
        self.learned = len(bottoms) == 1
        dimensions = len(bottoms[0])
        scalar = options.num_axes == 0 if self.learned else not bottoms[1]
        self.axis = 0 if scalar else canonical_axis(options.axis, dimensions)
        count = len(bottoms[1]) if not self.learned else options.num_axes
        end = dimensions if count == -1 else self.axis + count
        if end > dimensions:
            raise ValueError(f"{count} axes from axis {self.axis} do not fit a blob of shape {bottoms[0]}")
        self.factor_shape = bottoms[0][self.axis : end]
        # A factor that varies over the map belongs to places, not to what is there.
        planar = dimensions == 4 and math.prod(self.factor_shape[max(0, 2 - self.axis) :]) > 1
        self.window = None if planar else Window()

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the first bottom's shape; a larger one where the second one lies over single cells."""
        spread = [
            self._around(tuple(factor), len(bottoms[0])) for factor in (self.factor_shape, *bottoms[1:])
        ]
        return [broadcast(bottoms[0], *spread)]

    def _spread(self, factor: Tensor, bottom: Tensor) -> Tensor:
        """Return the smaller blob with axes of length 1 put around it."""
        return factor.reshape(self._around(tuple(factor.shape), bottom.ndim))

    def _around(self, factor: Shape, dimensions: int) -> Shape:
        return (1,) * self.axis + factor + (1,) * (dimensions - self.axis - len(factor))


@layer_type("Scale")
class Scale(_Broadcast):
    """Multiply by a smaller blob, and add another one with bias_term."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        factor = (Weight(self.factor_shape, 1.0),) if self.learned else ()
        bias = (Weight(self.factor_shape, 0.0),) if param.scale_param.bias_term else ()
        self.weights = factor + bias

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        factor, *bias = weights if self.learned else (bottoms[1], *weights)
        product = bottoms[0] * self._spread(factor, bottoms[0])
        return product + self._spread(bias[0], bottoms[0]) if bias else product


@layer_type("Bias")
class Bias(_Broadcast):
    """Add a smaller blob."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        self.weights = (Weight(self.factor_shape, 0.0),) if self.learned else ()

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return bottoms[0] + self._spread(weights[0] if self.learned else bottoms[1], bottoms[0])


@layer_type("Axpy")
class Axpy(PointwiseLayer):
    """a * x + y with one factor a per channel (bottoms a, x, y), from the SENet fork."""

    bottoms: ClassVar[tuple[int, int | None]] = (3, 3)

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the shape of the three laid over each other."""
        return [broadcast(self._factor(bottoms[0]), *bottoms[1:])]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        factor, x, y = bottoms
        return factor.reshape(self._factor(tuple(factor.shape))) * x + y

    def _factor(self, shape: Shape) -> Shape:
        if math.prod(shape[2:]) != 1:
            raise ValueError(f"a blob of shape {shape} is not one factor per channel")
        return (*shape[:2], 1, 1)

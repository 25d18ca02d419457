"""Layers that move values without changing them: Flatten, Reshape, Crop, Permute, Tile, and Reduction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from ..caffe_files.schema import Message
from .base import Layer, Outputs, Shape, Window, canonical_axis, layer_type

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from ..late_torch import torch

SUM, ASUM, SUMSQ, MEAN = 1, 2, 3, 4


@layer_type("Flatten")
class Flatten(Layer):
    """Join the axes `axis` .. `end_axis` into one."""

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the bottom's shape with one axis in place of those joined."""
        options, shape = self.param.flatten_param, bottoms[0]
        first, last = (canonical_axis(axis, len(shape)) for axis in (options.axis, options.end_axis))
        if first > last:
            raise ValueError(f"axis {first} comes after end_axis {last}")
        return [(*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :])]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        (shape,) = self.shapes(tuple(bottoms[0].shape))
        return bottoms[0].reshape(shape)


@layer_type("Reshape")
class Reshape(Layer):
    """Replace `num_axes` axes from `axis` on by new ones; 0 copies a length, -1 takes what is left over."""

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the new shape. Raises ValueError where it has another number of values."""
        options, shape = self.param.reshape_param, tuple(bottoms[0])
        start = options.axis if options.axis >= 0 else len(shape) + options.axis + 1
        end = len(shape) if options.num_axes == -1 else start + options.num_axes
        if not 0 <= start <= end <= len(shape):
            raise ValueError(f"axes {start} to {end} do not exist in a blob of shape {shape}")
        wanted = [
            shape[start + offset] if length == 0 else length
            for offset, length in enumerate(options.shape.dim)
        ]
        if wanted.count(-1) == 1:
            known = math.prod(length for length in wanted if length != -1)
            wanted[wanted.index(-1)] = math.prod(shape[start:end]) // max(1, known)
        new_shape = (*shape[:start], *wanted, *shape[end:])
        if min(new_shape, default=1) < 1 or math.prod(new_shape) != math.prod(shape):
            raise ValueError(f"a blob of shape {shape} cannot become {new_shape}")
        return [new_shape]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        (shape,) = self.shapes(tuple(bottoms[0].shape))
        return bottoms[0].reshape(shape)


@layer_type("Crop")
class Crop(Layer):
    """Cut the first bottom to the second one's size in all axes from `axis` on."""

    bottoms: ClassVar[tuple[int, int | None]] = (2, 2)

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        self.axis = canonical_axis(param.crop_param.axis, len(bottoms[0]))
        cropped = len(bottoms[0]) - self.axis
        offsets = list(param.crop_param.offset) or [0]
        if len(offsets) not in (1, cropped):
            raise ValueError(f"{len(offsets)} offsets for {cropped} cropped axes")
        self.offsets = offsets if len(offsets) == cropped else offsets * cropped

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the first bottom's shape up to the axis, then the second one's."""
        top, reference = bottoms
        for axis, offset in enumerate(self.offsets, start=self.axis):
            if offset + reference[axis] > top[axis]:
                raise ValueError(f"{reference[axis]} cells from {offset} on exceed axis {axis} of {top}")
        return [(*top[: self.axis], *reference[self.axis : len(top)])]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        (shape,) = self.shapes(*(tuple(bottom.shape) for bottom in bottoms))
        top = bottoms[0]
        for axis, offset in enumerate(self.offsets, start=self.axis):
            top = top.narrow(axis, offset, shape[axis])
        return top


@layer_type("Permute")
class Permute(Layer):
    """The axes in another order (SSD); axes that are not named keep their order behind."""

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the lengths in the new order."""
        return [tuple(bottoms[0][axis] for axis in self._order(len(bottoms[0])))]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return bottoms[0].permute(self._order(bottoms[0].ndim))

    def _order(self, dimensions: int) -> list[int]:
        order = list(self.param.permute_param.order)
        if len(set(order)) < len(order) or max(order, default=-1) >= dimensions:
            raise ValueError(f"{order} is no order of {dimensions} axes")
        return order + [axis for axis in range(dimensions) if axis not in order]


@layer_type("Tile")
class Tile(Layer):
    """The blob repeated along an axis."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        self.axis = canonical_axis(param.tile_param.axis, len(bottoms[0]))
        self.window = Window() if self.axis < 2 else None
        if param.tile_param.tiles < 1:
            raise ValueError("tiles has to be at least 1")

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the bottom's shape with its length along the axis times `tiles`."""
        shape = list(bottoms[0])
        shape[self.axis] *= self.param.tile_param.tiles
        return [tuple(shape)]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        repeats = [self.param.tile_param.tiles if axis == self.axis else 1 for axis in range(bottoms[0].ndim)]
        return bottoms[0].repeat(repeats)


@layer_type("Reduction")
class Reduction(Layer):
    """coeff times the sum, sum of magnitudes, sum of squares or mean over all axes from `axis` on."""

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the axes in front of those summed up."""
        return [bottoms[0][: canonical_axis(self.param.reduction_param.axis, len(bottoms[0]))]]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        options = self.param.reduction_param
        axis = canonical_axis(options.axis, bottoms[0].ndim)
        axes = tuple(range(axis, bottoms[0].ndim))
        x = bottoms[0]
        if options.operation == MEAN:
            reduced = x.mean(axes)
        else:
            reduced = {SUM: x, ASUM: x.abs(), SUMSQ: x.square()}[options.operation].sum(axes)
        return torch.mul(reduced, options.coeff)

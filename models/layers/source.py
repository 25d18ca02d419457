"""Layers without bottoms whose blobs are not the image: Parameter and constant DummyData."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from ..caffe_files.schema import Message
from .base import Layer, Outputs, Shape, Weight, at_least, layer_type

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from ..late_torch import torch


@layer_type("Parameter")
class Parameter(Layer):
    """A learned blob as a top."""

    bottoms: ClassVar[tuple[int, int | None]] = (0, 0)

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        self.weights = (Weight(tuple(param.parameter_param.shape.dim)),)

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the size that the definition gives."""
        return [self.weights[0].shape]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return weights[0]


@layer_type("DummyData")
class DummyData(Layer):
    """Blobs filled with a constant; random fillers have no place in a network that is only run."""

    bottoms: ClassVar[tuple[int, int | None]] = (0, 0)

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        options = param.dummy_data_param
        old = zip(options.num, options.channels, options.height, options.width, strict=False)
        shapes = [tuple(shape.dim) for shape in options.shape] or list(old)
        fillers = list(options.data_filler)
        if any(filler.type != "constant" for filler in fillers):
            raise ValueError("only constant fillers are supported")
        values = [filler.value for filler in fillers] or [0.0]
        count = len(param.top)
        at_least(1, tops=count, shapes=len(shapes))
        if len(shapes) not in (1, count) or len(values) not in (1, count):
            raise ValueError(f"{len(shapes)} shapes and {len(values)} fillers for {count} tops")
        self.sizes: list[Shape] = shapes if len(shapes) == count else shapes * count
        self.values = values if len(values) == count else values * count

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the sizes that the definition gives."""
        return self.sizes

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return tuple(torch.full(s, v) for s, v in zip(self.sizes, self.values, strict=True))

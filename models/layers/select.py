"""Layers that pick by value: ArgMax, BatchReindex, Filter. Where a choice is made, no gradient passes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from ..caffe_files.schema import Message
from .base import Layer, Outputs, Shape, canonical_axis, layer_type

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from ..late_torch import torch


@layer_type("ArgMax")
class ArgMax(Layer):
    """The positions (or values) of the top_k largest numbers, as floats.

    With `axis`, along that axis: positions, or values with out_max_val. Without, over everything in an image,
    as (n, 1, top_k): positions, and with out_max_val a second channel of values. Among equal values the later
    position comes first.
    """

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return top_k numbers along the axis, or (n, 1 or 2, top_k) of each image."""
        options, shape = self.param.argmax_param, bottoms[0]
        along = self._along(len(shape))
        length = math.prod(shape[1:]) if along is None else shape[along]
        if options.top_k > length:
            raise ValueError(f"top_k {options.top_k} of {length} values")
        if along is not None:
            return [(*shape[:along], options.top_k, *shape[along + 1 :])]
        channels = 2 if options.out_max_val else 1
        return [(shape[0], channels, options.top_k, *(1,) * (len(shape) - 3))]

    def _along(self, dimensions: int) -> int | None:
        options = self.param.argmax_param
        if not options.HasField("axis"):
            canonical_axis(1, dimensions)  # an image has to be more than one number
            return None
        return canonical_axis(options.axis, dimensions)

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        options, bottom = self.param.argmax_param, bottoms[0].detach()
        self.shapes(tuple(bottom.shape))  # refuses more than there are
        along = self._along(bottom.ndim)
        rows = bottom.movedim(along, -1) if along is not None else bottom.flatten(1)
        length = rows.shape[-1]
        values, order = rows.flip(-1).sort(stable=True, dim=-1, descending=True)
        positions = (length - 1 - order[..., : options.top_k]).to(bottom.dtype)
        values = values[..., : options.top_k]
        if along is not None:
            chosen: Tensor = values if options.out_max_val else positions
            return chosen.movedim(-1, along)
        channels = [positions, values] if options.out_max_val else [positions]
        top = torch.stack(channels, dim=1)
        return top.reshape(*top.shape, *(1,) * (bottom.ndim - 3))


@layer_type("BatchReindex")
class BatchReindex(Layer):
    """The first bottom's images in the order the second bottom lists them."""

    bottoms: ClassVar[tuple[int, int | None]] = (2, 2)

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return one image for each number of the second bottom."""
        canonical_axis(0, len(bottoms[0]))
        return [(math.prod(bottoms[1]), *bottoms[0][1:])]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return bottoms[0].index_select(0, bottoms[1].detach().flatten().long())


@layer_type("Filter")
class Filter(Layer):
    """From every bottom but the last, the images for which the last one is not zero."""

    bottoms: ClassVar[tuple[int, int | None]] = (2, None)

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        if len(param.top) != len(bottoms) - 1:
            raise ValueError(f"{len(bottoms)} bottoms need {len(bottoms) - 1} tops, found {len(param.top)}")

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the bottoms' shapes, as if every image were chosen."""
        return list(bottoms[:-1])

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        *blobs, selector = bottoms
        chosen = selector.detach().flatten().nonzero().flatten()
        return tuple(blob.index_select(0, chosen) for blob in blobs)

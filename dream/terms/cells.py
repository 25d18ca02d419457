"""Where a layer's cells lie in the picture, and what a weight map says at each of them.

Cell i of a layer looks at pixels around  first + i * stride.  With N pixels as the network declares them and
n cells at that size, the cells lie symmetrically, so  first = N/2 - (n-1)/2 * stride.

    pixels    |. . . . . . . . . . . . . . . .|     N = 16, n = 3, stride 4
    cells     |      [-0-]   [-1-]   [-2-]    |     first = 8 - 1 * 4 = 4: boxes [2, 6) [6, 10) …

A cell's weight is the map's mean over the box of one stride around that point. Boxes tile the picture, so no
pixel of a map is lost. Tiles begin at multiples of the stride, so a cell gets the same box in a tile.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import TargetError
from ...models.network import Network


@dataclass(frozen=True)
class CellGrid:
    """The places of a layer's cells: `stride` in pixels, `first` the (y, x) where the first box begins."""

    stride: int
    first: tuple[int, int]

    @classmethod
    def of(cls, network: Network, layer: str) -> CellGrid:
        """Return the grid of a layer; TargetError when its values belong to no places."""
        info = next(each for each in network.layers if each.name == layer)
        if len(info.shape) != 4:
            raise TargetError(f"layer {layer!r} ({info.type}) has no places left, so no map can weigh it")
        stride = network.receptive_field((layer,)).stride
        first = [
            math.floor(length / 2 - (cells - 1) / 2 * stride - stride / 2)
            for length, cells in zip(network.input_size, info.shape[2:], strict=True)
        ]
        return cls(stride, (first[0], first[1]))

    def weights(self, whole: Tensor, like: Tensor) -> Tensor:
        """Return a map (n, 1, h, w) at the cells of `like` (n, c, m, k), the layer's value: (n, 1, m, k)."""
        for axis, cells in ((-2, like.shape[-2]), (-1, like.shape[-1])):
            start = torch.arange(cells * self.stride, device=whole.device) + self.first[axis]
            whole = whole.index_select(axis, start.clamp(0, whole.shape[axis] - 1))
        return F.avg_pool2d(whole, self.stride, self.stride) if self.stride > 1 else whole

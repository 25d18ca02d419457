"""Pooling and spatial pyramid pooling, with Caffe's own rules for the edges.

Along one axis, for a map of H cells (kernel k, stride s, padding p on both sides):

        p     H        p
      |...|xxxxxxxxx|...|          cells = ceil((H + 2p - k) / s) + 1      (round_mode FLOOR: floor)
      [ 0 ]
          [ 1 ]                    With padding, a last window that would start at H + p or later, beyond
              [ 2 ]                every real cell and its padding, is dropped; without, it cannot
                  [ 3 ]            unless s > k, and is then kept though it is empty.

A window never reaches beyond H + p. AVE divides by the window's size *including* padded cells but not cells
beyond H + p; MAX looks at real cells only and takes the first of equal maxima in row-major order, which is
where the gradient goes. PyTorch's own pooling agrees in all of this except for the empty windows, and that it
refuses a padding of more than half a kernel, so there the padding is put on explicitly first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..caffe_files.schema import Message
from .base import Layer, Outputs, Shape, Window, layer_type, require_map

if TYPE_CHECKING:
    import torch
    import torch.nn.functional as F
    from torch import Tensor
else:
    from ..late_torch import F, torch

MAX, AVE, STOCHASTIC = 0, 1, 2
_PYRAMID_LIMIT = 12
_SIZE_LIMIT = 2**31 - 1  # PyTorch's pooling counts in 32 bits


@layer_type("Pooling")
class Pooling(Layer):
    """MAX, AVE or STOCHASTIC pooling; MAX may have a second top with each maximum's index in its plane."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        options = param.pooling_param
        self.method = options.pool
        self.is_global = options.global_pooling
        self.ceil = options.round_mode == 0
        self.with_index = len(param.top) > 1 and self.method == MAX
        self.kernel = _height_width(options, "kernel", "kernel_size", None if not self.is_global else 1)
        self.stride = _height_width(options, "stride", "stride", 1)
        self.pad = _height_width(options, "pad", "pad", 0)
        require_map(bottoms[0], "pooled")
        if not self.is_global:
            if min(self.kernel) < 1 or min(self.stride) < 1:
                raise ValueError(f"kernel {self.kernel} and stride {self.stride} have to be at least 1")
            limit = [kernel // 2 + 1 if self.with_index else kernel for kernel in self.kernel]
            if any(pad >= below for pad, below in zip(self.pad, limit, strict=True)):
                raise ValueError(f"pad {self.pad} is too large for the kernel {self.kernel}")
            if max(*self.kernel, *self.stride) > _SIZE_LIMIT:
                raise ValueError(f"kernel {self.kernel} and stride {self.stride} are larger than any map")
            self.window = Window(self.kernel, self.stride, self.pad)

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return a map of one cell per window for each top."""
        images, channels, *size = bottoms[0]
        if self.is_global:
            cells = (1, 1)
        else:
            drops = self.with_index or any(self.pad)  # with indices the windows are PyTorch's
            cells = _cells(size, self.kernel, self.stride, self.pad, self.ceil, drops)
        return [(images, channels, *cells)] * (2 if self.with_index else 1)

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        (bottom,) = bottoms
        if self.is_global:
            return self._pool(bottom, (bottom.shape[2], bottom.shape[3]), (1, 1), (0, 0))
        return self._pool(bottom, self.kernel, self.stride, self.pad)

    def _pool(
        self, bottom: Tensor, kernel: tuple[int, int], stride: tuple[int, int], pad: tuple[int, int]
    ) -> Outputs:
        if self.method == MAX and self.with_index:
            top, index = F.max_pool2d(bottom, kernel, stride, pad, 1, self.ceil, return_indices=True)
            return top, index.to(top.dtype)
        return pool(bottom, self.method, kernel, stride, pad, self.ceil)


@layer_type("SPP")
class SpatialPyramidPooling(Layer):
    """Pool into 1x1, 2x2, 4x4 ... bins and join all of them in one vector per image.

    A pyramid of one level stays a map of 1x1, as in Caffe.
    """

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        self.levels = param.spp_param.pyramid_height
        self.method = param.spp_param.pool
        if not 1 <= self.levels <= _PYRAMID_LIMIT:
            raise ValueError(f"pyramid_height is {self.levels}, and has to be 1 to {_PYRAMID_LIMIT}")
        require_map(bottoms[0], "pooled")

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return a vector per image with all levels' bins, or a map of the only level's."""
        images, channels, *size = bottoms[0]
        levels = [self._level(size, 2**level) for level in range(self.levels)]
        cells = [_cells(size, kernel, kernel, pad, True, any(pad)) for kernel, pad in levels]
        if self.levels == 1:
            return [(images, channels, *cells[0])]
        return [(images, channels * sum(map(math.prod, cells)))]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        (bottom,) = bottoms
        sizes = [self._level(bottom.shape[2:], 2**level) for level in range(self.levels)]
        levels = [pool(bottom, self.method, kernel, kernel, pad, ceil=True) for kernel, pad in sizes]
        return levels[0] if self.levels == 1 else torch.cat([level.flatten(1) for level in levels], dim=1)

    def _level(self, size: Sequence[int], bins: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return kernel and padding, (height, width), that part a map into bins x bins."""
        height, width = size
        kernel = (-(-height // bins), -(-width // bins))
        return kernel, ((kernel[0] * bins - height + 1) // 2, (kernel[1] * bins - width + 1) // 2)


def pool(
    bottom: Tensor,
    method: int,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    pad: tuple[int, int],
    ceil: bool,
) -> Tensor:
    """Pool (n, c, h, w) by Caffe's rules; kernel, stride and pad are (height, width)."""
    rows, columns = _cells(bottom.shape[2:], kernel, stride, pad, ceil, any(pad))
    empty = torch.finfo(bottom.dtype).min if method == MAX else 0.0
    if any(2 * p > k for p, k in zip(pad, kernel, strict=True)):
        bottom, pad = F.pad(bottom, (pad[1], pad[1], pad[0], pad[0]), value=empty), (0, 0)
    top = _pool(bottom, method, kernel, stride, pad, ceil)
    lacking = (columns - top.shape[3], rows - top.shape[2])  # negative where windows are too many
    return F.pad(top, (0, lacking[0], 0, lacking[1]), value=empty) if any(lacking) else top


def _pool(
    bottom: Tensor,
    method: int,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    pad: tuple[int, int],
    ceil: bool,
) -> Tensor:
    """Pool by PyTorch's rules, which differ in how many windows there are at the far edge."""
    if method == MAX:
        return F.max_pool2d(bottom, kernel, stride, pad, 1, ceil)
    if method == AVE:
        return F.avg_pool2d(bottom, kernel, stride, pad, ceil)
    # In the TEST phase STOCHASTIC is the mean weighted by the values themselves (Zeiler & Fergus,
    # arXiv 1301.3557); the tiny number keeps a window of zeros at zero.
    squares = F.avg_pool2d(bottom * bottom, kernel, stride, pad, ceil)
    return squares / (F.avg_pool2d(bottom, kernel, stride, pad, ceil) + torch.finfo(torch.float32).tiny)


def _cells(
    size: Sequence[int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    pad: tuple[int, int],
    ceil: bool,
    any_pad: bool,
) -> tuple[int, int]:
    """Return how many windows (down, across) a map of (height, width) gets. Raises ValueError for none."""
    rows, columns = (
        output_length(length, k, s, p, ceil, any_pad)
        for length, k, s, p in zip(size, kernel, stride, pad, strict=True)
    )
    if min(rows, columns) < 1:
        raise ValueError(f"kernel {kernel} and pad {pad} leave nothing of {tuple(size)} cells")
    return rows, columns


def output_length(length: int, kernel: int, stride: int, pad: int, ceil: bool, any_pad: bool) -> int:
    """Return how many windows Caffe puts along an axis of `length` cells."""
    room = length + 2 * pad - kernel
    count = (-(-room // stride) if ceil else room // stride) + 1
    return count - 1 if any_pad and (count - 1) * stride >= length + pad else count


def _height_width(options: Message, short: str, field: str, default: int | None) -> tuple[int, int]:
    """Return (height, width) of an option given once or as `_h` and `_w`."""
    if options.HasField(f"{short}_h") or options.HasField(f"{short}_w"):
        return getattr(options, f"{short}_h"), getattr(options, f"{short}_w")
    value = getattr(options, field)
    if default is None and not options.HasField(field):
        raise ValueError(f"{field} is missing (or kernel_h and kernel_w, or global_pooling: true)")
    return value, value

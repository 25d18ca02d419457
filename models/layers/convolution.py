"""Convolution, Deconvolution and Im2col.

Kernel, stride, pad and dilation come once for all axes, once per axis, or (in two dimensions) as `_h` and
`_w`. Axes before `axis` are independent inputs. Several bottoms share one set of weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from ..caffe_files.schema import Message
from .base import Layer, Outputs, Shape, Weight, Window, at_least, canonical_axis, layer_type

if TYPE_CHECKING:
    import torch.nn.functional as F
    from torch import Tensor
else:
    from ..late_torch import F

_SPATIAL_AXES = (1, 2, 3)


class _Sliding(Layer):
    """What all three have in common: where the window lies along each spatial axis."""

    bottoms: ClassVar[tuple[int, int | None]] = (1, None)

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        options = param.convolution_param
        self.axis = canonical_axis(options.axis, len(bottoms[0]))
        self.spatial = len(bottoms[0]) - self.axis - 1
        if self.spatial not in _SPATIAL_AXES:
            raise ValueError(f"{self.spatial} spatial axes are not supported (1 to 3 are)")
        self.kernel = self._per_axis(options, "kernel_size", "kernel", None)
        self.stride = self._per_axis(options, "stride", "stride", 1)
        self.pad = self._per_axis(options, "pad", "pad", 0)
        self.dilation = self._per_axis(options, "dilation", "", 1)
        at_least(1, kernel_size=self.kernel, stride=self.stride, dilation=self.dilation)
        if {len(bottom) for bottom in bottoms} != {len(bottoms[0])}:
            raise ValueError(f"bottoms of different numbers of axes {list(bottoms)}")

    def _cells(self, size: Sequence[int]) -> tuple[int, ...]:
        """Return how many places the window has along each spatial axis. Raises ValueError for none."""
        places = zip(size, self.kernel, self.stride, self.pad, self.dilation, strict=True)
        cells = tuple(
            (length + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1
            for length, kernel, stride, pad, dilation in places
        )
        return self._some(cells, size)

    def _some(self, cells: tuple[int, ...], size: Sequence[int]) -> tuple[int, ...]:
        if min(cells) < 1:
            raise ValueError(f"kernel {self.kernel} and pad {self.pad} leave nothing of {tuple(size)} cells")
        return cells

    def _per_axis(self, options: Message, field: str, short: str, default: int | None) -> tuple[int, ...]:
        """Return a value per spatial axis, wherever the definition gives it."""
        if short and (options.HasField(f"{short}_h") or options.HasField(f"{short}_w")):
            return (getattr(options, f"{short}_h"), getattr(options, f"{short}_w"))
        values = tuple(getattr(options, field)) or (() if default is None else (default,))
        if not values:
            raise ValueError(f"{field} is missing")
        if len(values) not in (1, self.spatial):
            raise ValueError(f"{field} has {len(values)} values for {self.spatial} spatial axes")
        return values if len(values) == self.spatial else values * self.spatial

    def _plane_window(self, transposed: bool = False) -> Window | None:
        """Return the window over (h, w), or None when the two are not the spatial axes."""
        if self.spatial != 2:
            return None
        kernel, stride, pad, dilation = (
            (v[0], v[1]) for v in (self.kernel, self.stride, self.pad, self.dilation)
        )
        return Window(kernel, stride, pad, dilation, transposed)


@layer_type("Convolution", "ConvolutionDepthwise", "DepthwiseConvolution")
class Convolution(_Sliding):
    """Cross-correlation with zero padding, groups and dilation; the output size is rounded down."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        options = param.convolution_param
        self.group = options.group
        at_least(1, group=self.group, num_output=options.num_output)
        self.window = self._plane_window()
        self._set_weights(bottoms[0][self.axis], options.num_output, options.bias_term)

    def _set_weights(self, channels: int, outputs: int, bias: bool) -> None:
        if channels % self.group or outputs % self.group:
            raise ValueError(f"group {self.group} does not divide {channels} inputs and {outputs} outputs")
        weight = Weight((outputs, channels // self.group, *self.kernel))
        self.weights = (weight, Weight((outputs,), 0.0)) if bias else (weight,)

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return a shape of `num_output` channels for each bottom."""
        return [self._top(bottom) for bottom in bottoms]

    def _top(self, bottom: Shape) -> Shape:
        channels = self._channels()
        if bottom[self.axis] != channels:
            raise ValueError(f"takes {channels} channels, but a blob of {bottom} has {bottom[self.axis]}")
        cells = self._cells(bottom[self.axis + 1 :])
        return (*bottom[: self.axis], self.param.convolution_param.num_output, *cells)

    def _channels(self) -> int:
        return self.weights[0].shape[1] * int(self.group)

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return tuple(self._apply(weights, bottom) for bottom in bottoms)

    def _apply(self, weights: Sequence[Tensor], bottom: Tensor) -> Tensor:
        lead = bottom.shape[: self.axis]
        flat = bottom if self.axis == 1 else bottom.reshape(-1, *bottom.shape[self.axis :])
        top = self._slide(flat, weights[0], weights[1] if len(weights) > 1 else None)
        return top if self.axis == 1 else top.reshape(*lead, *top.shape[1:])

    def _slide(self, flat: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        convolve = (F.conv1d, F.conv2d, F.conv3d)[self.spatial - 1]
        return convolve(flat, weight, bias, self.stride, self.pad, self.dilation, self.group)


@layer_type("SameConvolution")
class SameConvolution(Convolution):
    """A convolution with the padding that TensorFlow calls SAME, for maps whose sides the stride divides.

    A map of n cells becomes one of ceil(n / stride). The kernel - stride cells of padding are parted evenly,
    and an odd one comes behind: with a kernel of 3 and a stride of 2, the first window starts on the first
    cell. TensorFlow parts them by each map's own size, so that in odd ones the windows start a cell earlier;
    here they lie on the same grid in all maps, and a tile's windows are those of the whole.
    """

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        if any(self.pad) or any(dilation != 1 for dilation in self.dilation) or self.spatial != 2:
            raise ValueError("it pads by itself, in the plane, and is not dilated")
        self.pad = tuple(max(k - s, 0) // 2 for k, s in zip(self.kernel, self.stride, strict=True))
        self.window = self._plane_window()

    def _cells(self, size: Sequence[int]) -> tuple[int, ...]:
        width_before, width_after, height_before, height_after = self.around(size)
        padded = (size[0] + height_before + height_after, size[1] + width_before + width_after)
        places = zip(padded, self.kernel, self.stride, strict=True)
        return tuple((length - kernel) // stride + 1 for length, kernel, stride in places)

    def _slide(self, flat: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return F.conv2d(F.pad(flat, self.around(flat.shape[2:])), weight, bias, self.stride, 0, 1, self.group)

    def around(self, size: Sequence[int]) -> list[int]:
        """Return how many cells of padding a map of (height, width) gets, in the order of F.pad."""
        around: list[int] = []
        places = zip(size, self.kernel, self.stride, self.pad, strict=True)
        for length, kernel, stride, before in reversed(list(places)):  # F.pad begins with the last axis
            reach = (-(-length // stride) - 1) * stride + kernel
            around += [before, max(0, reach - length - before)]
        return around


@layer_type("Deconvolution")
class Deconvolution(Convolution):
    """The transpose of a convolution: every input cell adds its weighted kernel to the output."""

    def _set_weights(self, channels: int, outputs: int, bias: bool) -> None:
        self.window = self._plane_window(transposed=True)
        if channels % self.group or outputs % self.group:
            raise ValueError(f"group {self.group} does not divide {channels} inputs and {outputs} outputs")
        weight = Weight((channels, outputs // self.group, *self.kernel))
        self.weights = (weight, Weight((outputs,), 0.0)) if bias else (weight,)

    def _channels(self) -> int:
        return self.weights[0].shape[0]

    def _cells(self, size: Sequence[int]) -> tuple[int, ...]:
        """Return how many cells the windows of all of the bottom's cells cover."""
        places = zip(size, self.kernel, self.stride, self.pad, self.dilation, strict=True)
        cells = tuple(
            (length - 1) * stride - 2 * pad + dilation * (kernel - 1) + 1
            for length, kernel, stride, pad, dilation in places
        )
        return self._some(cells, size)

    def _slide(self, flat: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        deconvolve = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[self.spatial - 1]
        return deconvolve(flat, weight, bias, self.stride, self.pad, 0, self.group, self.dilation)


@layer_type("Im2col")
class Im2col(_Sliding):
    """Lay the values under each window position out as channels: (n, c*kh*kw, h', w')."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        if self.spatial != 2 or self.axis != 1:
            raise ValueError("Im2col is supported for (n, c, h, w) blobs only")
        self.window = self._plane_window()

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return maps of a channel for every cell of the window."""
        return [(b[0], b[1] * math.prod(self.kernel), *self._cells(b[2:])) for b in bottoms]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return tuple(self._columns(bottom) for bottom in bottoms)

    def _columns(self, bottom: Tensor) -> Tensor:
        (shape,) = self.shapes(tuple(bottom.shape))
        return F.unfold(bottom, self.kernel, self.dilation, self.pad, self.stride).reshape(shape)

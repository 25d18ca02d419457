"""Layers that normalise by statistics: BatchNorm, MVN, Softmax, and SSD's Normalize."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from ..caffe_files.schema import Message
from .base import Layer, Outputs, Shape, Weight, Window, canonical_axis, layer_type, require_map

if TYPE_CHECKING:
    import torch
    import torch.nn.functional as F
    from torch import Tensor
else:
    from ..late_torch import F, torch


@layer_type("BatchNorm")
class BatchNorm(Layer):
    """(x - mean) / sqrt(variance + eps) per channel; scaling and shifting is left to a Scale layer.

    The blobs are sums: mean and variance have to be divided by the third blob (taken as 0 where that is 0).
    With use_global_stats: false the statistics of the current batch are used, also in the TEST phase.
    NVIDIA's Caffe has the Scale layer in it with scale_bias: true, as a fourth and fifth blob.
    """

    keeps_float32: ClassVar[bool] = True

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        options = param.batch_norm_param
        self.stored = options.use_global_stats or not options.HasField("use_global_stats")
        self.eps = options.eps
        channels = bottoms[0][1] if len(bottoms[0]) > 1 else 1
        self.weights = (Weight((channels,), 0.0), Weight((channels,), 1.0), Weight((1,), 1.0))
        if options.scale_bias:
            self.weights += (Weight((channels,), 1.0), Weight((channels,), 0.0))
        self.window = Window() if self.stored else None

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the bottom's shape."""
        return [bottoms[0]]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        (bottom,) = bottoms
        x = bottom if bottom.ndim > 1 else bottom[:, None]
        scale, bias = (weights[3], weights[4]) if len(weights) > 3 else (None, None)
        if not self.stored:
            # Not F.batch_norm: it refuses a single value per channel, of which Caffe makes 0.
            normal = torch.batch_norm(x, scale, bias, None, None, True, 0.0, self.eps, False)
            return normal.reshape(bottom.shape)
        mean, variance, count = weights[:3]
        factor = torch.where(count == 0, 0.0, 1.0 / count)
        normal = F.batch_norm(x, mean * factor, variance * factor, scale, bias, eps=self.eps)
        return normal.reshape(bottom.shape)


@layer_type("MVN")
class MeanVarianceNormalization(Layer):
    """Subtract the mean of each map (or image) and divide by its standard deviation plus eps.

    A blob without spatial axes has maps of one value, which is its own mean.
    """

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the bottom's shape."""
        return [bottoms[0]]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        (bottom,) = bottoms
        options = self.param.mvn_param
        axes = tuple(range(1 if options.across_channels else 2, bottom.ndim))
        if not axes:  # to PyTorch no axes means all of them
            return bottom - bottom
        if not options.normalize_variance:
            return bottom - bottom.mean(axes, keepdim=True)
        from .derivatives import standardized

        return standardized(bottom, axes, options.eps)


@layer_type("Softmax")
class Softmax(Layer):
    """exp(x) divided by its sum along an axis."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        self.axis = canonical_axis(param.softmax_param.axis, len(bottoms[0]))
        self.window = Window() if self.axis < 2 else None

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the bottom's shape."""
        return [bottoms[0]]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return torch.softmax(bottoms[0], self.axis)


@layer_type("Normalize")
class Normalize(Layer):
    """Divide by the L2 norm over the channels (or the whole image) and multiply by a learned scale (SSD)."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        require_map(bottoms[0], "normalised")
        options = param.norm_param
        self.axes = (1, 2, 3) if options.across_spatial else (1,)
        self.window = None if options.across_spatial else Window()
        self.weights = (Weight(() if options.channel_shared else (bottoms[0][1],), 1.0),)

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the bottom's shape."""
        return [bottoms[0]]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        energy = bottoms[0].square().sum(self.axes, keepdim=True) + self.param.norm_param.eps
        return torch.mul(bottoms[0] * energy.rsqrt(), weights[0].reshape(1, -1, 1, 1))

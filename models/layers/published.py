"""Layers of published variants of Caffe: of SegNet, PSPNet, DeepLab, ShuffleNet and YOLO.

Where a variant's layer has the name of another one's, the definition tells which is meant: SegNet's BN has
`bn_mode` and two blobs, PSPNet's has four.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from ..caffe_files.schema import Message
from .base import Layer, Outputs, PointwiseLayer, Shape, Weight, Window, at_least, layer_type, require_map

if TYPE_CHECKING:
    import torch
    import torch.nn.functional as F
    from torch import Tensor
else:
    from ..late_torch import F, torch

_INFERENCE = 1


@layer_type("BN")
class BatchNormWithSlope(Layer):
    """scale * (x - mean) / sqrt(variance + eps) + shift, with blobs of (1, c, 1, 1).

    PSPNet's has the statistics in its blobs: slope, bias, mean, variance. SegNet's has scale and shift; in
    the mode INFERENCE the statistics are in these already, in LEARN they are those of the image at hand.
    """

    keeps_float32: ClassVar[bool] = True

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        require_map(bottoms[0], "normalised")
        options, shape = param.bn_param, (1, bottoms[0][1], 1, 1)
        self.eps = options.eps
        segnet = any(options.HasField(field) for field in ("bn_mode", "scale_filler", "shift_filler"))
        self.is_affine = segnet and options.bn_mode == _INFERENCE
        self.weights = (Weight(shape, 1.0), Weight(shape, 0.0))
        if not segnet:
            self.weights += (Weight(shape, 0.0), Weight(shape, 1.0))
        self.window = Window() if self.is_affine or not segnet else None

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the bottom's shape."""
        return [bottoms[0]]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        scale, shift, *statistics = weights
        x = bottoms[0].float()
        if statistics:
            mean, variance = statistics
            x = (x - mean) * torch.rsqrt(variance + self.eps)
        elif not self.is_affine:
            x = torch.batch_norm(x, None, None, None, None, True, 0.0, self.eps, False)
        return (x * scale + shift).to(bottoms[0].dtype)


@layer_type("Interp")
class Interpolation(Layer):
    """Another size by bilinear interpolation with the corners kept in place.

    Along an axis of n cells (after `pad_beg` and `pad_end`, which are negative and crop): shrunk it has
    (n - 1) / shrink_factor + 1, then zoomed n + (n - 1) * (zoom_factor - 1); or else `height` and `width`.
    """

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        options = param.interp_param
        self.size = (options.height, options.width)
        self.zoom, self.shrink = int(options.zoom_factor), int(options.shrink_factor)
        self.crop = (-options.pad_beg, -options.pad_end)
        at_least(1, zoom_factor=self.zoom, shrink_factor=self.shrink)
        if min(self.crop) < 0 or (any(self.size) and min(self.size) < 1):
            raise ValueError("pad_beg and pad_end have to be 0 or less, height and width positive")
        require_map(bottoms[0], "interpolated")

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return a map of the new size."""
        images, channels, *size = bottoms[0]
        if min(size) <= sum(self.crop):
            raise ValueError(f"pad_beg and pad_end leave nothing of {tuple(size)} cells")
        return [(images, channels, *(self.size if any(self.size) else map(self._length, size)))]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        ((_, _, *size),) = self.shapes(tuple(bottoms[0].shape))
        begin, end = self.crop
        bottom = bottoms[0][:, :, begin : bottoms[0].shape[2] - end, begin : bottoms[0].shape[3] - end]
        return F.interpolate(bottom, size=size, mode="bilinear", align_corners=True)

    def _length(self, length: int) -> int:
        shrunk: int = (length - sum(self.crop) - 1) // self.shrink + 1
        return shrunk + (shrunk - 1) * (self.zoom - 1)


@layer_type("Upsample")
class Upsample(Layer):
    """Every cell repeated `scale` times in both directions (YOLO)."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        self.scale = param.upsample_param.scale if param.upsample_param.HasField("scale") else 1
        at_least(1, scale=self.scale)
        require_map(bottoms[0], "interpolated")

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return a map of `scale` times the size."""
        images, channels, height, width = bottoms[0]
        return [(images, channels, height * self.scale, width * self.scale)]

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return F.interpolate(bottoms[0], scale_factor=self.scale, mode="nearest")


@layer_type("ShuffleChannel")
class ShuffleChannel(PointwiseLayer):
    """Channels dealt out anew: the first of every group, then the second of every group, and so on."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        super().__init__(param, bottoms)
        self.group = param.shuffle_channel_param.group
        at_least(1, group=self.group)
        if bottoms[0][1] % self.group:
            raise ValueError(f"group {self.group} does not divide {bottoms[0][1]} channels")

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        (bottom,) = bottoms
        split = bottom.reshape(bottom.shape[0], self.group, -1, *bottom.shape[2:])
        return split.transpose(1, 2).flatten(1, 2)


@layer_type("Mish")
class Mish(PointwiseLayer):
    """x * tanh(log(1 + exp(x)))."""

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        return F.mish(bottoms[0])

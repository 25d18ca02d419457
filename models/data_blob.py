"""Turning images (RGB 0..1) into a network's data blob, as its `Preprocess` (preprocess.py) says."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor

from .cpu.kernels.pixels import interleave, separate

LUMA = (0.299, 0.587, 0.114)
"""ITU-R BT.601 weights of red, green and blue, as OpenCV and so Caffe make grey images."""


def prepared(images: Tensor, order: str, factor: tuple[float, ...], offset: tuple[float, ...]) -> Tensor:
    """Turn images (n, 3, h, w), RGB 0..1, into images * factor - offset, (n, channels, h, w), in BGR, RGB or
    GRAY; differentiable. `factor` and `offset` have a number for each channel, in that order.
    """
    if order == "GRAY":
        images = (images * _per_channel(LUMA, images.dtype, images.device)).sum(1, keepdim=True)
    elif order == "BGR":
        images = images.flip(1)
    factors, offsets = (_per_channel(each, images.dtype, images.device) for each in (factor, offset))
    return images * factors - offsets


def data_blob(
    images: Tensor, order: str, factor: tuple[float, ...], offset: tuple[float, ...], dtype: torch.dtype
) -> Tensor:
    """Return what `prepared` makes in the network's arithmetic and channels_last order; one pass on a CPU."""
    plain = images.device.type == "cpu" and images.dtype == torch.float32
    if not plain or order == "GRAY":
        return prepared(images, order, factor, offset).to(dtype).contiguous(memory_format=torch.channels_last)
    source = (2, 1, 0) if order == "BGR" else (0, 1, 2)
    blob: Tensor = _Interleaved.apply(images, source, factor, offset, dtype)  # type: ignore[no-untyped-call]
    return blob


class _Interleaved(torch.autograd.Function):
    """A data blob of coloured pictures: what `prepared` does, without the copies in between."""

    @staticmethod
    def forward(
        ctx: Any,
        images: Tensor,
        source: tuple[int, ...],
        factor: tuple[float, ...],
        offset: tuple[float, ...],
        dtype: torch.dtype,
    ) -> Tensor:
        ctx.source, ctx.factor = source, factor
        return interleave(images, source, factor, offset, dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return separate(gradient, ctx.source, ctx.factor), None, None, None, None


@cache
def _per_channel(values: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return (1, c, 1, 1) values; kept, because copying them to a GPU anew would make every pass wait."""
    return torch.tensor(values, dtype=dtype, device=device).reshape(1, -1, 1, 1)

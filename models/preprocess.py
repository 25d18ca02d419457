"""From the project's images (RGB 0..1) to what a network was trained on (Caffe: BGR 0..255 minus a mean).

This is the only place that knows of channel order and ranges. Which preprocessing a folder's network wants is
said by the first of these that says anything, for mean and scale each:

    model.toml  >  a mean file in the folder  >  the definition's data layer (input_layer.py)  >  ImageNet's

Published folders rarely state it all, and the default, ImageNet's mean in BGR, suits most networks of the
time. Since nothing else about a network is so easily wrong without being seen, `models info` says what is
done and where it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import ModelFileError
from .caffe_files.caffemodel import read_binaryproto
from .caffe_files.input_layer import DeclaredPreprocess
from .cpu.kernels.pixels import interleave, separate
from .model_folder import LARGEST_MEAN, METADATA_FILE, ChannelOrder, Metadata, files_in
from .reading.arrays import read_array
from .reading.files import MIB, FileKind

_KIND = FileKind(
    "mean",
    ModelFileError,
    most_bytes=64 * MIB,
    advice="Give a mean of one number per channel with `mean` in model.toml, and take this file away.",
)

MEAN_SUFFIXES = (".npy", ".binaryproto")

LUMA = (0.299, 0.587, 0.114)
"""ITU-R BT.601 weights of red, green and blue, as OpenCV and so Caffe make grey images."""


@dataclass(frozen=True)
class Preprocess:
    """data = (image * raw_scale - mean) * scale, with the channels in `channel_order`."""

    channel_order: ChannelOrder = "BGR"
    """BGR for networks trained by Caffe's own tools; GRAY gives one channel."""
    mean: tuple[float, ...] = (104.0, 117.0, 123.0)
    """Per channel, in the network's order and in the range of raw_scale; one number serves all channels."""
    raw_scale: float = 255.0
    """The value of white before the mean is subtracted."""
    scale: float = 1.0
    """Factor after the mean is subtracted (0.017 for the MobileNet family, 1/128 for some faces)."""
    origin: str = field(default="", compare=False)
    """Where the mean comes from, in words."""

    def __str__(self) -> str:
        """Say in a line what is done to pictures, for instance "BGR, 0 to 255, minus 104, 117, 123"."""
        mean = ", ".join(f"{value:.6g}" for value in self.mean)
        return (
            f"{self.channel_order}, 0 to {self.raw_scale:.6g}, minus {mean}"
            f"{'' if self.scale == 1 else f', times {self.scale:.6g}'}"
            f"{f' ({self.origin})' if self.origin else ''}"
        )

    @property
    def channels(self) -> int:
        """How many channels the network gets."""
        return 1 if self.channel_order == "GRAY" else 3

    def __call__(self, images: Tensor) -> Tensor:
        """Turn images (n, 3, h, w), RGB 0..1, into a data blob (n, channels, h, w); differentiable."""
        if self.channel_order == "GRAY":
            images = (images * _per_channel(LUMA, images.dtype, images.device)).sum(1, keepdim=True)
        elif self.channel_order == "BGR":
            images = images.flip(1)
        factor = self.raw_scale * self.scale
        offset = _per_channel(tuple(mean * self.scale for mean in self.mean), images.dtype, images.device)
        return images * factor - offset

    def blob(self, images: Tensor, dtype: torch.dtype) -> Tensor:
        """Return the data blob in the network's arithmetic, in channels_last order; one pass on a CPU."""
        plain = images.device.type == "cpu" and images.dtype == torch.float32
        if not plain or self.channel_order == "GRAY":
            return self(images).to(dtype).contiguous(memory_format=torch.channels_last)
        blob: Tensor = _Interleaved.apply(images, self, dtype)  # type: ignore[no-untyped-call]
        return blob


class _Interleaved(torch.autograd.Function):
    """A data blob of coloured pictures: what Preprocess does, without the copies in between."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, preprocess: Preprocess, dtype: torch.dtype) -> Tensor:
        ctx.source = (2, 1, 0) if preprocess.channel_order == "BGR" else (0, 1, 2)
        ctx.factor = preprocess.raw_scale * preprocess.scale
        means = preprocess.mean * 3 if len(preprocess.mean) == 1 else preprocess.mean
        offset = tuple(mean * preprocess.scale for mean in means)
        return interleave(images, ctx.source, ctx.factor, offset, dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return separate(gradient, ctx.source, ctx.factor), None, None


@cache
def _per_channel(values: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return (1, c, 1, 1) values; kept, because copying them to a GPU anew would make every pass wait."""
    return torch.tensor(values, dtype=dtype, device=device).reshape(1, -1, 1, 1)


def find_preprocess(
    folder: Path, metadata: Metadata, declared: DeclaredPreprocess, channels: int
) -> Preprocess:
    """Return how pictures are prepared for a network of so many channels.

    Raises ModelFileError for a mean file that cannot be read or has another number of channels.
    """
    order: ChannelOrder = "GRAY" if channels == 1 else metadata.channel_order
    mean, origin = _mean(folder, metadata, declared, order)
    if len(mean) not in (1, 1 if order == "GRAY" else 3):
        raise ModelFileError(f"{folder}: a mean of {len(mean)} values for {channels} channels.")
    scale = metadata.scale if "scale" in metadata.model_fields_set else declared.scale
    return Preprocess(order, mean, metadata.raw_scale, scale, origin)


def _mean(
    folder: Path, metadata: Metadata, declared: DeclaredPreprocess, order: ChannelOrder
) -> tuple[tuple[float, ...], str]:
    """Return the mean, in the network's order of channels, and where it comes from."""
    if metadata.mean is not None:
        return metadata.mean, f"as {METADATA_FILE} says"
    files = [path for path in files_in(folder) if path.suffix in MEAN_SUFFIXES]
    files.sort(key=lambda path: path.name != declared.mean_file)
    if files:
        return read_mean(files[0]), f"as {files[0].name} says"
    if declared.mean is not None:
        return declared.mean, "as the definition says"
    default = Preprocess().mean
    usual = default if order == "BGR" else default[::-1] if order == "RGB" else (0.0,)
    if declared.mean_file:
        return usual, f"ImageNet's mean: {declared.mean_file}, which the definition names, is not here"
    return usual, "ImageNet's mean, as no file says otherwise"


def read_mean(path: Path) -> tuple[float, ...]:
    """Read a mean file (.npy or .binaryproto) as one number per channel, averaging over a mean image.

    Dreams run at any size, so a mean image has no place to go; its average per channel is what Caffe's own
    Python examples use. Accepts shapes (c,), (c, h, w) and (1, c, h, w).
    """
    stored = read_binaryproto(path) if path.suffix == ".binaryproto" else read_array(path, _KIND)
    values = stored[0] if stored.ndim == 4 and len(stored) == 1 else stored
    if np.squeeze(values).ndim < 2:  # one number per channel, however it is wrapped
        values = values.reshape(-1)
    if values.ndim not in (1, 3) or len(values) not in (1, 3) or not values.size:
        raise _KIND.fault(path, f"its shape is {stored.shape}, and not (3,) or (3, height, width)")
    with np.errstate(all="ignore"):
        per_channel = values.reshape(len(values), -1).mean(axis=1, dtype=np.float64)
    if not np.all(np.abs(per_channel) <= LARGEST_MEAN):  # nor is NaN
        raise _KIND.fault(path, f"a mean of {per_channel.tolist()} is out of all range")
    return tuple(float(value) for value in per_channel)

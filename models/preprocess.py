"""From the project's images (RGB 0..1) to what a network was trained on (Caffe: BGR 0..255 minus a mean).

Only this module and data_blob.py know of channel order and ranges. Which preprocessing a folder's network
wants is said by the first of these that says anything, for mean and scale each:

    model.toml  >  a mean file in the folder  >  the definition's data layer (input_layer.py)  >  ImageNet's

Published folders rarely state it all, and the default, ImageNet's mean in BGR, suits most networks of the
time. Since nothing else about a network is so easily wrong without being seen, `models info` says what is
done and where it comes from. It is known here without PyTorch; data_blob.py does it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ModelFileError
from .caffe_files.input_layer import DeclaredPreprocess
from .model_folder import LARGEST_MEAN, METADATA_FILE, ChannelOrder, Metadata, files_in
from .reading.files import MIB, FileKind

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_KIND = FileKind(
    "mean",
    ModelFileError,
    most_bytes=64 * MIB,
    advice="Give a mean of one number per channel with `mean` in model.toml, and take this file away.",
)

MEAN_SUFFIXES = (".npy", ".binaryproto")


@dataclass(frozen=True)
class Preprocess:
    """data = (image * raw_scale - mean) * scale / deviation, with the channels in `channel_order`."""

    channel_order: ChannelOrder = "BGR"
    """BGR for networks trained by Caffe's own tools; GRAY gives one channel."""
    mean: tuple[float, ...] = (104.0, 117.0, 123.0)
    """Per channel, in the network's order and in the range of raw_scale; one number serves all channels."""
    raw_scale: float = 255.0
    """The value of white before the mean is subtracted."""
    scale: float = 1.0
    """Factor after the mean is subtracted (0.017 for the MobileNet family, 1/128 for some faces)."""
    deviation: tuple[float, ...] = (1.0,)
    """What the rest is divided by, per channel or one number for all, as PyTorch's people like to have it."""
    origin: str = field(default="", compare=False)
    """Where the mean comes from, in words."""
    is_stated: bool = field(default=True, compare=False)
    """Whether any file says what the mean is; where none does, ImageNet's is taken."""

    def __str__(self) -> str:
        """Say in a line what is done to pictures, for instance "BGR, 0 to 255, minus 104, 117, 123"."""
        mean, deviation = (
            ", ".join(f"{value:.6g}" for value in each) for each in (self.mean, self.deviation)
        )
        return (
            f"{self.channel_order}, 0 to {self.raw_scale:.6g}, minus {mean}"
            f"{'' if self.scale == 1 else f', times {self.scale:.6g}'}"
            f"{'' if set(self.deviation) == {1.0} else f', divided by {deviation}'}"
            f"{f' ({self.origin})' if self.origin else ''}"
        )

    @property
    def channels(self) -> int:
        """How many channels the network gets."""
        return 1 if self.channel_order == "GRAY" else 3

    def __call__(self, images: Tensor) -> Tensor:
        """Turn images (n, 3, h, w), RGB 0..1, into a data blob (n, channels, h, w); differentiable."""
        from .data_blob import prepared

        return prepared(images, self.channel_order, *self._factor_and_offset)

    def blob(self, images: Tensor, dtype: torch.dtype) -> Tensor:
        """Return the data blob in the network's arithmetic, in channels_last order; one pass on a CPU."""
        from .data_blob import data_blob

        return data_blob(images, self.channel_order, *self._factor_and_offset, dtype)

    @property
    def _factor_and_offset(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The numbers of  data = image * factor - offset,  for each channel of the network."""
        scales = [self.scale / each for each in _spread(self.deviation, self.channels)]
        means = _spread(self.mean, self.channels)
        offset = tuple(mean * each for mean, each in zip(means, scales, strict=True))
        return tuple(self.raw_scale * each for each in scales), offset


def _spread(values: tuple[float, ...], channels: int) -> tuple[float, ...]:
    return values * channels if len(values) == 1 else values


def find_preprocess(
    folder: Path, metadata: Metadata, declared: DeclaredPreprocess, channels: int
) -> Preprocess:
    """Return how pictures are prepared for a network of so many channels.

    Raises ModelFileError for a mean file that cannot be read or has another number of channels.
    """
    order: ChannelOrder = "GRAY" if channels == 1 else metadata.channel_order
    mean, origin, is_stated = _mean(folder, metadata, declared, order)
    if len(mean) not in (1, 1 if order == "GRAY" else 3):
        raise ModelFileError(f"{folder}: a mean of {len(mean)} values for {channels} channels.")
    scale = metadata.scale if "scale" in metadata.model_fields_set else declared.scale
    return Preprocess(order, mean, metadata.raw_scale, scale, origin=origin, is_stated=is_stated)


def _mean(
    folder: Path, metadata: Metadata, declared: DeclaredPreprocess, order: ChannelOrder
) -> tuple[tuple[float, ...], str, bool]:
    """Return the mean, in the network's order, where it comes from, and whether a file states it."""
    if metadata.mean is not None:
        return metadata.mean, f"as {METADATA_FILE} says", True
    files = [path for path in files_in(folder) if path.suffix in MEAN_SUFFIXES]
    files.sort(key=lambda path: path.name != declared.mean_file)
    if files:
        return read_mean(files[0]), f"as {files[0].name} says", True
    if declared.mean is not None:
        return declared.mean, "as the definition says", True
    default = Preprocess().mean
    usual = default if order == "BGR" else default[::-1] if order == "RGB" else (0.0,)
    if declared.mean_file:
        missing = f"ImageNet's mean: {declared.mean_file}, which the definition names, is not here"
        return usual, missing, False
    return usual, "ImageNet's mean, as no file says otherwise", False


def read_mean(path: Path) -> tuple[float, ...]:
    """Read a mean file (.npy or .binaryproto) as one number per channel, averaging over a mean image.

    Dreams run at any size, so a mean image has no place to go; its average per channel is what Caffe's own
    Python examples use. Accepts shapes (c,), (c, h, w) and (1, c, h, w).
    """
    import numpy as np

    from .caffe_files.caffemodel import read_binaryproto
    from .reading.arrays import read_array

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

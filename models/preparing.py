"""How a folder's network wants its pictures: whoever says so first, for mean and scale each.

    model.toml  >  a mean file in the folder  >  the definition's data layer (picture_input.py)  >  ImageNet's

Published folders rarely state it all, and the default, ImageNet's mean in BGR, suits most networks of the
time. Since nothing else about a network is so easily wrong without being seen, `models info` tells what is
done and where it comes from.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import ModelFileError
from .facts import FACTS_FILE, ChannelOrder, Facts, files_in
from .picture_input import Declared
from .preprocess import Preprocess, read_mean

MEAN_SUFFIXES = (".npy", ".binaryproto")


def find_preprocess(folder: Path, facts: Facts, declared: Declared, channels: int) -> Preprocess:
    """Return how pictures are prepared for a network of so many channels.

    Raises ModelFileError for a mean file that cannot be read or has another number of channels.
    """
    order: ChannelOrder = "GRAY" if channels == 1 else facts.channel_order
    mean, origin = _mean(folder, facts, declared, order)
    if len(mean) not in (1, 1 if order == "GRAY" else 3):
        raise ModelFileError(f"{folder}: a mean of {len(mean)} values for {channels} channels.")
    scale = facts.scale if "scale" in facts.model_fields_set else declared.scale
    return Preprocess(order, mean, facts.raw_scale, scale, origin)


def _mean(
    folder: Path, facts: Facts, declared: Declared, order: ChannelOrder
) -> tuple[tuple[float, ...], str]:
    """Return the mean, in the network's order of channels, and where it comes from."""
    if facts.mean is not None:
        return facts.mean, f"as {FACTS_FILE} says"
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

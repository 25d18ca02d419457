"""What a definition says about its pictures: which layer brings them, their size, and how they are prepared.

A definition for use has an Input layer (or `input:`) and tells the size alone. One for training has a data
layer, whose `transform_param` says how pictures are prepared for this very network:

    data = (pixels 0..255, BGR - mean_value or mean_file) * scale        (the mean first, whatever the order)

`crop_size` is the size that the network sees; `mirror` and the like make training pictures more varied and
have no part in a dream. A data layer that reads pictures and names no mean subtracts none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import PurePosixPath

from ...errors import ModelFileError, cut
from .definition_layers import DATA_TYPES, PICTURE_TYPES, find_image_layer
from .schema import Message

VALUE_LIMIT = 2**31 - 1
"""How many values Caffe's blobs can hold."""
AXIS_LIMIT = 32
"""How many dimensions they can have."""

Shape = tuple[int, ...]

_CLIPS = (
    "the network looks at several frames of a clip at once, and lucidreel dreams with networks that look at "
    "one picture."
)
_DECISIVE = ("mean", "std", "scale", "norm")
"""Words in the name of a field that prepares pictures for the network, and not only for training."""


@dataclass(frozen=True)
class DeclaredPreprocess:
    """How a definition has its pictures prepared."""

    mean: tuple[float, ...] | None = None
    """One number per channel, or one for all; None where a mean file is named, or nothing is said."""
    mean_file: str = ""
    """The name, without folders, of the mean file that it wants."""
    scale: float = 1.0
    """The factor after the mean is subtracted."""


def image_source(net: Message, where: str) -> Message:
    """Return the layer that provides the image: an Input if there is one, else a data layer."""
    if (image := find_image_layer(net)) is not None:
        return image
    raise ModelFileError(
        f"{where}: no data input. Expected an Input layer, 'input:' at the top, or a data layer "
        f"({', '.join(DATA_TYPES)})."
    )


def image_shape(image: Message, where: str) -> Shape:
    """Return (n, c, h, w) as declared by an Input or data layer."""
    transform, memory, pictures = image.transform_param, image.memory_data_param, image.image_data_param
    channels = 1 if transform.force_gray or not pictures.is_color else 3
    sides = (transform.resize_param.height, transform.resize_param.width)
    shape: Shape
    if image.input_param.shape:
        shape = tuple(image.input_param.shape[0].dim)
    elif transform.crop_size:
        shape = (1, channels, transform.crop_size, transform.crop_size)
    elif transform.crop_h and transform.crop_w:
        shape = (1, channels, transform.crop_h, transform.crop_w)
    elif memory.height:
        shape = (1, memory.channels, memory.height, memory.width)
    elif pictures.new_height:
        shape = (1, channels, pictures.new_height, pictures.new_width)
    elif any(sides):
        shape = (1, channels, *sides)
    elif image.type == "VideoData":
        raise ModelFileError(f"{where}: the input layer {image.name!r} brings clips (VideoData): {_CLIPS}")
    else:
        raise ModelFileError(
            f"{where}: the input layer {image.name!r} ({cut(image.type)}) declares no size. Use "
            "the network's deploy.prototxt, or give the layer transform_param { crop_size: 224 }."
        )
    if len(shape) == 5:
        raise ModelFileError(f"{where}: the input {image.top[0]!r} has the shape {cut(str(shape))}: {_CLIPS}")
    if len(shape) != 4 or min(shape) < 1 or math.prod(shape) > VALUE_LIMIT:
        raise ModelFileError(
            f"{where}: the input {image.top[0]!r} has the shape {cut(str(shape))}; "
            "an image is (n, c, height, width), with at most two thousand million values."
        )
    return shape


def declared_preprocess(image: Message, channels: int, where: str) -> DeclaredPreprocess:
    """Return how the layer that provides the image has it prepared; ModelFileError for contradictions."""
    options = image.transform_param
    place = f"{where}: layer {image.name!r} ({cut(image.type)})"
    for unread in image.unread:
        name = unread.path.rpartition(".")[2]
        if unread.path.count(".") == 1 and any(word in name for word in _DECISIVE):
            raise ModelFileError(
                f"{place}, line {unread.line}: {unread.path}: {unread.value} prepares pictures in a way that "
                f"lucidreel does not know. Write what it comes to as mean_value and scale."
            )
    if options.mean_value and options.mean_file:
        raise ModelFileError(f"{place}: transform_param has mean_value and mean_file; one of them can count.")
    if len(options.mean_value) not in (0, 1, channels):
        raise ModelFileError(
            f"{place}: transform_param.mean_value is given {len(options.mean_value)} times for {channels} "
            "channels; once, or once per channel, is expected."
        )
    stated = any(options.HasField(field) for field in ("scale", "mean_file")) or len(options.mean_value) > 0
    if not stated and image.type not in PICTURE_TYPES:
        return DeclaredPreprocess()
    mean_file = PurePosixPath(options.mean_file.replace("\\", "/")).name
    mean = None if mean_file else tuple(map(_shortest, options.mean_value)) or (0.0,)
    return DeclaredPreprocess(mean, mean_file, _shortest(options.scale))


def _shortest(value: float) -> float:
    """Return the number that was written: 0.017 is 0.017000000923871994 as a float32."""
    return float(f"{value:.7g}")

"""A network by its definition and labels alone: what it can be asked for by name, without PyTorch.

Loading a network takes seconds, most of them to import what executes it; a misspelt class or layer should
not wait for that. An outline lists the same names as the loaded network, in the same order. Of shapes it
says how many channels a layer has where that follows from the definition at sight (a convolution states it,
a ReLU passes it on, a concatenation adds up). For whatever else it is asked it raises UndecidedError: then
only the loaded network knows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ..errors import ModelFileError
from .caffe_files.definition_layers import (
    SOFTMAX_TYPES,
    TRANSPARENT_TYPES,
    LayerNames,
    find_image_layer,
    places_boxes,
    provides_data,
    reason_to_omit,
)
from .caffe_files.prototxt import read_prototxt
from .caffe_files.schema import Message
from .labels import Labels, read_labels
from .model_folder import labels_file, one_file, read_metadata, weights_in
from .reading.files import is_folder

_CONVOLUTIONS = (
    "Convolution", "ConvolutionDepthwise", "DepthwiseConvolution", "Deconvolution", "SameConvolution",
)  # fmt: skip
_SAME_AS_FIRST_BOTTOM = (
    "AbsVal", "BN", "BNLL", "BatchNorm", "Bias", "Clip", "Dropout", "ELU", "Eltwise", "Exp", "Interp",
    "LRN", "Log", "MVN", "Mish", "Normalize", "PReLU", "Pooling", "Power", "ReLU", "ReLU6", "Scale",
    "ShuffleChannel", "Sigmoid", "Softmax", "Split", "Swish", "TanH", "Threshold", "Upsample",
)  # fmt: skip


class UndecidedError(Exception):
    """Something that a definition does not tell at sight: only the loaded network knows it."""


@dataclass(frozen=True, eq=False)
class LayerOutline:
    """A layer's name and type, and what is known of its first top."""

    name: str
    type: str
    bottoms: tuple[LayerOutline | None, ...] = field(repr=False)
    """Which layers it works on; None is the image."""
    width: int | None
    """Its channels; None where they are not known."""
    flat: bool | None
    """Whether nothing of the map is left, only numbers; None where that is not known."""

    @property
    def channels(self) -> int:
        """How many channels it has. Raises UndecidedError."""
        if self.width is None:
            raise UndecidedError(self.name)
        return self.width

    @property
    def shape(self) -> tuple[int, ...]:
        """(1, channels) where nothing of the map is left. Raises UndecidedError for all others."""
        if not self.flat:
            raise UndecidedError(self.name)
        return (1, self.channels)


@dataclass(frozen=True, eq=False)
class Outline:
    """Implements the Listing protocol (network.py) over a definition and a file of labels."""

    name: str
    labels: Labels = field(repr=False)
    layers: tuple[LayerOutline, ...] = field(repr=False)
    scored: tuple[LayerOutline | None, ...] = field(repr=False, default=())
    """The layers that a Softmax or a loss takes for class scores, in order."""
    named_class_layer: str | None = None
    """The class layer that model.toml names."""

    @property
    def input_size(self) -> tuple[int, int]:
        """Only asked together with shapes that only the loaded network knows. Raises UndecidedError."""
        raise UndecidedError("input_size")

    @cached_property
    def class_layer(self) -> str | None:
        """The layer with one score per class, as `graph.find_class_layer` finds it, or None.

        Raises UndecidedError.
        """
        if self.named_class_layer is not None:
            if any(layer.name == self.named_class_layer for layer in self.layers):
                return self.named_class_layer
            raise UndecidedError(self.named_class_layer)  # may name a blob
        last = self.layers[-1] if self.layers else None
        found = self.scored[-1] if self.scored else last if last and last.type == "InnerProduct" else None
        while found is not None and found.type in TRANSPARENT_TYPES and found.bottoms:
            found = found.bottoms[0]
        return found.name if found is not None and found.channels > 1 else None


def outline_folder(folder: Path, name: str, *, weights_elsewhere: bool = False) -> Outline:
    """Return the outline of the network in a folder, to be called so; its weights may lie elsewhere.

    Raises ModelFileError for files that are missing, and for a definition or labels that cannot be read.
    """
    if not is_folder(folder):
        raise ModelFileError(
            f"{folder}: not a folder. A network is a folder with a .prototxt and a .caffemodel."
        )
    metadata = read_metadata(folder)
    net = read_prototxt(one_file(folder, ".prototxt", metadata.definition))
    if not weights_elsewhere:
        weights_in(folder, metadata)
    labels = labels_file(folder, metadata)
    layers, scored = _wired(net)
    return Outline(
        name, Labels() if labels is None else read_labels(labels), layers, scored, metadata.class_layer
    )


def _wired(net: Message) -> tuple[tuple[LayerOutline, ...], tuple[LayerOutline | None, ...]]:
    """Return the layers that are run, and those whose values are taken for class scores.

    As in `graph.build_graph`; a layer that works on what nothing makes is either left out there (it needs
    labels) or an error, which the loading network explains.
    """
    image = find_image_layer(net)
    made: dict[str, LayerOutline | None] = {} if image is None else {image.top[0]: None}
    scored: list[LayerOutline | None] = []
    layers: dict[str, LayerOutline] = {}
    names = LayerNames()
    for param in net.layer:
        if provides_data(param):
            continue
        if param.type in SOFTMAX_TYPES and param.bottom and param.bottom[0] in made:
            scored.append(made[param.bottom[0]])
        if reason_to_omit(param) or any(bottom not in made for bottom in param.bottom):
            continue
        layer = _layer(param, names.free(param.name), [made[each] for each in param.bottom])
        made.update(dict.fromkeys(param.top, layer))
        if param.top:
            layers[layer.name] = layer
    return tuple(layers.values()), () if places_boxes(net) else tuple(scored)


def _layer(param: Message, name: str, bottoms: list[LayerOutline | None]) -> LayerOutline:
    width, flat = None, None
    first = bottoms[0] if bottoms else None
    if param.type in _CONVOLUTIONS:
        width, flat = param.convolution_param.num_output, False
    elif param.type == "InnerProduct" and param.inner_product_param.axis == 1:
        width, flat = param.inner_product_param.num_output, True
    elif param.type in _SAME_AS_FIRST_BOTTOM and first is not None:
        width, flat = first.width, first.flat
    elif param.type == "Concat" and first is not None and _joins_channels(param.concat_param):
        widths = [bottom.width if bottom is not None else None for bottom in bottoms]
        width, flat = sum(each for each in widths if each) if all(widths) else None, first.flat
    return LayerOutline(name, param.type, tuple(bottoms), width, flat)


def _joins_channels(options: Message) -> bool:
    return bool((options.concat_dim if options.HasField("concat_dim") else options.axis) == 1)

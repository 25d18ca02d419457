"""What can be told of a network to whoever thinks of dreaming with it, as plain values.

Every network is told of in the same form, wherever it comes from and whoever computes it. What nobody knows
is None or empty; what is missing that a dream needs is said in words, with what to do about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import TargetError
from .labels import Labels
from .model_folder import DreamLayer
from .network import Network

_FOR = {
    ".prototxt": "definition",
    ".caffemodel": "weights",
    ".onnx": "weights",
    ".pth": "weights",
    ".npy": "mean",
    ".binaryproto": "mean",
    ".txt": "classes' names",
    ".toml": "what no other file says",
}


@dataclass(frozen=True)
class LayerDescription:
    """A layer: what it makes, how it sees, and what it takes."""

    name: str
    type: str
    shape: tuple[int, ...]
    """For the declared size, without the axis of images: (c, h, w), or (c,) where no map is left."""
    is_class_layer: bool = False
    dreams: str = ""
    """What it dreams of, for layers that are known to dream well."""
    stride_px: float | None = None
    """Pixels from cell to cell."""
    field_px: int | None = None
    """How many pixels wide a cell's view is; None where that is not known, or the whole image."""
    parameters: int | None = None
    gflop_per_megapixel: float | None = None
    """What it takes by itself, forward."""
    gflop_per_megapixel_to_here: float | None = None
    """What all layers take that lead to it, itself included."""

    @property
    def channels(self) -> int:
        """How many channels it has."""
        return self.shape[0] if self.shape else 1


@dataclass(frozen=True)
class FileDescription:
    """One of a network's files; `size_bytes` is None where nobody says."""

    name: str
    is_for: str
    """What it is, in a word or two."""
    size_bytes: int | None

    @classmethod
    def of(cls, name: str, size_bytes: int | None) -> FileDescription:
        """Return the description of a file whose name tells what it is."""
        return cls(name, _FOR.get(Path(name).suffix, ""), size_bytes)


@dataclass(frozen=True)
class NetworkDescription:
    """All that is known of a network without running it."""

    name: str
    title: str = ""
    source: str = ""
    licence: str = ""
    dreams: str = ""
    """How it dreams, in a sentence or two."""
    place: str = ""
    """Where it lies: a folder; "" where it is not here."""
    files: tuple[FileDescription, ...] = ()
    input_size: tuple[int, int] | None = None
    """(height, width)."""
    input_channels: int = 3
    pictures: str = ""
    """What is done to pictures, in words, and who says so."""
    parameters: int | None = None
    gigabytes_per_megapixel: float | None = None
    """About what a pass to the class layer (or the last one) and back holds, its layers run one by one."""
    layers: tuple[LayerDescription, ...] = field(default=(), repr=False)
    good_layers: tuple[DreamLayer, ...] = ()
    """Layers that are known to dream well."""
    class_layer: str | None = None
    labels: Labels = field(default_factory=Labels, repr=False)
    omitted: Mapping[str, str] = field(default_factory=dict)
    """Name of a layer that is not run -> why, going on from "it"."""
    cut_off: tuple[str, ...] = ()
    """Layers that are not run because they work on what omitted ones would make."""
    missing: tuple[str, ...] = ()
    """What a dream needs and is not there, each with what to do."""
    advice: tuple[str, ...] = ()
    """What was assumed because no file says it, and what would be better."""

    @property
    def classes(self) -> int | None:
        """How many classes it scores; None where it is no classifier, or that is not known."""
        found = self.layer(self.class_layer) if self.class_layer is not None else None
        return found.channels if found is not None else None

    def layer(self, name: str) -> LayerDescription | None:
        """Return the layer of a name."""
        return next((layer for layer in self.layers if layer.name == name), None)


def describe_network(network: Network) -> NetworkDescription:
    """Return what any loaded network tells of itself."""
    return NetworkDescription(
        name=network.name,
        input_size=network.input_size,
        pictures=network.pictures,
        layers=tuple(
            LayerDescription(
                layer.name,
                layer.type,
                layer.shape[1:],
                layer.name == network.class_layer,
                stride_px=_stride_px(network, layer.shape),
                field_px=_field_px(network, layer.name),
            )
            for layer in network.layers
        ),
        class_layer=network.class_layer,
        labels=network.labels,
    )


def _stride_px(network: Network, shape: tuple[int, ...]) -> float | None:
    return None if len(shape) != 4 or shape[2:] == (1, 1) else round(network.input_size[0] / shape[2], 1)


def _field_px(network: Network, layer: str) -> int | None:
    try:
        return network.receptive_field([layer]).halo + 1
    except TargetError:
        return None

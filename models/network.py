"""What everything above calls a network: images in, named activations out, differentiable.

The dream engine knows nothing else of a network than this protocol, so it is blind to what executes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from .backend import BackendName
from .labels import Labels

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class LayerInfo:
    """A layer as it can be listed: its name, type, and the shape of its first top.

    `shape` is that of one image of the network's declared size, (1, c, h, w) or (1, c) where nothing of the
    map is left; `channels` is its second number. `is_max_pooling` says that its values are the largest of a
    window.
    """

    name: str
    type: str
    channels: int
    shape: tuple[int, ...]
    is_max_pooling: bool = False


@dataclass(frozen=True)
class ReceptiveField:
    """How far layers look, in pixels: what a tile needs so that its gradient is the whole image's.

    When a tile starts at multiples of `stride` in both directions (or at the image's edge), every pixel that
    has at least `halo` pixels of the tile on each side (or the image's edge) gets the same gradient as in the
    whole image, for objectives that are sums over the layers' cells.

    Cells look at what is near their middle most: `spread` is the standard deviation of the pixels where ways
    through the windows end, all as likely. `first` is how far inside of the image's edge the middle of the
    first cell lies that sees more than padding.
    """

    stride: int
    halo: int
    first: int
    spread: int


class ListedLayer(Protocol):
    """A layer as a `Listing` has it: a `LayerInfo`, or as much of one as a definition says by itself."""

    @property
    def name(self) -> str:
        """The name that targets give."""

    @property
    def type(self) -> str:
        """Caffe's name for its kind."""

    @property
    def channels(self) -> int:
        """How many channels it has."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its first top, as in `LayerInfo`."""


class Listing(Protocol):
    """What a network is asked for by name: its classes and layers. An `Outline` is one without weights."""

    @property
    def name(self) -> str:
        """The registry's name or the folder's."""

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) the network declares; any other size can be given to `activations`."""

    @property
    def labels(self) -> Labels:
        """The classes' words; empty when the network came without."""

    @property
    def class_layer(self) -> str | None:
        """The layer with one score per class before any softmax, or None."""

    @property
    def layers(self) -> tuple[ListedLayer, ...]:
        """Every layer but the inputs, in the order of execution."""


class Network(Listing, Protocol):
    """A network whose layers can be read and driven back to the pixels."""

    @property
    def layers(self) -> tuple[LayerInfo, ...]:
        """Every layer but the inputs, in the order of execution."""

    @property
    def backend(self) -> BackendName:
        """What runs it."""

    @property
    def pictures(self) -> str:
        """What is done to pictures before the first layer, in words, and who says so."""

    def activations(self, images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return each named layer's value for images (n, 3, h, w), RGB 0..1, of any size.

        Differentiable with respect to the images; weights never require a gradient, and no layer runs that
        the named ones do not need. Raises LayerNotFoundError, and TargetError where the size does not suit.
        """

    def dense(self, classes: Sequence[int] | None = None, averaged: bool = True) -> Network:
        """Return the network with its class layer sliding over images of any size: one score per window.

        With `classes`, the class layer has only these, in this order, and the others are not computed. Not
        `averaged`, scores that are averages over a window's cells are left as one score per cell, whose sum
        has the same gradient wherever all windows fit.
        """

    def receptive_field(self, layers: Sequence[str]) -> ReceptiveField:
        """Return how far these layers look; TargetError for one that depends on the whole image."""

    def numbers_per_pixel(self, layers: Sequence[str]) -> float:
        """Return how many numbers a pass to these layers and back holds at once, per pixel of the images.

        Measured and rounded up (docs/engine.md, "Memory"); weights do not count.
        """

    def to(self, device: torch.device, dtype: torch.dtype) -> Network:
        """Return the network on a device, computing in float32 or bfloat16."""

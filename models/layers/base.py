"""What a Caffe layer is here, and the registry that finds the class for a type name.

A `Layer` is built from its definition and the shapes of its bottoms at the network's declared input size. It
states which weights it needs, how far over the map it looks and which shapes its tops have, and computes its
tops from its bottoms with differentiable tensor operations. It holds no tensors: the network owns the weights
and hands them in, so that moving a network to another device or precision copies tensors and nothing else.

To add a layer type, write a subclass in one of the modules of this package and decorate it:

    @layer_type("Sigmoid")
    class Sigmoid(PointwiseLayer):
        def forward(self, weights, bottom):
            return torch.sigmoid(bottom)

Shapes are arithmetic on integers. PyTorch could tell them by running a layer on its meta device, but imports
half of its compiler for that, which takes a second. `tests/models/layers/test_shapes.py` holds the arithmetic
of every type to what the layer makes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias, TypeVar

from ..caffe_files.schema import Message

if TYPE_CHECKING:
    from torch import Tensor

Shape: TypeAlias = tuple[int, ...]
Outputs: TypeAlias = "Tensor | tuple[Tensor, ...]"
"""One tensor per top; a bare tensor stands for a single top."""


@dataclass(frozen=True)
class Weight:
    """A blob a layer needs: its shape, and the constant (or "msra") it has in a network without weights."""

    shape: Shape
    initial: float | str = "msra"


@dataclass(frozen=True)
class Window:
    """How a cell of a top lies over the bottom: cell i covers i*stride - pad ... + dilation*(kernel - 1).

    All values are (height, width). `transposed` turns the relation around (Deconvolution): it is then the
    bottom's cell i that covers that stretch of the top.
    """

    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    pad: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    transposed: bool = False


class Layer:
    """One layer of a network; subclasses set `weights`, `window`, and implement `shapes` and `forward`."""

    bottoms: ClassVar[tuple[int, int | None]] = (1, 1)
    """How many bottoms it takes, at least and at most (None: any number)."""
    weights: tuple[Weight, ...] = ()
    window: Window | None = None
    """None when a cell may depend on the whole map, or on where in the map it lies."""
    keeps_float32: ClassVar[bool] = False
    """Whether weights stay float32 when the network runs in a shorter type."""

    def __init__(self, param: Message, bottoms: Sequence[Shape]) -> None:
        """`param` is the LayerParameter, `bottoms` the bottoms' shapes at the declared input size."""
        self.param = param

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the shapes of the tops that `forward` makes of such bottoms.

        Raises ValueError or IndexError where it could make none of them.
        """
        raise NotImplementedError

    def forward(self, weights: Sequence[Tensor], *bottoms: Tensor) -> Outputs:
        """Compute the tops; `weights` come in the order and shapes of `self.weights`."""
        raise NotImplementedError


class PointwiseLayer(Layer):
    """A layer whose cell depends only on the bottoms' cells at the same place (any channels)."""

    window = Window()

    def shapes(self, *bottoms: Shape) -> list[Shape]:
        """Return the first bottom's shape."""
        return [bottoms[0]]


LayerClass = TypeVar("LayerClass", bound=type[Layer])
_TYPES: dict[str, type[Layer]] = {}


def layer_type(*names: str) -> Callable[[LayerClass], LayerClass]:
    """Register the decorated class for Caffe's type names."""

    def register(cls: LayerClass) -> LayerClass:
        _TYPES.update(dict.fromkeys(names, cls))
        return cls

    return register


def find_layer_type(name: str) -> type[Layer] | None:
    """Return the class for a Caffe type name, or None when the type is not supported."""
    return _TYPES.get(name)


def supported_types() -> tuple[str, ...]:
    """Return every supported type name, sorted."""
    return tuple(sorted(_TYPES))


def canonical_axis(axis: int, dimensions: int) -> int:
    """Return an axis counted from the front; -1 is the last. Raises ValueError outside the blob."""
    if not -dimensions <= axis < dimensions:
        raise ValueError(f"axis {axis} does not exist in a blob of {dimensions} dimensions")
    return axis % dimensions


def at_least(least: int, **options: int | Sequence[int]) -> None:
    """Raise ValueError where an option (or one of its values) is smaller than it may be."""
    for name, given in options.items():
        if (given if isinstance(given, int) else min(given, default=least)) < least:
            raise ValueError(f"{name} is {given}, and has to be at least {least}")


def require_map(shape: Shape, done: str) -> None:
    """Raise ValueError for a blob other than (n, c, height, width), saying what cannot be `done` to it."""
    if len(shape) != 4:
        raise ValueError(f"only maps (n, c, height, width) can be {done}")


def broadcast(*shapes: Shape) -> Shape:
    """Return the shape of blobs laid over each other, aligned at their last axes. Raises ValueError."""
    axes = max(map(len, shapes))
    filled = [(1,) * (axes - len(shape)) + shape for shape in shapes]
    lengths = [set(along) - {1} or {1} for along in zip(*filled, strict=True)]
    if any(len(different) > 1 for different in lengths):
        raise ValueError(f"blobs of shapes {', '.join(map(str, shapes))} do not fit onto each other")
    return tuple(length for (length,) in lengths)

"""What single operations of PyTorch do to how far one looks, and to where a tensor keeps its places.

A model of timm is Python code, so its operations are watched while it runs (trace.py). Each value is followed
by a `Place`: which axes of it are the picture's rows and columns, and how far a cell looks along each
(graph/receptive_field.py has the arithmetic). What this page does not know counts as looking at the whole
picture: then a picture is not cut into tiles, and nothing is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from ..graph.receptive_field import AxisField

Fields = tuple[AxisField, AxisField]


@dataclass(frozen=True)
class Place:
    """Which axes of a tensor are rows and columns, and how far it looks along them.

    `axes` is None where the tensor is no map any more; `fields` where it depends on the whole picture, or
    may.
    """

    axes: tuple[int, int] | None
    fields: Fields | None


IMAGE = Place((2, 3), (AxisField(), AxisField()))
LOST = Place(None, None)

Rule = Callable[[Place, Tensor, Tensor, "Arguments"], Place]


@dataclass(frozen=True)
class Arguments:
    """What an operation was given behind its tensor, by position or by name."""

    positional: Sequence[Any]
    named: dict[str, Any]

    def get(self, name: str, position: int, default: Any = None) -> Any:
        """Return an argument; positions count from the first tensor, which is 0."""
        if name in self.named:
            return self.named[name]
        return self.positional[position] if position < len(self.positional) else default


def joined(places: Sequence[Place], output: Tensor) -> Place:
    """Return the place of a value that several contribute to, cell by cell."""
    maps = [place for place in places if place.axes is not None]
    axes = {place.axes for place in maps}
    at = next(iter(axes)) if len(axes) == 1 and max(maps[0].axes or ()) < output.ndim else None
    fields: Fields | None = places[0].fields
    for place in places[1:]:
        fields = _join(fields, place.fields)
    return Place(at, fields if at is not None and len(maps) == len(places) else None)


def _join(first: Fields | None, second: Fields | None) -> Fields | None:
    if first is None or second is None:
        return None
    rows, columns = first[0].joined(second[0]), first[1].joined(second[1])
    return (rows, columns) if rows is not None and columns is not None else None


def _pair(value: Any) -> tuple[int, int]:
    both = tuple(value) if isinstance(value, Sequence) else (value,)
    return (int(both[0]), int(both[-1]))


def _slid(place: Place, kernel: Any, stride: Any, pad: Any, dilation: Any) -> Place:
    if place.axes != (2, 3) or place.fields is None:
        return Place((2, 3), None)
    numbers = zip(_pair(kernel), _pair(stride), _pair(pad), _pair(dilation), strict=True)
    rows, columns = (
        field.through(k, s, p, d, False) for field, (k, s, p, d) in zip(place.fields, numbers, strict=True)
    )
    return Place((2, 3), (rows, columns))


def _convolution(place: Place, source: Tensor, output: Tensor, given: Arguments) -> Place:
    weight, pad = given.get("weight", 1), given.get("padding", 4, 0)
    if isinstance(pad, str):
        return Place((2, 3), None)
    return _slid(place, weight.shape[2:], given.get("stride", 3, 1), pad, given.get("dilation", 5, 1))


def _pooling(dilation_position: int) -> Rule:
    def rule(place: Place, source: Tensor, output: Tensor, given: Arguments) -> Place:
        kernel = given.get("kernel_size", 1)
        stride = given.get("stride", 2) or kernel  # an empty list, too, stands for the kernel
        dilation = given.get("dilation", dilation_position, 1) if dilation_position else 1
        return _slid(place, kernel, stride, given.get("padding", 3, 0), dilation)

    return rule


def _pad(place: Place, source: Tensor, output: Tensor, given: Arguments) -> Place:
    """Put cells around a map: constant ones, which nothing depends on."""
    around, mode = given.get("pad", 1), given.get("mode", 2, "constant")
    if place.axes is None or place.fields is None or mode != "constant":
        return replace(place, fields=None)
    fields = []
    for axis, field in zip(place.axes, place.fields, strict=True):
        behind = 2 * (source.ndim - 1 - axis)  # the last axis comes first
        before = around[behind] if behind < len(around) else 0
        moved = field.through(1, 1, before, 1, False)
        fields.append(replace(moved, first=field.first - before * field.step))
    return Place(place.axes, (fields[0], fields[1]))


def _permute(place: Place, source: Tensor, output: Tensor, given: Arguments) -> Place:
    order = given.get("dims", 1)
    order = list(order) if isinstance(order, Sequence) else list(given.positional[1:])
    return _reordered(place, [axis % source.ndim for axis in order])


def _transpose(place: Place, source: Tensor, output: Tensor, given: Arguments) -> Place:
    order = list(range(source.ndim))
    one, other = given.get("dim0", 1) % source.ndim, given.get("dim1", 2) % source.ndim
    order[one], order[other] = other, one
    return _reordered(place, order)


def _reordered(place: Place, order: list[int]) -> Place:
    if place.axes is None:
        return place
    rows, columns = (order.index(axis) for axis in place.axes)
    return replace(place, axes=(rows, columns)) if rows < columns else LOST


def _reshape(place: Place, source: Tensor, output: Tensor, given: Arguments) -> Place:
    """Keep the place where rows and columns are still axes of their own, in their order."""
    if place.axes is None:
        return place
    new = [_same_axis(source.shape, axis, output.shape) for axis in place.axes]
    return LOST if new[0] is None or new[1] is None else replace(place, axes=(new[0], new[1]))


def _same_axis(before: Sequence[int], axis: int, after: Sequence[int]) -> int | None:
    """Return which axis of the new shape counts what an axis of the old one did, if any."""
    for number, length in enumerate(after):
        if length == before[axis] and math.prod(after[:number]) == math.prod(before[:axis]):
            return number
    return None


def _reduction(place: Place, source: Tensor, output: Tensor, given: Arguments) -> Place:
    """Sum, or the like, over some axes: over rows or columns the whole picture counts from then on."""
    if place.axes is None:
        return place
    dims = given.get("dim", 1)
    over = range(source.ndim) if dims is None else [dims] if isinstance(dims, int) else dims
    gone = sorted({axis % source.ndim for axis in over})
    if set(gone) & set(place.axes):
        return Place(place.axes if output.ndim == source.ndim else None, None)
    if output.ndim == source.ndim:
        return place
    rows, columns = (axis - sum(each < axis for each in gone) for axis in place.axes)
    return replace(place, axes=(rows, columns))


def _along(position: int, default: int) -> Rule:
    """Work along one axis: fine if that is not one of the picture's."""

    def rule(place: Place, source: Tensor, output: Tensor, given: Arguments) -> Place:
        axis = given.get("dim", position, default)
        if place.axes is None or not isinstance(axis, int) or axis % source.ndim in place.axes:
            return Place(place.axes, None)
        return place if output.ndim == source.ndim else LOST

    return rule


def _item(place: Place, source: Tensor, output: Tensor, given: Arguments) -> Place:
    """Take a part of a tensor: some channels, but all rows and columns."""
    index = given.get("index", 1)
    parts = list(index) if isinstance(index, tuple) else [index]
    if place.axes is None or not all(isinstance(part, (int, slice)) for part in parts):
        return LOST
    touched = [axis for axis, part in enumerate(parts) if part != slice(None)]
    if set(touched) & set(place.axes):
        return Place(place.axes if output.ndim == source.ndim else None, None)
    gone = [axis for axis, part in enumerate(parts) if isinstance(part, int)]
    rows, columns = (axis - sum(each < axis for each in gone) for axis in place.axes)
    return replace(place, axes=(rows, columns))


def _layer_norm(place: Place, source: Tensor, output: Tensor, given: Arguments) -> Place:
    first = source.ndim - len(given.get("normalized_shape", 1))
    within = place.axes is None or max(place.axes) >= first
    return replace(place, fields=None) if within else place


def _linear(place: Place, source: Tensor, output: Tensor, given: Arguments) -> Place:
    return LOST if place.axes is None or source.ndim - 1 in place.axes else place


def _whole(place: Place, source: Tensor, output: Tensor, given: Arguments) -> Place:
    return Place(place.axes if output.ndim == source.ndim else None, None)


_CELL_BY_CELL = (
    "relu", "relu_", "relu6", "leaky_relu", "leaky_relu_", "elu", "elu_", "selu", "celu", "gelu", "silu",
    "silu_", "mish", "mish_", "softplus", "sigmoid", "sigmoid_", "tanh", "tanh_", "hardswish",
    "hardswish_", "hardsigmoid", "hardsigmoid_", "hardtanh", "hardtanh_", "prelu", "clamp", "clamp_",
    "clamp_min", "clamp_max", "add", "add_", "__add__", "__radd__", "__iadd__", "sub", "sub_", "__sub__",
    "__rsub__", "__isub__", "mul", "mul_", "__mul__", "__rmul__", "__imul__", "div", "div_",
    "__truediv__", "__rtruediv__", "__itruediv__", "true_divide", "neg", "__neg__", "abs", "exp", "sqrt",
    "rsqrt", "square", "pow", "__pow__", "maximum", "minimum", "addcmul", "erf", "batch_norm", "dropout",
    "dropout_", "dropout2d", "contiguous", "clone", "to", "float", "type_as", "detach", "positive",
    "where", "lerp",
)  # fmt: skip

RULES: dict[str, Rule] = {
    "conv2d": _convolution,
    "max_pool2d": _pooling(4),
    "max_pool2d_with_indices": _pooling(4),
    "avg_pool2d": _pooling(0),
    "pad": _pad,
    "permute": _permute,
    "transpose": _transpose,
    **dict.fromkeys(("view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze"), _reshape),
    **dict.fromkeys(("mean", "sum", "amax", "amin", "var", "std", "prod", "norm"), _reduction),
    **dict.fromkeys(("cat", "concat", "concatenate", "chunk", "glu"), _along(1, 0)),
    **dict.fromkeys(("split", "tensor_split", "unsafe_chunk"), _along(2, 0)),
    **dict.fromkeys(("softmax", "log_softmax"), _along(1, -1)),
    **dict.fromkeys(("adaptive_avg_pool2d", "adaptive_max_pool2d", "interpolate", "group_norm"), _whole),
    "__getitem__": _item,
    "layer_norm": _layer_norm,
    "linear": _linear,
    **dict.fromkeys(_CELL_BY_CELL, lambda place, source, output, given: place),
}  # fmt: skip
"""By the operations' names; one that is not here loses the place."""

VIEWS = frozenset(
    {"view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "permute", "transpose", "chunk",
     "split", "tensor_split", "detach", "to", "contiguous", "dropout", "dropout_", "dropout2d", "float"}
)  # fmt: skip
"""Operations that, as a rule, take no memory of their own."""

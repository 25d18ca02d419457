"""What is known of an ONNX graph before it runs: weights, and what is reckoned from them and from shapes.

Exporters write simple things in a roundabout way: the shape that a map is flattened to is often reckoned from
the map's own, and a weight handed on under another name. A few operators on constants are worked out here,
of which none copies more than the sixty-four numbers that no shape has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import cut
from ..layers.base import Shape
from .nodes import OnnxNode
from .tensors import Array, tensor_values

_SHAPE_LIMIT = 64
"""More numbers than a shape has; only on as few is there arithmetic."""

_FLOAT_TYPES = (1, 10, 11)
_TYPES = {1: np.float32, 6: np.int32, 7: np.int64, 9: np.bool_, 10: np.float32, 11: np.float64}


class Constants:
    """Values by name; those of the file are made arrays when they are asked for."""

    def __init__(self, initialisers: Any, where: str) -> None:
        self._where = where
        self._tensors = {tensor.name: tensor for tensor in initialisers}
        self._made: dict[str, Array] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._tensors or name in self._made

    def value(self, name: str) -> Array:
        """Return a constant's numbers. Raises ModelFileError where they do not fit its shape."""
        if name not in self._made:
            self._made[name] = tensor_values(self._tensors[name], self._where)
        return self._made[name]

    def forget(self) -> None:
        """Give the file's constants up, and their memory, when nothing is read of them any more."""
        self._tensors, self._made = {}, {}

    def work_out(self, node: OnnxNode, shape_of: Callable[[str], Shape | None]) -> bool:
        """Work a node out, if it can be; `shape_of` returns the shape of a value that is no constant."""
        if node.operator == "Constant":
            self._made[node.outputs[0]] = self._constant(node)
            return True
        if node.operator == "Shape" and (shape := self._shape(node, shape_of)) is not None:
            begin, end = node.whole("start", 0), node.whole("end", len(shape))
            self._made[node.outputs[0]] = np.array(shape[begin:end], np.int64)
            return True
        work = _WORK.get(node.operator)
        if work is None or not node.inputs or not all(name in self for name in node.inputs):
            return False
        try:
            made = work(node, *(self.value(name) for name in node.inputs))
        except (ValueError, IndexError, TypeError, KeyError, ArithmeticError) as error:
            raise node.refusal(f"cannot be worked out: {cut(str(error))}") from error
        self._made[node.outputs[0]] = made
        return True

    def _shape(self, node: OnnxNode, shape_of: Callable[[str], Shape | None]) -> Shape | None:
        """Return the shape of what a node reads; None where that is not known."""
        if not node.has_input(0):
            return None
        (name, *_) = node.inputs
        return tuple(self.value(name).shape) if name in self else shape_of(name)

    def _constant(self, node: OnnxNode) -> Array:
        attributes = node.attributes
        value = attributes.get("value")
        if hasattr(value, "data_type"):
            return tensor_values(value, self._where)
        for name in ("value_int", "value_ints", "value_float", "value_floats"):
            if name in attributes:
                return np.array(attributes[name], np.int64 if "int" in name else np.float32)
        raise node.refusal("its value is no number")


def axes_of(node: OnnxNode, constants: Constants) -> tuple[int, ...] | None:
    """Return the axes that a node names as an attribute, or as its second input; None without."""
    if "axes" in node.attributes:
        return node.wholes("axes", None)
    return whole_numbers(node, constants, 1) if node.has_input(1) else None


def whole_numbers(node: OnnxNode, constants: Constants, index: int) -> tuple[int, ...]:
    """Return an input that is a list of whole numbers known beforehand, such as a shape."""
    if not node.has_input(index) or node.inputs[index] not in constants:
        raise node.refusal(f"its input {index + 1}, a list of whole numbers, is no constant")
    try:
        return _wholes(constants.value(node.inputs[index]))
    except ValueError as error:
        raise node.refusal(f"its input {index + 1} is {error}") from error


def _wholes(array: Array) -> tuple[int, ...]:
    if array.dtype.kind != "i" or array.size > _SHAPE_LIMIT:
        raise ValueError("no short list of whole numbers")
    return tuple(int(number) for number in array.ravel())


def _axes(node: OnnxNode, given: tuple[Array, ...]) -> tuple[int, ...]:
    return _wholes(given[0]) if given else node.wholes("axes", None)


def _few(*arrays: Array) -> None:
    if sum(array.size for array in arrays) > _SHAPE_LIMIT:
        raise ValueError(f"more than {_SHAPE_LIMIT} numbers, where shapes are reckoned")


def _cast(node: OnnxNode, array: Array) -> Array:
    wanted = node.whole("to", 0)
    if wanted in _FLOAT_TYPES and array.dtype.kind == "f":
        return array  # all weights end as floats of 32 bits
    _few(array)
    return array.astype(_TYPES[wanted])


def _unsqueeze(node: OnnxNode, array: Array, *given: Array) -> Array:
    return np.expand_dims(array, _axes(node, given))


def _squeeze(node: OnnxNode, array: Array, *given: Array) -> Array:
    if not given and "axes" not in node.attributes:
        return np.squeeze(array)
    return np.squeeze(array, _axes(node, given))


def _concat(node: OnnxNode, *arrays: Array) -> Array:
    _few(*arrays)
    return np.concatenate(arrays, node.whole("axis", 0))


def _gather(node: OnnxNode, array: Array, index: Array) -> Array:
    _few(array, index)
    return np.asarray(np.take(array, index.astype(np.int64), node.whole("axis", 0)))


def _slice(node: OnnxNode, array: Array, *bounds: Array) -> Array:
    _few(array)
    if len(bounds) < 2 or array.ndim != 1:
        raise ValueError("only a list is cut")
    (begin,), (end,) = map(_wholes, bounds[:2])
    (step,) = _wholes(bounds[3]) if len(bounds) > 3 else (1,)
    return array[begin:end:step]


def _reshape(node: OnnxNode, array: Array, *given: Array) -> Array:
    wanted = _wholes(given[0]) if given else node.wholes("shape", None)
    lengths = zip(wanted, (*array.shape, *[0] * len(wanted)), strict=False)
    return array.reshape([own if length == 0 else length for length, own in lengths])


def _transpose(node: OnnxNode, array: Array) -> Array:
    return array.transpose(node.wholes("perm", range(array.ndim)[::-1]))


_WORK: dict[str, Callable[..., Array]] = {
    "Identity": lambda _, array: array,
    "Cast": _cast,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _slice,
    "Reshape": _reshape,
    "Transpose": _transpose,
}

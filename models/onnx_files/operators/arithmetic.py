"""Sums, products and maxima of maps, and of a map with numbers: one for all, or one per channel."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...layers.base import Shape
from ..nodes import OnnxNode
from ..tensors import Array
from ..translation import Translation
from .table import operator

_OPERATIONS = {"Add": "SUM", "Sum": "SUM", "Sub": "SUM", "Mul": "PROD", "Max": "MAX"}


@operator("Add Sub Mul Div", "axis broadcast")
def _arithmetic(translation: Translation, node: OnnxNode) -> None:
    if len(node.inputs) != 2:
        raise node.refusal(f"has {len(node.inputs)} inputs instead of two")
    if all(translation.is_computed(node, index) for index in (0, 1)):
        _together(translation, node)
    elif translation.is_computed(node, 1):
        if node.operator in ("Sub", "Div"):
            raise node.refusal("a number minus or divided by a map is not translated")
        _with_numbers(translation, node, 1, 0)
    else:
        _with_numbers(translation, node, 0, 1)


@operator("Sum Max")
def _several(translation: Translation, node: OnnxNode) -> None:
    blobs = [translation.bottom(node, index) for index in range(len(node.inputs))]
    if len(blobs) == 1:
        translation.done(node, blobs[0])
    else:
        _eltwise(translation, node, blobs)


def _together(translation: Translation, node: OnnxNode) -> None:
    """Translate arithmetic on two maps, or on a map and one number per channel made from the picture."""
    blobs = [translation.bottom(node, index) for index in (0, 1)]
    shapes = [translation.shape(blob) for blob in blobs]
    if shapes[0] == shapes[1] and node.operator != "Div":
        _eltwise(translation, node, blobs)
        return
    if node.operator != "Mul":
        raise node.refusal(
            f"reads maps of {shapes[0]} and {shapes[1]}, which Caffe cannot lay over each other"
        )
    large, small = blobs if math.prod(shapes[0]) > math.prod(shapes[1]) else blobs[::-1]
    wide, factor = translation.shape(large), translation.shape(small)
    if len(wide) != 4 or factor != (*wide[:2], 1, 1):
        raise node.refusal(f"multiplies maps of {wide} and {factor}; one factor per channel is translated")
    flat = translation.add(node, "Flatten", [small], part="factors")
    translation.done(node, translation.add(node, "Scale", [large, flat], scale_param={"axis": 0}))


def _eltwise(translation: Translation, node: OnnxNode, blobs: Sequence[str]) -> None:
    options: dict[str, object] = {"operation": _OPERATIONS[node.operator]}
    if node.operator == "Sub":
        options["coeff"] = [1.0, -1.0]
    translation.done(node, translation.add(node, "Eltwise", blobs, eltwise_param=options))


def _with_numbers(translation: Translation, node: OnnxNode, map_index: int, number_index: int) -> None:
    """Translate arithmetic on a map and constants."""
    blob = translation.bottom(node, map_index)
    numbers = translation.constant(node, number_index).astype(np.float64)
    if node.operator == "Sub":
        numbers = -numbers
    elif node.operator == "Div":
        if not np.all(numbers):
            raise node.refusal("divides by zero")
        numbers = 1 / numbers
    if not np.all(np.isfinite(numbers)):
        raise node.refusal("its numbers are no finite ones")
    adds = node.operator in ("Add", "Sub")
    if numbers.size == 1:
        option = {"shift" if adds else "scale": float(numbers.reshape(()))}
        made = translation.add(node, "Power", [blob], power_param=option)
    else:
        per_channel = _per_channel(node, numbers, translation.shape(blob))
        made = translation.add(node, "Bias" if adds else "Scale", [blob], weights=[per_channel])
    translation.done(node, made)


def _per_channel(node: OnnxNode, numbers: Array, shape: Shape) -> Array:
    """Return constants as one number per channel. Raises ModelFileError for any others."""
    own = numbers.shape
    if node.whole("broadcast", 0) and "axis" in node.attributes:  # before the seventh version
        own = (1,) * node.whole("axis", 0) + own
        own += (1,) * (len(shape) - len(own))
    own = (1,) * (len(shape) - len(own)) + own
    if own != (1, shape[1], *[1] * (len(shape) - 2)):
        raise node.refusal(
            f"numbers of shape {numbers.shape} on a map of {shape}; one per channel is translated"
        )
    return numbers.reshape(-1)

"""What passes values on: flattening, joining, and layers that do nothing in a network at rest."""

from __future__ import annotations

import math

from ....errors import cut
from ...layers.base import Shape
from ..constants import axes_of, whole_numbers
from ..nodes import OnnxNode
from ..translation import Translation
from .sliding import whole_map
from .table import operator


@operator("Identity")
def _identity(translation: Translation, node: OnnxNode) -> None:
    translation.done(node, translation.bottom(node))


@operator("Dropout", "ratio is_test seed")
def _dropout(translation: Translation, node: OnnxNode) -> None:
    if node.has_input(2) and translation.constant(node, 2).any():
        raise node.refusal("is in training mode; export the network for use (model.eval())")
    translation.done(node, translation.bottom(node))


@operator("Concat", "axis")
def _concat(translation: Translation, node: OnnxNode) -> None:
    blobs = [translation.bottom(node, index) for index in range(len(node.inputs))]
    axis = node.whole("axis", 1)
    if not blobs or axis not in (1, 1 - len(translation.shape(blobs[0]))):
        raise node.refusal(f"joins along axis {axis}; only channels (axis 1) are joined")
    translation.done(node, translation.add(node, "Concat", blobs))


@operator("Flatten", "axis")
def _flatten(translation: Translation, node: OnnxNode) -> None:
    blob = translation.bottom(node)
    axis = node.whole("axis", 1)
    if axis not in (1, 1 - len(translation.shape(blob))):
        raise node.refusal(f"flattens from axis {axis}; a picture stays one only from axis 1 on")
    _reshaped(translation, node, blob, (1, math.prod(translation.shape(blob)[1:])))


@operator("Reshape", "allowzero shape")
def _reshape(translation: Translation, node: OnnxNode) -> None:
    blob = translation.bottom(node)
    own = translation.shape(blob)
    constants = translation.constants
    given = whole_numbers(node, constants, 1) if node.has_input(1) else node.wholes("shape", None)
    if len(given) > len(own) and 0 in given[len(own) :]:
        raise node.refusal(f"{cut(str(list(given)))} is no shape for a map of {own}")
    wanted = [own[axis] if length == 0 else length for axis, length in enumerate(given)]
    if wanted.count(-1) == 1:
        known = math.prod(length for length in wanted if length != -1)
        wanted[wanted.index(-1)] = math.prod(own) // max(1, known)
    _reshaped(translation, node, blob, tuple(wanted))


@operator("Squeeze Unsqueeze", "axes")
def _squeeze(translation: Translation, node: OnnxNode) -> None:
    blob = translation.bottom(node)
    own, axes = translation.shape(blob), axes_of(node, translation.constants)
    if node.operator == "Squeeze":
        gone = {axis % len(own) for axis in axes} if axes is not None else set(range(1, len(own)))
        kept = [length for axis, length in enumerate(own) if axis not in gone or length != 1]
        _reshaped(translation, node, blob, tuple(kept))
        return
    total = len(own) + len(axes or ())
    new = {axis % total for axis in axes or ()}
    lengths = iter(own)
    _reshaped(translation, node, blob, tuple(1 if axis in new else next(lengths) for axis in range(total)))


@operator("ReduceMean", "axes keepdims noop_with_empty_axes")
def _mean(translation: Translation, node: OnnxNode) -> None:
    blob = translation.bottom(node)
    axes = axes_of(node, translation.constants)
    if len(translation.shape(blob)) != 4 or axes is None or sorted(axis % 4 for axis in axes) != [2, 3]:
        raise node.refusal("only the mean over height and width is translated")
    if node.whole("keepdims", 1):
        whole_map(translation, node, "AVE")
        return
    options = {"pool": "AVE", "global_pooling": True}
    mean = translation.add(node, "Pooling", [blob], pooling_param=options)
    _reshaped(translation, node, mean, translation.shape(mean)[:2])


def _reshaped(translation: Translation, node: OnnxNode, blob: str, wanted: Shape) -> None:
    """Translate a change of shape: to a vector, or from a vector to a map of one cell."""
    own = translation.shape(blob)
    if wanted == own:
        translation.done(node, blob)
    elif wanted == (own[0], math.prod(own[1:])):
        translation.done(node, translation.add(node, "Flatten", [blob], part="flat"))
    elif len(own) == 2 and wanted == (*own, 1, 1):
        options = {"shape": {"dim": [0, 0, 1, 1]}}
        translation.done(node, translation.add(node, "Reshape", [blob], part="map", reshape_param=options))
    else:
        raise node.refusal(
            f"makes {cut(str(wanted))} of {own}; a map becomes a vector, and a vector a map of one cell"
        )

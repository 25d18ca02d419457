"""Convolutions and pooling, where their windows lie exactly as Caffe's do.

Caffe pads a map alike on both sides. More behind than before is the same in two cases: TensorFlow's SAME, for
which there is the layer SameConvolution, and pooling that rounds up, whose last window Caffe cuts at the
map's end instead of filling it up.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...layers.pooling import AVE, MAX, output_length
from ..constants import whole_numbers
from ..nodes import OnnxNode
from ..tensors import Array
from ..translation import Around, Translation
from .pads import Sides, padding, per_axis, sides
from .table import operator

_WINDOW = "auto_pad dilations kernel_shape pads strides"


@operator("Conv", f"{_WINDOW} group")
def _convolution(translation: Translation, node: OnnxNode) -> None:
    blob, around = translation.padded_bottom(node)
    weight, kernel, weights = _weights(translation, node)
    stride, dilation = _steps(node)
    group = node.whole("group", 1)
    size = translation.shape(blob)[2:]
    if len(size) != 2 or weight.shape[1] * group != translation.shape(blob)[1]:
        raise node.refusal(
            f"weights of {weight.shape} in {group} groups do not fit {translation.shape(blob)}"
        )
    if any(around) and node.word("auto_pad", "NOTSET") in ("SAME_UPPER", "SAME_LOWER"):
        raise node.refusal("auto_pad is SAME on a map that zeros were put around")
    around = _added(around, padding(node, size, kernel, stride, dilation))
    same = _is_same(around, size, kernel, stride, dilation)
    rows, columns = per_axis(around)
    if not same and (rows[0] != rows[1] or columns[0] != columns[1]):
        raise node.refusal(
            f"pads {list(around)} (above, left, below, right) differ before and behind the map"
        )
    pads = {} if same else sides("pad", (rows[0], columns[0]), "pad", 0, listed=True)
    options = _options(weight.shape[0], kernel, stride, dilation, group, len(weights) > 1) | pads
    layer = "SameConvolution" if same else "Convolution"
    made = translation.add(node, layer, [blob], weights=weights, convolution_param=options)
    translation.done(node, made)


@operator("ConvTranspose", f"{_WINDOW} group output_padding output_shape")
def _deconvolution(translation: Translation, node: OnnxNode) -> None:
    blob = translation.bottom(node)
    weight, kernel, weights = _weights(translation, node)
    stride, dilation = _steps(node)
    group = node.whole("group", 1)
    if any(node.wholes("output_padding", (0, 0))) or "output_shape" in node.attributes:
        raise node.refusal("output_padding and output_shape have no counterpart in Caffe")
    if node.word("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise node.refusal("auto_pad is SAME")
    rows, columns = per_axis(padding(node, (1, 1), kernel, stride, dilation))
    if rows[0] != rows[1] or columns[0] != columns[1]:
        raise node.refusal("pads differ before and behind the map")
    pads = sides("pad", (rows[0], columns[0]), "pad", 0, listed=True)
    options = _options(weight.shape[1] * group, kernel, stride, dilation, group, len(weights) > 1) | pads
    made = translation.add(node, "Deconvolution", [blob], weights=weights, convolution_param=options)
    translation.done(node, made)


@operator("MaxPool AveragePool", f"{_WINDOW} ceil_mode count_include_pad storage_order")
def _pooling(translation: Translation, node: OnnxNode) -> None:
    blob = translation.bottom(node)
    size = translation.shape(blob)[2:]
    if len(size) != 2 or any(node.outputs[1:]):
        raise node.refusal("only one map is made of another, without the places of its values")
    kernel = _pair(node.wholes("kernel_shape", None, count=2))
    stride, dilation = _steps(node)
    if dilation != (1, 1):
        raise node.refusal(f"dilations are {list(dilation)}; Caffe's pooling has none")
    method = MAX if node.operator == "MaxPool" else AVE
    around = padding(node, size, kernel, stride, dilation)
    if method == AVE:
        _check_average(node, around)
    ceil = _rounds_up(node, size, kernel, stride, around)
    options = {
        **({} if method == MAX else {"pool": "AVE"}),
        **sides("kernel_size", kernel, "kernel", None),
        **sides("stride", stride, "stride", 1),
        **sides("pad", (around[0], around[1]), "pad", 0),
        **({} if ceil else {"round_mode": "FLOOR"}),
    }
    translation.done(node, translation.add(node, "Pooling", [blob], pooling_param=options))


@operator("GlobalMaxPool GlobalAveragePool")
def _global_pooling(translation: Translation, node: OnnxNode) -> None:
    whole_map(translation, node, "MAX" if node.operator == "GlobalMaxPool" else "AVE")


@operator("Pad", "mode pads paddings value")
def _pad(translation: Translation, node: OnnxNode) -> None:
    blob, around = translation.padded_bottom(node)
    if len(translation.shape(blob)) != 4 or node.word("mode", "constant") != "constant":
        raise node.refusal("only zeros around a map are translated")
    if node.has_input(3):
        raise node.refusal("axes are given")
    stated = node.wholes("pads" if "pads" in node.attributes else "paddings", ())
    given = whole_numbers(node, translation.constants, 1) if node.has_input(1) else stated
    value = translation.scalar(node, 2) if node.has_input(2) else node.number("value", 0.0)
    if len(given) != 8 or value != 0 or min(given) < 0 or any(given[index] for index in (0, 1, 4, 5)):
        raise node.refusal("only zeros around a map's height and width are translated")
    translation.done(node, blob, _added(around, (given[2], given[3], given[6], given[7])))


def whole_map(translation: Translation, node: OnnxNode, method: str) -> None:
    """Translate the maximum or average of a whole map."""
    options = {"pool": method, "global_pooling": True}
    blob = translation.bottom(node)
    translation.done(node, translation.add(node, "Pooling", [blob], pooling_param=options))


def _weights(translation: Translation, node: OnnxNode) -> tuple[Array, Sides, list[Array]]:
    """Return a convolution's weight, its kernel, and weight and bias as blobs."""
    weight = translation.constant(node, 1)
    if weight.ndim != 4:
        raise node.refusal(
            f"weights of shape {weight.shape}; only convolutions over height and width are translated"
        )
    kernel = _pair(weight.shape[2:])
    if node.wholes("kernel_shape", kernel) != kernel:
        raise node.refusal(f"kernel_shape is not that of the weights, {list(kernel)}")
    return weight, kernel, [weight, *([translation.constant(node, 2)] if node.has_input(2) else [])]


def _steps(node: OnnxNode) -> tuple[Sides, Sides]:
    """Return stride and dilation."""
    stride = _pair(node.wholes("strides", (1, 1), count=2))
    dilation = _pair(node.wholes("dilations", (1, 1), count=2))
    if min(*stride, *dilation) < 1:
        raise node.refusal("strides and dilations have to be at least 1")
    return stride, dilation


def _pair(values: tuple[int, ...]) -> Sides:
    return (values[0], values[1])


def _options(
    outputs: int, kernel: Sides, stride: Sides, dilation: Sides, group: int, bias: bool
) -> dict[str, object]:
    return {
        "num_output": outputs,
        **({} if bias else {"bias_term": False}),
        **sides("kernel_size", kernel, "kernel", None, listed=True),
        **sides("stride", stride, "stride", 1, listed=True),
        **({} if group == 1 else {"group": group}),
        **({} if dilation == (1, 1) else {"dilation": list(dilation)}),
    }


def _added(one: Around, other: Around) -> Around:
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3])


def _is_same(around: Around, size: Sequence[int], kernel: Sides, stride: Sides, dilation: Sides) -> bool:
    """Tell whether padding that differs before and behind is what SameConvolution puts around this map."""
    if around[:2] == around[2:] or dilation != (1, 1):
        return False
    return all(
        length % s == 0 and before == max(k - s, 0) // 2 and before + behind == max(k - s, 0)
        for (before, behind), length, k, s in zip(per_axis(around), size, kernel, stride, strict=True)
    )


def _check_average(node: OnnxNode, around: Around) -> None:
    """Refuse averages over padding that Caffe counts in another way."""
    counted = bool(node.whole("count_include_pad", 0))
    if counted and around[:2] != around[2:]:
        raise node.refusal(
            f"averages count padding, and pads {list(around)} differ before and behind the map"
        )
    if not counted and any(around[:2]):
        raise node.refusal("averages leave padding out (count_include_pad is 0), which Caffe counts")


def _rounds_up(node: OnnxNode, size: Sequence[int], kernel: Sides, stride: Sides, around: Around) -> bool:
    """Tell whether Caffe has to round up to put its windows where the node does. Raises ModelFileError.

    Of ways that agree at the declared size, the one that agrees at every size comes first.
    """
    asked = bool(node.whole("ceil_mode", 0))
    along = list(zip(per_axis(around), size, kernel, stride, strict=True))
    windows = []
    for (before, behind), length, k, s in along:
        room = length + before + behind - k
        count = (-(-room // s) if asked else room // s) + 1
        if count < 1 or (count - 1) * s >= length + before:
            raise node.refusal("one of its windows lies in the padding alone")
        windows.append(count)
    filled = any(behind > before for (before, behind), *_ in along)
    auto = node.word("auto_pad", "NOTSET").startswith("SAME")
    for ceil in (True, False) if asked or filled or auto else (False, True):
        found = [
            output_length(length, k, s, before, ceil, any(around[:2])) for (before, _), length, k, s in along
        ]
        if found == windows:
            return ceil
    raise node.refusal(f"pads {list(around)} put its windows where Caffe has none")

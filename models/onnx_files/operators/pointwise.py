"""Functions of one value: the rectifiers, limits, and squashing functions."""

from __future__ import annotations

import math

from ..nodes import OnnxNode
from ..translation import Translation
from .table import operator

_BY_NAME = {
    "Abs": "AbsVal", "Mish": "Mish", "Relu": "ReLU", "Sigmoid": "Sigmoid", "Softplus": "BNLL", "Tanh": "TanH",
}  # fmt: skip


@operator("Abs Mish Relu Sigmoid Softplus Tanh")
def _by_name(translation: Translation, node: OnnxNode) -> None:
    blob = translation.bottom(node)
    translation.done(node, translation.add(node, _BY_NAME[node.operator], [blob]))


@operator("LeakyRelu", "alpha")
def _leaky_relu(translation: Translation, node: OnnxNode) -> None:
    slope = {"negative_slope": node.number("alpha", 0.01)}
    blob = translation.bottom(node)
    translation.done(node, translation.add(node, "ReLU", [blob], relu_param=slope))


@operator("Elu", "alpha")
def _elu(translation: Translation, node: OnnxNode) -> None:
    alpha = {"alpha": node.number("alpha", 1.0)}
    translation.done(node, translation.add(node, "ELU", [translation.bottom(node)], elu_param=alpha))


@operator("Swish", "alpha")
def _swish(translation: Translation, node: OnnxNode) -> None:
    beta = {"beta": node.number("alpha", 1.0)}
    translation.done(node, translation.add(node, "Swish", [translation.bottom(node)], swish_param=beta))


@operator("PRelu")
def _prelu(translation: Translation, node: OnnxNode) -> None:
    blob, slope = translation.bottom(node), translation.constant(node, 1)
    channels = translation.shape(blob)[1]
    if slope.size == 1:
        slope, options = slope.reshape(()), {"channel_shared": True}
    elif slope.shape in ((channels,), (channels, 1, 1), (1, channels, 1, 1)):
        slope, options = slope.reshape(channels), {}
    else:
        raise node.refusal(f"slopes of shape {slope.shape}; one for all or one per channel is translated")
    translation.done(node, translation.add(node, "PReLU", [blob], weights=[slope], prelu_param=options))


@operator("Clip", "min max")
def _clip(translation: Translation, node: OnnxNode) -> None:
    least, most = (
        translation.scalar(node, index)
        if node.has_input(index)
        else node.number(name, 0.0)
        if name in node.attributes
        else default
        for index, name, default in ((1, "min", -math.inf), (2, "max", math.inf))
    )
    blob = translation.bottom(node)
    if (least, most) == (0, 6):
        made = translation.add(node, "ReLU6", [blob])
    elif least == 0 and most > 1e30:
        made = translation.add(node, "ReLU", [blob])
    elif math.isfinite(least) and math.isfinite(most):
        made = translation.add(node, "Clip", [blob], clip_param={"min": least, "max": most})
    else:
        raise node.refusal(f"limits from {least} to {most}; both have to be given")
    translation.done(node, made)


@operator("HardSigmoid", "alpha beta")
def _hard_sigmoid(translation: Translation, node: OnnxNode) -> None:
    line = {"scale": node.number("alpha", 0.2), "shift": node.number("beta", 0.5)}
    translation.done(node, _limited_line(translation, node, line))


@operator("HardSwish")
def _hard_swish(translation: Translation, node: OnnxNode) -> None:
    gate = _limited_line(translation, node, {"scale": 1 / 6, "shift": 0.5})
    product = {"operation": "PROD"}
    made = translation.add(node, "Eltwise", [translation.bottom(node), gate], eltwise_param=product)
    translation.done(node, made)


def _limited_line(translation: Translation, node: OnnxNode, line: dict[str, float]) -> str:
    """Return the blob of scale * x + shift, limited to 0 .. 1."""
    straight = translation.add(node, "Power", [translation.bottom(node)], part="line", power_param=line)
    limits = {"min": 0.0, "max": 1.0}
    return translation.add(node, "Clip", [straight], part="gate", clip_param=limits)

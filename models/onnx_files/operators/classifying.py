"""Inner products, normalisation by statistics and by neighbours, and softmax."""

from __future__ import annotations

import math

import numpy as np

from ..nodes import OnnxNode
from ..translation import Translation
from .table import operator


@operator("Gemm MatMul", "alpha beta broadcast transA transB")
def _inner_product(translation: Translation, node: OnnxNode) -> None:
    blob, matrix = translation.bottom(node), translation.constant(node, 1)
    shape = translation.shape(blob)
    if len(shape) != 2 or matrix.ndim != 2 or node.whole("transA", 0):
        raise node.refusal(f"multiplies {shape} with {matrix.shape}; a vector times a matrix is translated")
    straight = node.operator == "Gemm" and node.whole("transB", 0)
    weight = (matrix if straight else matrix.T) * np.float32(node.number("alpha", 1.0))
    weights = [weight]
    if node.has_input(2):
        bias = translation.constant(node, 2) * np.float32(node.number("beta", 1.0))
        if bias.size not in (1, len(weight)):
            raise node.refusal(
                f"its bias of shape {bias.shape} is not one number for each of {len(weight)} outputs"
            )
        weights.append(np.broadcast_to(bias.reshape(-1), (len(weight),)))
    options = {"num_output": len(weight), **({} if len(weights) > 1 else {"bias_term": False})}
    made = translation.add(node, "InnerProduct", [blob], weights=weights, inner_product_param=options)
    translation.done(node, made)


@operator("BatchNormalization", "epsilon is_test momentum spatial training_mode")
def _batch_norm(translation: Translation, node: OnnxNode) -> None:
    if node.whole("training_mode", 0) or any(node.outputs[1:]):
        raise node.refusal("is in training mode; export the network for use (model.eval())")
    if not node.whole("spatial", 1):
        raise node.refusal("normalises every cell by itself (spatial is 0)")
    blob = translation.bottom(node)
    scale, bias, mean, variance = (translation.constant(node, index) for index in range(1, 5))
    channels = translation.shape(blob)[1]
    if not scale.shape == bias.shape == mean.shape == variance.shape == (channels,):
        raise node.refusal(f"its statistics are not one number for each of {channels} channels")
    options = {"eps": node.number("epsilon", 1e-5), "use_global_stats": True}
    normal = translation.add(
        node, "BatchNorm", [blob], part="norm",
        weights=[mean, variance, np.ones(1)], batch_norm_param=options,
    )  # fmt: skip
    shifted = {"bias_term": True}
    made = translation.add(node, "Scale", [normal], weights=[scale, bias], scale_param=shifted)
    translation.done(node, made)


@operator("LRN", "alpha beta bias size")
def _lrn(translation: Translation, node: OnnxNode) -> None:
    size = node.whole("size", 0)
    if size < 1 or size % 2 == 0:
        raise node.refusal(f"its window is {size} channels wide; an odd number is translated")
    options = {
        "local_size": size,
        "alpha": node.number("alpha", 0.0001),
        "beta": node.number("beta", 0.75),
        "k": node.number("bias", 1.0),
    }
    translation.done(node, translation.add(node, "LRN", [translation.bottom(node)], lrn_param=options))


@operator("Softmax LogSoftmax", "axis")
def _softmax(translation: Translation, node: OnnxNode) -> None:
    blob = translation.bottom(node)
    shape = translation.shape(blob)
    axis = node.whole("axis", 1 if translation.opset < 13 else -1) % len(shape)
    if axis != 1 or (translation.opset < 13 and math.prod(shape[2:]) != 1):
        raise node.refusal(f"works along axis {axis} of {shape}; scores are along axis 1")
    made = translation.add(node, "Softmax", [blob])
    if node.operator == "LogSoftmax":
        made = translation.add(node, "Log", [made], part="log")
    translation.done(node, made)

"""A Caffe network as the ONNX file that came of it by way of Caffe2, as the ONNX Model Zoo has them.

Names, operators and attributes are those of its googlenet-9: blobs and values are called after Caffe's
layers, an in-place layer makes the next version of its blob (`conv1_2` of `conv1_1`), and Caffe's pooling,
which rounds up, has its stride - 1 as padding behind.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from lucidreel.models.caffe_files.caffemodel import read_caffemodel
from lucidreel.models.caffe_files.prototxt import read_prototxt


def caffe2_model(folder: Path, opset: int = 9) -> Any:
    """Return the ONNX model of a folder with a deploy.prototxt and weights.caffemodel."""
    net = read_prototxt(folder / "deploy.prototxt")
    blobs = read_caffemodel(folder / "weights.caffemodel")
    nodes, tensors, last, versions = [], [], "data_0", {"data": 0}
    shape = list(net.layer[0].input_param.shape[0].dim)
    for layer in net.layer[1:]:
        inputs = [f"{blob}_{versions[blob]}" for blob in layer.bottom]
        for role, blob in zip("wb", blobs.get(layer.name, ()), strict=False):
            tensors.append(numpy_helper.from_array(blob, f"{layer.name}_{role}_0"))
            inputs.append(f"{layer.name}_{role}_0")
        (top,) = layer.top
        versions[top] = versions.get(top, 0) + 1
        last = f"{top}_{versions[top]}"
        if layer.type == "InnerProduct":
            tensors.append(numpy_helper.from_array(np.array([1, -1], np.int64), "OC2_DUMMY_1"))
            nodes.append(helper.make_node("Reshape", [inputs[0], "OC2_DUMMY_1"], ["OC2_DUMMY_0"]))
            inputs[0] = "OC2_DUMMY_0"
        op, attributes = _operator(layer)
        outputs = [last, f"_{last}_mask"] if op == "Dropout" else [last]
        nodes.append(helper.make_node(op, inputs, outputs, **attributes))
    image = helper.make_tensor_value_info("data_0", TensorProto.FLOAT, shape)
    values = [helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in tensors]
    result = helper.make_tensor_value_info(last, TensorProto.FLOAT, ["n", "classes"])
    graph = helper.make_graph(nodes, net.name, [image, *values], [result], tensors)
    model = helper.make_model(
        graph, producer_name="onnx-caffe2", opset_imports=[helper.make_opsetid("", opset)], ir_version=3
    )
    onnx.checker.check_model(model)
    return model


def _operator(layer: Any) -> tuple[str, dict[str, Any]]:
    """Return ONNX's operator for a Caffe layer, and its attributes."""
    if layer.type == "Convolution":
        options = layer.convolution_param
        pad, stride = (list(options.pad) or [0]) * 4, (list(options.stride) or [1]) * 2
        kernel = list(options.kernel_size) * 2
        return "Conv", {"pads": pad[:4], "strides": stride[:2], "kernel_shape": kernel[:2]}
    if layer.type == "Pooling":
        options, kind = layer.pooling_param, ("Max", "Average")[layer.pooling_param.pool]
        if options.global_pooling:
            return f"Global{kind}Pool", {}
        behind = options.pad + options.stride - 1
        pads = [options.pad, options.pad, behind, behind]
        return f"{kind}Pool", {
            "kernel_shape": [options.kernel_size] * 2,
            "strides": [options.stride] * 2,
            "pads": pads,
        }
    if layer.type == "LRN":
        options = layer.lrn_param
        return "LRN", {
            "size": options.local_size,
            "alpha": options.alpha,
            "beta": options.beta,
            "bias": options.k,
        }
    if layer.type == "InnerProduct":
        return "Gemm", {"transB": 1}
    return {
        "ReLU": ("Relu", {}),
        "Concat": ("Concat", {"axis": 1}),
        "Dropout": ("Dropout", {"ratio": layer.dropout_param.dropout_ratio}),
        "Softmax": ("Softmax", {"axis": 1}),
    }[layer.type]

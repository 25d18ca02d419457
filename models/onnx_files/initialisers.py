"""The weights of an ONNX file under the names of Caffe's layers, for a Caffe definition beside it.

The networks of Caffe's time live on as ONNX files that came by way of Caffe2 (the ONNX Model Zoo's
googlenet-3 to -9, for instance). Caffe2 kept Caffe's names, and called a layer's blobs and values after it:

    conv1/7x7_s2_w_0  conv1/7x7_s2_b_0        a convolution or inner product, or a Scale layer
    bn_conv1_mean_0   bn_conv1_var_0          a BatchNorm; its _scale_0 are ones, its _bias_0 zeros
    prelu1_Slope_0                            a PReLU

The last number counts the versions of a value and is 0 for weights. Other tools write weight and bias in
full. Shapes are Caffe's own; a matrix that the file multiplies from the other side is turned over.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelFileError, cut
from .model_file import OnnxModel, read_onnx
from .tensors import tensor_values

Blobs = dict[str, list[NDArray[np.float32]]]

_NAME = re.compile(r"(?:gpu_0/)?(.+)[._](w|weight|slope|b|bias|scale|mean|var)(?:_0)?", re.IGNORECASE)
_ROLES = {"w": "weight", "slope": "weight", "b": "bias"}
_FLOATS = (1, 10, 11)


def read_initialisers(path: Path) -> Blobs:
    """Read an ONNX file's weights as the blobs of Caffe's layers, by layer name.

    Raises ModelFileError for a file that cannot be read, whose weights have no such names, or of which two
    claim the same place.
    """
    model = read_onnx(path)
    turned = _turned_over(model)
    found: dict[str, dict[str, Any]] = {}
    for tensor in model.graph.initializer:
        named = _NAME.fullmatch(tensor.name)
        if named is None or tensor.data_type not in _FLOATS:
            continue
        role = named[2].lower()
        roles = found.setdefault(named[1], {})
        if (before := roles.setdefault(_ROLES.get(role, role), tensor)) is not tensor:
            raise ModelFileError(
                f"{path}: {cut(before.name)!r} and {cut(tensor.name)!r} could both be the {role} of layer "
                f"{cut(named[1])!r}."
            )
    if not found:
        some = cut(", ".join(repr(tensor.name) for tensor in model.graph.initializer[:4]) or "none", 200)
        raise ModelFileError(
            f"{path}: none of its weights ({some}) is named after a layer, as in 'conv1_w_0'. "
            f"`lucidreel models add {path.name}` reads such a file with the layers that it has itself."
        )
    return {name: _blobs(name, roles, turned, path) for name, roles in found.items()}


def _blobs(name: str, roles: dict[str, Any], turned: set[str], path: Path) -> list[NDArray[np.float32]]:
    """Return a layer's blobs in Caffe's order."""
    values = {}
    for role, tensor in roles.items():
        array = tensor_values(tensor, str(path))
        values[role] = (array.T if tensor.name in turned else array).astype(np.float32, copy=False)
    if "mean" not in values or "var" not in values:
        return [values[role] for role in ("weight", "bias") if role in values]
    scale, bias = values.get("scale", values.get("weight", np.ones(1))), values.get("bias", np.zeros(1))
    if not (np.all(scale == 1) and np.all(bias == 0)):
        raise ModelFileError(
            f"{path}: the normalisation {cut(name)!r} scales and shifts, which Caffe's BatchNorm does not. "
            f"`lucidreel models add {path.name}` reads the file with the layers that it has itself."
        )
    return [values["mean"], values["var"], np.ones(1, np.float32)]


def _turned_over(model: OnnxModel) -> set[str]:
    """Return the names of matrices that are (inputs, outputs), where Caffe has (outputs, inputs)."""
    turned = set()
    for node in model.graph.node:
        straight = node.op_type == "Gemm" and any(a.name == "transB" and a.i for a in node.attribute)
        if node.op_type in ("Gemm", "MatMul") and len(node.input) > 1 and not straight:
            turned.add(node.input[1])
    return turned

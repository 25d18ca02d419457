"""Small ONNX files made in a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

Arrays = Mapping[str, NDArray[Any]]


def make_model(
    nodes: Sequence[NodeProto],
    tensors: Arrays,
    shape: Sequence[int | str] = (1, 3, 12, 12),
    outputs: Sequence[str] = ("y",),
    opset: int = 20,
    **told: Any,
) -> Any:
    """Return a model with the picture `x` as its input; `told` is said in it, such as a producer_name."""
    image = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    initialisers = [numpy_helper.from_array(values, name) for name, values in tensors.items()]
    graph = helper.make_graph(list(nodes), "tiny", [image], results, initialisers)
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", opset)], **told)


def write(path: Path, model: Any) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def random_arrays(**shapes: tuple[int, ...]) -> dict[str, NDArray[np.float32]]:
    """Return normally distributed numbers by name."""
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}

"""ONNX files that fuzzing found: each ends in a ModelFileError."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from lucidreel.errors import ModelFileError
from lucidreel.models.onnx_files.convert import convert_onnx
from lucidreel.models.onnx_files.initialisers import read_initialisers


def a_file(operator: str = "Relu", dims: tuple[int, ...] = (2,), name: str = "conv1_w_0") -> bytes:
    """Return an ONNX file of one node and one tensor without numbers."""
    node = helper.make_node(operator, ["data"], ["out"])
    ends = [helper.make_tensor_value_info(each, TensorProto.FLOAT, (1, 3, 8, 8)) for each in ("data", "out")]
    tensor = helper.make_tensor(name, TensorProto.FLOAT, (0,), np.zeros(0, np.float32))
    tensor.dims[:] = dims
    graph = helper.make_graph([node], "g", ends[:1], ends[1:], [tensor])
    return bytes(helper.make_model(graph).SerializeToString())


@pytest.mark.parametrize("word", ["ReluReluRelu", "conv1_w_0"])
def test_names_that_are_no_text_are_refused(word: str, tmp_path: Path) -> None:
    content = a_file("ReluReluRelu", (0,)).replace(word.encode(), b"\xff" * len(word))
    (tmp_path / "a.onnx").write_bytes(content)
    with pytest.raises(ModelFileError, match="is no UTF-8 text"):
        convert_onnx(tmp_path / "a.onnx", tmp_path / "net")


def test_a_side_of_0_beside_enormous_ones_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(a_file(dims=(2**62, 2**62, 0)))
    with pytest.raises(ModelFileError, match="is no shape of at most 32 sides"):
        read_initialisers(tmp_path / "a.onnx")

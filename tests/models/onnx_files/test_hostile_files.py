"""ONNX files that make no sense, by accident or not: an error that says what, and soon."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from lucidreel.errors import ModelFileError
from lucidreel.models.onnx_files import limits
from lucidreel.models.onnx_files.convert import convert_onnx
from lucidreel.models.weights_file import read_weights
from lucidreel.tests.models.onnx_files.small_files import make_model, random_arrays, write

WEIGHTS = random_arrays(conv_w_0=(4, 3, 1, 1))
CONV = helper.make_node("Conv", ["x", "conv_w_0"], ["y"])


def field(number: int, content: bytes) -> bytes:
    """Bytes, or a message in a message, as protobuf writes them."""
    length, coded = len(content), b""
    while True:
        length, low = length >> 7, length & 127
        coded += bytes([low | (128 if length else 0)])
        if not length:
            return bytes([number << 3 | 2]) + coded + content


def nested(message: bytes, *numbers: int, depth: int) -> bytes:
    """A message in itself, so many times, by the fields that lead back to it."""
    return reduce(
        lambda inside, _: reduce(lambda body, number: field(number, body), numbers, inside),
        range(depth),
        message,
    )


GRAPH, NODE, TENSOR, INPUT = 7, 1, 5, 11
BOMBS = {
    "nodes": field(GRAPH, field(NODE, b"") * 500_000),
    "tensors": field(GRAPH, field(TENSOR, b"") * 500_000),
    "names": field(GRAPH, field(NODE, field(1, b"") * 500_000)),
    "types": field(GRAPH, field(INPUT, field(2, nested(b"", 1, 4, depth=40)))),
    "dims": field(GRAPH, field(TENSOR, field(1, b"\x01" * 17_000_000))),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_more_than_any_network_has_is_refused_before_objects_are_made(tmp_path: Path, bomb: str) -> None:
    (tmp_path / "a.onnx").write_bytes(BOMBS[bomb])
    with pytest.raises(ModelFileError, match=r"a\.onnx: not a complete ONNX file .*more than"):
        read_weights(tmp_path / "a.onnx")


def test_every_refused_field_is_one_that_onnx_has() -> None:
    for name in limits.REFUSED:
        message, _, own = name.partition(".")
        assert own in getattr(onnx, message).DESCRIPTOR.fields_by_name


def _external(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../../etc/passwd"


def _branch(model: onnx.ModelProto) -> None:
    inner = helper.make_graph([helper.make_node("Relu", ["y"], ["z"])], "inner", [], [])
    model.graph.node.append(helper.make_node("If", ["y"], ["z"], then_branch=inner, else_branch=inner))


def _function(model: onnx.ModelProto) -> None:
    model.functions.add(name="f")


def _sparse(model: onnx.ModelProto) -> None:
    model.graph.sparse_initializer.add()


def _words(model: onnx.ModelProto) -> None:
    model.graph.initializer.add(name="words", data_type=TensorProto.STRING, dims=[1], string_data=[b"word"])


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_external, "weights in other files"),
        (_branch, "a graph within a node"),
        (_function, "functions"),
        (_sparse, "sparse tensors"),
        (_words, "words as tensors"),
    ],
)
@pytest.mark.parametrize("translated", [True, False])
def test_what_no_plain_network_needs_is_refused_in_words(
    tmp_path: Path, change: Callable[[onnx.ModelProto], None], what: str, translated: bool
) -> None:
    model = make_model([CONV], WEIGHTS)
    change(model)
    file = write(tmp_path / "a.onnx", model)
    with pytest.raises(ModelFileError, match=f"a.onnx: holds {what}.*which lucidreel does not read"):
        convert_onnx(file, tmp_path / "net") if translated else read_weights(file)
    assert not (tmp_path / "net").exists()


@pytest.mark.parametrize(
    ("dims", "message"),
    [
        ([4, 3, 2, 2], r"12 numbers for the shape \(4, 3, 2, 2\)"),
        ([2**40, 2**40], "is no shape of at most 32 sides and 2,147,483,647 numbers"),
        ([-4, -3, 1, 1], "is no shape"),
        ([1] * 40, "is no shape of at most 32 sides"),
    ],
)
def test_sizes_that_lie_are_refused(tmp_path: Path, dims: list[int], message: str) -> None:
    model = make_model([CONV], WEIGHTS)
    model.graph.initializer[0].dims[:] = dims
    file = write(tmp_path / "a.onnx", model)
    for read in (read_weights, lambda path: convert_onnx(path, tmp_path / "net")):
        with pytest.raises(ModelFileError, match=f"tensor 'conv_w_0'.*{message}"):
            read(file)


def test_quantised_weights_are_refused_in_words(tmp_path: Path) -> None:
    model = make_model([CONV], {"conv_w_0": np.ones((4, 3, 1, 1), np.int8)})
    with pytest.raises(ModelFileError, match="holds int8; floats of 16, 32 and 64 bits are read"):
        convert_onnx(write(tmp_path / "a.onnx", model), tmp_path / "net")


def test_weights_that_many_nodes_read_do_not_multiply_on_the_disk(tmp_path: Path) -> None:
    square = {"w": np.ones((800, 800), np.float32), "stem": np.ones((800, 3, 1, 1), np.float32)}
    nodes = [
        helper.make_node("Conv", ["x", "stem"], ["m"]),
        helper.make_node("Flatten", ["m"], ["v0"]),
        *(helper.make_node("Gemm", [f"v{index}", "w"], [f"v{index + 1}"]) for index in range(50)),
    ]
    model = make_model(nodes, square, shape=(1, 3, 1, 1), outputs=["v50"])
    with pytest.raises(
        ModelFileError, match=r"node 'v\d+' \(Gemm\): its weights are read by other nodes again"
    ):
        convert_onnx(write(tmp_path / "a.onnx", model), tmp_path / "net")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no network"),
        (b"\x00" * 100, "not a complete ONNX file"),
        (b"<html>not found</html>", r"a\.onnx: not an ONNX file: it is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "it is a note of Git LFS"),
        (field(GRAPH, field(NODE, field(1, b"\xff\xfe"))), "a name at byte .* is no UTF-8 text"),
        (field(GRAPH, field(NODE, b""))[:-1], "not a complete ONNX file"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.onnx").write_bytes(content)
    with pytest.raises(ModelFileError, match=message):
        read_weights(tmp_path / "a.onnx")


def test_a_file_cut_anywhere_is_an_error(tmp_path: Path) -> None:
    content = make_model([CONV], WEIGHTS).SerializeToString()
    for end in range(len(content)):
        (tmp_path / "a.onnx").write_bytes(content[:end])
        with pytest.raises(ModelFileError):
            convert_onnx(tmp_path / "a.onnx", tmp_path / "net")
        assert not (tmp_path / "net").exists()


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 224, 224, 3), r"has the shape \(1, 224, 224, 3\).*Its channels come last"),
        ((1, 10), r"has the shape \(1, 10\)"),
        ((1, 3, 100_000, 100_000), "is 100000 x 100000 cells large"),
    ],
)
def test_inputs_that_are_no_pictures_are_refused(
    tmp_path: Path, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ModelFileError, match=message):
        convert_onnx(write(tmp_path / "a.onnx", make_model([CONV], WEIGHTS, shape=shape)), tmp_path / "net")


def test_two_inputs_and_newer_operators_are_refused(tmp_path: Path) -> None:
    model = make_model([CONV], WEIGHTS)
    model.graph.input.append(helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1]))
    with pytest.raises(ModelFileError, match=r"has 2 inputs \('x', 'mask'\)"):
        convert_onnx(write(tmp_path / "a.onnx", model), tmp_path / "net")
    with pytest.raises(ModelFileError, match="version 99 of ONNX's operators; 1 to 28 are known"):
        convert_onnx(write(tmp_path / "a.onnx", make_model([CONV], WEIGHTS, opset=99)), tmp_path / "net")

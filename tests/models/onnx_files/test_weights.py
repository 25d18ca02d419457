"""The weights of an ONNX file in a Caffe definition: real Caffe's numbers, or a refusal that says why."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from lucidreel.errors import ModelFileError
from lucidreel.models.folder_source import FolderSource
from lucidreel.models.load import load_folder
from lucidreel.models.outline import outline_folder
from lucidreel.models.weights_file import read_weights
from lucidreel.tests.models.onnx_files.caffe2_layout import caffe2_model
from lucidreel.tests.models.tops import tops_of

DEFINITION = """input: "data" input_dim: [1, 3, 8, 8]
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "fc" type: "InnerProduct" bottom: "conv" top: "fc" inner_product_param { num_output: 144 } }"""


def write_tensors(path: Path, *nodes: onnx.NodeProto, **tensors: np.ndarray) -> Path:
    initialisers = [numpy_helper.from_array(values, name) for name, values in tensors.items()]
    graph = helper.make_graph(list(nodes), "tiny", [], [], initialisers)
    path.write_bytes(helper.make_model(graph).SerializeToString())
    return path


@pytest.fixture
def tensors() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    shapes = {"conv_w_0": (4, 3, 3, 3), "conv_b_0": (4,), "fc_w_0": (144, 144), "fc_b_0": (144,)}
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deploy.prototxt").write_text(DEFINITION)
    return tmp_path


def test_googlenet_with_weights_from_onnx_computes_what_caffe_recorded(shared: Path, tmp_path: Path) -> None:
    case = shared / "conformance" / "thin_googlenet"
    (tmp_path / "deploy.prototxt").write_bytes((case / "deploy.prototxt").read_bytes())
    (tmp_path / "weights.onnx").write_bytes(caffe2_model(case).SerializeToString())
    tolerance = json.loads((case / "case.json").read_text())["tolerance"]
    with np.load(case / "expected.npz") as file:
        expected = dict(file)
    network = load_folder(tmp_path)
    with torch.no_grad():
        tops = tops_of(network, torch.from_numpy(expected["input"]))
    last = {name: value for layer in tops.values() for name, value in layer.items()}
    blobs = [key.removeprefix("blob:") for key in expected if key.startswith("blob:")]
    compared = [name for name in blobs if name != "data"]
    assert len(compared) > 80
    for name in compared:
        np.testing.assert_allclose(last[name].numpy(), expected[f"blob:{name}"], **tolerance, err_msg=name)


def test_the_file_is_a_part_of_the_network_and_can_be_named(
    folder: Path, tensors: dict[str, np.ndarray]
) -> None:
    write_tensors(folder / "a.onnx", **tensors)
    assert FolderSource("tiny", folder).files().keys() == {"deploy.prototxt", "a.onnx"}
    write_tensors(folder / "b.onnx", **tensors | {"conv_b_0": np.full(4, 7, np.float32)})
    with pytest.raises(ModelFileError, match=r'several \.onnx files: a.onnx, b.onnx.*weights = "a.onnx"'):
        outline_folder(folder, "tiny")
    (folder / "model.toml").write_text('weights = "b.onnx"')
    network = load_folder(folder)
    assert network.weights[0][1].tolist() == [7, 7, 7, 7]


def test_halves_doubles_and_lists_of_floats_are_read(tmp_path: Path) -> None:
    values = np.array([[0.5, -2], [3, 0.25]], np.float32)
    stored = [
        helper.make_tensor("a_w_0", TensorProto.FLOAT16, (2, 2), values.ravel()),
        helper.make_tensor("b_w_0", TensorProto.FLOAT16, (2, 2), values.astype("<f2").tobytes(), raw=True),
        helper.make_tensor("c_w_0", TensorProto.DOUBLE, (2, 2), values.ravel()),
        helper.make_tensor("d_w_0", TensorProto.FLOAT, (2, 2), values.ravel()),
    ]
    graph = helper.make_graph([], "tiny", [], [], stored)
    (tmp_path / "a.onnx").write_bytes(helper.make_model(graph).SerializeToString())
    read = read_weights(tmp_path / "a.onnx")
    assert list(read) == ["a", "b", "c", "d"]
    for blobs in read.values():
        assert blobs[0].dtype == np.float32
        np.testing.assert_array_equal(blobs[0], values)


def test_a_matrix_multiplied_from_the_other_side_is_turned_over(
    folder: Path, tensors: dict[str, np.ndarray]
) -> None:
    straight = helper.make_node("Gemm", ["x", "fc_w_0", "fc_b_0"], ["y"], transB=1)
    turned = helper.make_node("Gemm", ["x", "fc_w_0", "fc_b_0"], ["y"])
    for node, expected in ((straight, tensors["fc_w_0"]), (turned, tensors["fc_w_0"].T)):
        read = read_weights(write_tensors(folder / "a.onnx", node, **tensors))
        np.testing.assert_array_equal(read["fc"][0], expected)


def test_statistics_become_a_batch_norm_unless_it_scales(tmp_path: Path) -> None:
    parts = {"bn_mean_0": np.array([1.0, 2]), "bn_var_0": np.array([3.0, 4])}
    plain = {"bn_scale_0": np.ones(2), "bn_bias_0": np.zeros(2)}
    read = read_weights(write_tensors(tmp_path / "a.onnx", **parts, **plain))
    assert [blob.tolist() for blob in read["bn"]] == [[1, 2], [3, 4], [1]]
    with pytest.raises(ModelFileError, match="'bn' scales and shifts"):
        read_weights(write_tensors(tmp_path / "a.onnx", **parts, bn_scale_0=np.array([2.0, 1])))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"conv_w_0": np.zeros((4, 3, 5, 5), np.float32)}, r"'conv' .*of shape \(4, 3, 5, 5\), \(4,\), but"),
        ({"conv_w_0": None, "conv_b_0": None}, "'conv' .*has no weights in this file"),
        ({"conv_b_0": None}, "'conv' .*but the definition asks for"),
        ({"conv_bias_0": np.zeros(4, np.float32)}, "'conv_b_0' and 'conv_bias_0' could both be the bias"),
        ({"conv_w_0": np.full((4, 3, 3, 3), np.nan, np.float32)}, "no finite numbers"),
    ],
)  # fmt: skip
def test_weights_that_do_not_fit_are_refused(
    folder: Path, tensors: dict[str, np.ndarray], change: dict[str, np.ndarray | None], message: str
) -> None:
    kept = {name: values for name, values in (tensors | change).items() if values is not None}
    write_tensors(folder / "a.onnx", **kept)
    with pytest.raises(ModelFileError, match=message) as caught:
        load_folder(folder)
    assert "a.onnx" in str(caught.value)


def test_a_file_without_such_names_is_sent_to_models_add(folder: Path) -> None:
    write_tensors(folder / "a.onnx", **{"onnx::Conv_19": np.zeros((4, 3, 3, 3), np.float32)})
    with pytest.raises(ModelFileError, match=r"\('onnx::Conv_19'\) is named after a layer.*add a\.onnx`"):
        load_folder(folder)

"""Each operator, and what its attributes may say: what ONNX's own reference computes, or a refusal."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx import helper
from onnx.reference import ReferenceEvaluator

from lucidreel.errors import ModelFileError
from lucidreel.models.load import load_folder
from lucidreel.models.onnx_files.convert import convert_onnx
from lucidreel.models.onnx_files.pictures import OnnxPictures
from lucidreel.tests.models.onnx_files.small_files import make_model, random_arrays, write

AS_THEY_ARE = OnnxPictures("RGB", (0.0,), (1 / 255,))
C4 = {"w": (4, 3, 3, 3), "b": (4,)}
node = helper.make_node
STEM = node("Conv", ["x", "stem.weight"], ["m"])
"""Makes a map `m` of three channels."""
MIXED = {"stem.weight": np.random.default_rng(3).normal(size=(3, 3, 1, 1)).astype(np.float32)}


def check(
    tmp_path: Path, nodes: list[onnx.NodeProto], tensors: dict[str, NDArray[Any]], **options: Any
) -> list[str]:
    """Compare the translated network with ONNX's reference on one picture; return the types of its layers."""
    model = make_model(nodes, tensors, **options)
    file = write(tmp_path / "net.onnx", model)
    shutil.rmtree(tmp_path / "net", ignore_errors=True)
    converted = convert_onnx(file, tmp_path / "net", AS_THEY_ARE)
    network = load_folder(converted.folder)
    x = np.random.default_rng(1).normal(size=(1, 3, *network.input_size)).astype(np.float32)
    (expected,) = map(np.asarray, ReferenceEvaluator(model).run(None, {"x": x}))
    layer = network.layers[-1].name
    with torch.no_grad():
        got = network.activations(torch.from_numpy(x), [layer])[layer].numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
    return [layer.type for layer in network.layers]


def refused(
    tmp_path: Path, nodes: list[onnx.NodeProto], tensors: dict[str, NDArray[Any]], **options: Any
) -> str:
    """Return what is said of a network that is not translated."""
    tmp_path.mkdir(exist_ok=True)
    file = write(tmp_path / "net.onnx", make_model(nodes, tensors, **options))
    with pytest.raises(ModelFileError) as caught:
        convert_onnx(file, tmp_path / "net", AS_THEY_ARE)
    assert not (tmp_path / "net").exists()
    assert str(caught.value).startswith(f"{file}: ")
    return str(caught.value)


@pytest.mark.parametrize(
    ("attributes", "weights", "side"),
    [
        ({}, C4, 12),
        ({"pads": [1, 1, 1, 1], "strides": [2, 2]}, C4, 13),
        ({"pads": [2, 0, 2, 0], "strides": [1, 3]}, C4, 12),
        ({"pads": [2, 2, 2, 2], "dilations": [2, 2]}, C4, 11),
        ({"dilations": [1, 3]}, C4, 11),
        ({"group": 3}, {"w": (6, 1, 3, 3), "b": (6,)}, 9),
        ({"kernel_shape": [1, 5]}, {"w": (4, 3, 1, 5)}, 9),
        ({"auto_pad": "VALID"}, C4, 9),
        ({"auto_pad": "SAME_UPPER"}, C4, 9),
        ({"auto_pad": "SAME_LOWER"}, C4, 9),
        ({"auto_pad": "SAME_UPPER", "strides": [2, 2]}, C4, 12),
        ({"pads": [0, 0, 1, 1], "strides": [2, 2]}, C4, 12),
        ({"pads": [1, 1, 2, 2], "strides": [2, 2]}, {"w": (4, 3, 5, 5), "b": (4,)}, 12),
    ],
    ids=str,
)  # fmt: skip
def test_convolutions_are_those_of_the_reference(
    tmp_path: Path, attributes: dict[str, Any], weights: dict[str, tuple[int, ...]], side: int
) -> None:
    conv = node("Conv", ["x", *weights], ["y"], **attributes)
    check(tmp_path, [conv], random_arrays(**weights), shape=(1, 3, side, side))


@pytest.mark.parametrize(
    ("attributes", "side", "why"),
    [
        ({"pads": [0, 0, 1, 1]}, 12, "pads [0, 0, 1, 1] (above, left, below, right) differ before and"),
        ({"pads": [0, 0, 1, 1], "strides": [2, 2]}, 13, "differ before and behind the map"),
        ({"pads": [-1, -1, 0, 0]}, 12, "pads cut the map"),
        ({"pads": [1, 1]}, 12, "pads has 2 numbers; 4 are expected"),
        ({"auto_pad": "ODD"}, 12, "auto_pad is 'ODD'"),
        ({"kernel_shape": [5, 5]}, 12, "kernel_shape is not that of the weights"),
        ({"group": 2}, 12, "in 2 groups do not fit"),
        ({"strides": [0, 1]}, 12, "strides and dilations have to be at least 1"),
        ({"activation": "Relu"}, 12, "its attribute 'activation' is not known"),
    ],
    ids=str,
)  # fmt: skip
def test_convolutions_that_caffe_has_not_are_refused_by_name(
    tmp_path: Path, attributes: dict[str, Any], side: int, why: str
) -> None:
    conv = node("Conv", ["x", "w", "b"], ["y"], name="stem", **attributes)
    message = refused(tmp_path, [conv], random_arrays(**C4), shape=(1, 3, side, side))
    assert "node 'stem' (Conv): " in message
    assert why in message


@pytest.mark.parametrize("side", [11, 12, 13])
@pytest.mark.parametrize(
    ("operator", "attributes"),
    [
        ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2]}),
        ("MaxPool", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}),
        ("MaxPool", {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
        ("MaxPool", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [0, 0, 1, 1]}),
        ("MaxPool", {"kernel_shape": [3, 2], "strides": [1, 2]}),
        ("MaxPool", {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_UPPER"}),
        ("AveragePool", {"kernel_shape": [3, 3], "strides": [2, 2]}),
        ("AveragePool", {"kernel_shape": [3, 3], "strides": [1, 1], "pads": [1] * 4, "count_include_pad": 1}),
        ("AveragePool", {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}),
        ("GlobalAveragePool", {}),
        ("GlobalMaxPool", {}),
    ],
    ids=str,
)  # fmt: skip
def test_pooling_is_that_of_the_reference(
    tmp_path: Path, operator: str, attributes: dict[str, Any], side: int
) -> None:
    pooling = node(operator, ["m"], ["y"], **attributes)
    check(tmp_path, [STEM, pooling], MIXED, shape=(1, 3, side, side))


@pytest.mark.parametrize(
    ("operator", "attributes", "why"),
    [
        ("MaxPool", {"kernel_shape": [3, 3], "dilations": [2, 2]}, "dilations are [2, 2]; Caffe's"),
        ("MaxPool", {}, "kernel_shape is missing"),
        ("MaxPool", {"kernel_shape": [2, 2], "pads": [0, 0, 2, 2]}, "one of its windows lies in the padding"),
        ("MaxPool", {"kernel_shape": [3, 3], "pads": [0, 0, 1, 0], "strides": [1, 1]}, "where Caffe has no"),
        ("AveragePool", {"kernel_shape": [3, 3], "pads": [1] * 4}, "leave padding out (count_include_pad is"),
        (
            "AveragePool",
            {"kernel_shape": [3, 3], "pads": [0, 0, 1, 1], "count_include_pad": 1},
            "averages count padding, and pads [0, 0, 1, 1] differ",
        ),
    ],
)  # fmt: skip
def test_pooling_that_caffe_has_not_is_refused(
    tmp_path: Path, operator: str, attributes: dict[str, Any], why: str
) -> None:
    assert why in refused(tmp_path, [STEM, node(operator, ["m"], ["y"], **attributes)], MIXED)


@pytest.mark.parametrize(
    ("operator", "attributes", "opset"),
    [
        ("Relu", {}, 20),
        ("Sigmoid", {}, 20),
        ("Tanh", {}, 20),
        ("Softplus", {}, 20),
        ("Abs", {}, 20),
        ("Mish", {}, 20),
        ("LeakyRelu", {}, 20),
        ("LeakyRelu", {"alpha": 0.3}, 20),
        ("Elu", {"alpha": 0.7}, 20),
        ("HardSigmoid", {}, 20),
        ("HardSwish", {}, 20),
        ("Clip", {"min": 0.0, "max": 6.0}, 6),
        ("Clip", {"min": -0.5, "max": 0.25}, 6),
        ("Clip", {"min": 0.0}, 6),
        ("Dropout", {"ratio": 0.3}, 7),
        ("Identity", {}, 20),
        ("Flatten", {}, 20),
        ("Flatten", {"axis": -3}, 20),
        ("ReduceMean", {"axes": [2, 3]}, 13),
        ("ReduceMean", {"axes": [-1, -2], "keepdims": 0}, 13),
        ("Softmax", {"axis": 1}, 13),
    ],
    ids=str,
)  # fmt: skip
def test_functions_of_a_map_are_those_of_the_reference(
    tmp_path: Path, operator: str, attributes: dict[str, Any], opset: int
) -> None:
    check(tmp_path, [STEM, node(operator, ["m"], ["y"], **attributes)], MIXED, opset=opset)


ONE = np.array(1.5, np.float32)
EACH = np.array([0.5, -2.0, 3.0], np.float32)


@pytest.mark.parametrize(
    ("operator", "inputs", "number"),
    [
        ("Add", ["m", "n"], ONE),
        ("Sub", ["m", "n"], ONE),
        ("Mul", ["n", "m"], ONE),
        ("Div", ["m", "n"], ONE),
        ("Add", ["n", "m"], EACH.reshape(3, 1, 1)),
        ("Sub", ["m", "n"], EACH.reshape(1, 3, 1, 1)),
        ("Mul", ["m", "n"], EACH.reshape(3, 1, 1)),
        ("Div", ["m", "n"], EACH.reshape(3, 1, 1)),
        ("PRelu", ["m", "n"], EACH.reshape(3, 1, 1)),
        ("PRelu", ["m", "n"], np.array([0.2], np.float32)),
        ("Add", ["m", "x"], ONE),
        ("Sub", ["m", "x"], ONE),
        ("Mul", ["m", "x"], ONE),
        ("Max", ["m", "x", "m"], ONE),
        ("Sum", ["m", "x", "x"], ONE),
        ("Concat", ["m", "x", "m"], ONE),
    ],
)  # fmt: skip
def test_arithmetic_is_that_of_the_reference(
    tmp_path: Path, operator: str, inputs: list[str], number: NDArray[np.float32]
) -> None:
    attributes: dict[str, Any] = {"axis": 1} if operator == "Concat" else {}
    check(tmp_path, [STEM, node(operator, inputs, ["y"], **attributes)], MIXED | {"n": number})


def test_the_first_versions_lay_numbers_along_an_axis_that_they_name(tmp_path: Path) -> None:
    old = node("Mul", ["m", "n"], ["y"], axis=1, broadcast=1)
    new = node("Mul", ["m", "n"], ["y"])
    file = write(tmp_path / "old.onnx", make_model([STEM, old], MIXED | {"n": EACH}, opset=6))
    network = load_folder(convert_onnx(file, tmp_path / "old", AS_THEY_ARE).folder)
    assert [layer.type for layer in network.layers] == ["Convolution", "Scale"]
    assert network.weights[1][0].tolist() == EACH.tolist()
    assert "numbers of shape (3,) on a map of" in refused(tmp_path, [STEM, new], MIXED | {"n": EACH})


@pytest.mark.parametrize(
    "options", [{"size": 3}, {"size": 5, "alpha": 0.5, "beta": 0.5, "bias": 2.0}], ids=str
)
def test_responses_are_normalised_as_pytorch_does(tmp_path: Path, options: dict[str, Any]) -> None:
    """ONNX's reference normalises the first channels alone, as many as there are pictures."""
    lrn = node("LRN", ["m"], ["y"], **options)
    file = write(tmp_path / "net.onnx", make_model([STEM, lrn], MIXED))
    network = load_folder(convert_onnx(file, tmp_path / "net", AS_THEY_ARE).folder)
    made = network.activations(torch.randn(1, 3, 6, 6), ["stem", "y"])
    names = {"size": "size", "alpha": "alpha", "beta": "beta", "bias": "k"}
    own = {"size": 5, **{names[name]: value for name, value in options.items()}}
    torch.testing.assert_close(made["y"], torch.nn.functional.local_response_norm(made["stem"], **own))


@pytest.mark.parametrize("transposed", [0, 1])
def test_inner_products_of_either_kind_become_one_layer(tmp_path: Path, transposed: int) -> None:
    matrix = random_arrays(fc=(7, 48) if transposed else (48, 7), bias=(7,))
    flat = node("Flatten", ["m"], ["f"])
    gemm = node("Gemm", ["f", "fc", "bias"], ["y"], transB=transposed, alpha=0.5, beta=2.0)
    types = check(tmp_path, [STEM, flat, gemm], MIXED | matrix, shape=(1, 3, 4, 4))
    assert types == ["Convolution", "Flatten", "InnerProduct"]


def test_a_product_and_the_sum_behind_it_become_one_layer(tmp_path: Path) -> None:
    nodes = [
        STEM,
        node("Flatten", ["m"], ["f"]),
        node("MatMul", ["f", "fc.weight"], ["p"]),
        node("Add", ["bias", "p"], ["y"]),
    ]
    tensors = MIXED | random_arrays(**{"fc.weight": (48, 7), "bias": (7,)})
    types = check(tmp_path, nodes, tensors, shape=(1, 3, 4, 4))
    assert types == ["Convolution", "Flatten", "InnerProduct"]


def test_a_value_times_its_sigmoid_is_one_layer_unless_the_sigmoid_is_needed_elsewhere(
    tmp_path: Path,
) -> None:
    sigmoid, product = node("Sigmoid", ["m"], ["s"]), node("Mul", ["s", "m"], ["y"])
    assert check(tmp_path, [STEM, sigmoid, product], MIXED)[1:] == ["Swish"]
    third = node("Add", ["y", "s"], ["z"])
    types = check(tmp_path, [STEM, sigmoid, product, third], MIXED, outputs=["z"])
    assert types[1:] == ["Sigmoid", "Eltwise", "Eltwise"]


def test_a_normalisation_is_followed_by_its_scale(tmp_path: Path) -> None:
    statistics = random_arrays(scale=(3,), bias=(3,), mean=(3,), var=(3,))
    statistics["var"] = np.abs(statistics["var"])
    norm = node("BatchNormalization", ["m", "scale", "bias", "mean", "var"], ["y"], epsilon=1e-3)
    assert check(tmp_path, [STEM, norm], MIXED | statistics)[1:] == ["BatchNorm", "Scale"]


def test_one_factor_per_channel_made_from_the_picture_is_a_scale(tmp_path: Path) -> None:
    nodes = [STEM, node("GlobalAveragePool", ["m"], ["g"]), node("Mul", ["g", "m"], ["y"])]
    assert check(tmp_path, nodes, MIXED)[-1] == "Scale"


def test_zeros_around_a_map_are_the_convolutions_own(tmp_path: Path) -> None:
    pads = np.array([0, 0, 1, 0, 0, 0, 1, 0])
    nodes = [
        STEM,
        node("Pad", ["m", "pads"], ["p"]),
        node("Conv", ["p", "w", "b"], ["y"], pads=[0, 2, 0, 2]),
    ]
    tensors = MIXED | random_arrays(**C4) | {"pads": pads}
    assert check(tmp_path, nodes, tensors) == ["Convolution", "Convolution"]
    nodes[2] = node("Relu", ["p"], ["y"])
    assert "(Relu): reads a map that zeros were put around (Pad)" in refused(
        tmp_path / "relu", nodes, tensors
    )


def test_transposed_convolutions_are_those_of_the_reference(tmp_path: Path) -> None:
    weights = MIXED | random_arrays(w=(3, 2, 4, 4), b=(2,))
    up = node("ConvTranspose", ["m", "w", "b"], ["y"], strides=[2, 2], pads=[1, 1, 1, 1])
    assert check(tmp_path, [STEM, up], weights)[-1] == "Deconvolution"
    longer = node("ConvTranspose", ["m", "w", "b"], ["y"], strides=[2, 2], output_padding=[1, 1])
    assert "output_padding and output_shape have no counterpart" in refused(
        tmp_path / "longer", [STEM, longer], weights
    )


def test_a_shape_that_is_reckoned_from_the_map_flattens_it(tmp_path: Path) -> None:
    nodes = [
        STEM,
        node("Shape", ["m"], ["shape"]),
        node("Gather", ["shape", "zero"], ["n"], axis=0),
        node("Unsqueeze", ["n", "axes"], ["n1"]),
        node("Concat", ["n1", "rest"], ["wanted"], axis=0),
        node("Reshape", ["m", "wanted"], ["f"]),
        node("Gemm", ["f", "fc.weight"], ["y"], transB=1),
    ]
    shapes = {"zero": np.array(0), "axes": np.array([0]), "rest": np.array([-1])}
    tensors = MIXED | shapes | random_arrays(**{"fc.weight": (5, 48)})
    assert check(tmp_path, nodes, tensors, shape=("batch", 3, 4, 4))[1:] == ["Flatten", "InnerProduct"]


@pytest.mark.parametrize(
    ("last", "why"),
    [
        (node("Resize", ["m"], ["y"], name="up"), "node 'up' (Resize): this operator is not translated."),
        (node("Relus", ["m"], ["y"]), "node 'y' (Relus): this operator is not translated. Nearest: Relu"),
        (node("Relu", ["m"], ["y"], domain="com.acme"), "one of 'com.acme', not of ONNX itself"),
        (node("Relu", ["nothing"], ["y"]), "reads 'nothing', which no node before it makes"),
        (node("Relu", ["stem.weight"], ["y"]), "which does not depend on the picture"),
        (node("Relu", ["m"], ["m"]), "makes 'm', which is made already"),
        (node("Conv", ["m", "m"], ["y"]), "its input 'm' is no constant"),
        (node("Conv", ["m"], ["y"]), "has no input 2"),
        (node("Reshape", ["m", "m"], ["y"]), "its input 2, a list of whole numbers, is no"),
        (node("Flatten", ["m"], ["y"], axis=2), "flattens from axis 2"),
        (node("Concat", ["m", "x"], ["y"], axis=2), "joins along axis 2"),
        (node("Softmax", ["m"], ["y"], axis=3), "works along axis 3"),
        (node("LRN", ["m"], ["y"], size=4), "its window is 4 channels wide"),
        (node("Transpose", ["m"], ["y"], perm=[0, 2, 3, 1]), "(Transpose): this operator is not translated"),
        (node("Div", ["stem.weight", "m"], ["y"]), "divided by a map is not translated"),
        (node("Clip", ["m", ""], ["y"]), "limits from -inf to inf; both have to be given"),
        (node("ReduceMean", ["m"], ["y"]), "only the mean over height and width"),
        (node("Relu", ["m"], ["z"]), "no node makes the output 'y'"),
        (node("LeakyRelu", ["m"], ["y"], alpha="x"), "alpha is no number"),
        (node("Shape", [], ["y"]), "(Shape): this operator is not translated"),
        (node("Constant", [], ["y"], value=3), "(Constant): its value is no number"),
    ],
)  # fmt: skip
def test_what_is_not_translated_names_the_node_and_the_reason(
    tmp_path: Path, last: onnx.NodeProto, why: str
) -> None:
    assert why in refused(tmp_path, [STEM, last], MIXED)

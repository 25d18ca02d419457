"""An ONNX network as Caffe's files: the same numbers at every layer, or a refusal that names the node."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from onnx import helper
from onnx.reference import ReferenceEvaluator

from lucidreel.errors import ModelFileError
from lucidreel.models.load import load_folder
from lucidreel.models.onnx_files.convert import IMAGENET_LABELS, convert_onnx
from lucidreel.models.onnx_files.pictures import OnnxPictures
from lucidreel.models.zoo.adding import add_network
from lucidreel.models.zoo.registry import load_network
from lucidreel.tests.models.onnx_files.caffe2_layout import caffe2_model
from lucidreel.tests.models.onnx_files.small_files import make_model, random_arrays, write
from lucidreel.tests.models.tops import tops_of


def test_googlenet_from_onnx_alone_computes_what_caffe_recorded(shared: Path, tmp_path: Path) -> None:
    case = shared / "conformance" / "thin_googlenet"
    file = tmp_path / "googlenet-9.onnx"
    file.write_bytes(caffe2_model(case).SerializeToString())
    converted = convert_onnx(file, tmp_path / "net")
    tolerance = json.loads((case / "case.json").read_text())["tolerance"]
    with np.load(case / "expected.npz") as recorded:
        expected = dict(recorded)
    network = load_folder(converted.folder)
    assert network.class_layer == "loss3/classifier"
    assert str(network.preprocess).startswith("BGR, 0 to 255, minus 104, 117, 123")
    with torch.no_grad():
        tops = tops_of(network, torch.from_numpy(expected["input"]))
    for name in ("pool1/3x3_s2", "pool2/3x3_s2", "inception_3a/pool", "inception_4c/output", "prob"):
        (value,) = tops[name].values()
        np.testing.assert_allclose(value.numpy(), expected[f"blob:{name}"], **tolerance, err_msg=name)


def classifier(path: Path, classes: int = 5, producer: str = "pytorch") -> Path:
    """Write a file of one inner product."""
    nodes = [
        helper.make_node("Flatten", ["x"], ["f"]),
        helper.make_node("Gemm", ["f", "fc.weight"], ["y"], transB=1),
    ]
    tensors = random_arrays(**{"fc.weight": (classes, 48)})
    return write(path, make_model(nodes, tensors, shape=(1, 3, 4, 4), producer_name=producer))


@pytest.mark.parametrize(
    ("producer", "pictures"),
    [
        ("pytorch", "RGB, 0 to 255, minus 123.675, 116.28, 103.53 (as model.toml says)"),
        ("", "RGB, 0 to 255, minus 123.675, 116.28, 103.53 (as model.toml says)"),
        ("onnx-caffe2", "BGR, 0 to 255, minus 104, 117, 123 (as model.toml says)"),
        ("tf2onnx", "RGB, 0 to 255, minus 127.5, times 0.00784314 (as model.toml says)"),
    ],
)
def test_pictures_are_what_the_exporter_usually_wants_and_a_note_says_so(
    tmp_path: Path, producer: str, pictures: str
) -> None:
    converted = convert_onnx(classifier(tmp_path / "a.onnx", producer=producer), tmp_path / "net")
    assert str(load_folder(converted.folder).preprocess) == pictures
    (note,) = converted.notes
    assert note.startswith("The file does not say how it wants pictures: they are given ")


def test_channels_with_their_own_factors_get_them_in_a_layer(tmp_path: Path) -> None:
    file = classifier(tmp_path / "a.onnx")
    network = load_folder(convert_onnx(file, tmp_path / "net").folder)
    assert [layer.type for layer in network.layers] == ["Scale", "Flatten", "InnerProduct"]
    pixels = torch.rand(1, 3, 4, 4)
    mean, deviation = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]).reshape(2, 3, 1, 1)
    torch.testing.assert_close(
        network.activations(pixels, ["pixels"])["pixels"][0], (pixels[0] - mean) / deviation
    )


def test_pictures_that_are_known_need_no_note(tmp_path: Path) -> None:
    known = OnnxPictures("BGR", (127.0,), (1 / 128,))
    converted = convert_onnx(classifier(tmp_path / "a.onnx"), tmp_path / "net", known)
    assert converted.notes == ()
    assert str(load_folder(converted.folder).preprocess) == (
        "BGR, 0 to 255, minus 127, times 0.0078125 (as model.toml says)"
    )


def test_one_channel_is_grey_and_an_open_size_is_the_usual_one(tmp_path: Path) -> None:
    conv = helper.make_node("Conv", ["x", "c.weight"], ["y"])
    model = make_model([conv], random_arrays(**{"c.weight": (2, 1, 3, 3)}), shape=("n", 1, "h", "w"))
    converted = convert_onnx(write(tmp_path / "a.onnx", model), tmp_path / "net")
    network = load_folder(converted.folder)
    assert network.input_size == (224, 224)
    assert network.preprocess.channel_order == "GRAY"
    assert converted.notes[0] == "The file leaves the size of pictures open: 224x224 is taken."


def test_a_thousand_classes_are_imagenets_unless_there_are_words_for_them(tmp_path: Path) -> None:
    file = classifier(tmp_path / "a.onnx", classes=1000)
    converted = convert_onnx(file, tmp_path / "net")
    assert converted.notes[-1] == "Its 1000 classes are taken for ImageNet's, in their usual order."
    assert load_folder(converted.folder).labels[1].words[0] == "goldfish"
    assert not len(load_folder(convert_onnx(file, tmp_path / "bare", has_labels=True).folder).labels)


def test_added_onnx_files_are_networks_by_name_with_the_words_that_were_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUCIDREEL_HOME", str(tmp_path / "home"))
    labels = tmp_path / "labels.txt"
    labels.write_text(IMAGENET_LABELS.read_text().replace("goldfish", "golden fish"))
    file, told = classifier(tmp_path / "mine.onnx", classes=1000), list[str]()
    add_network([file, labels], tell=told.append)
    assert load_network("mine").labels[1].words[0] == "golden fish"
    assert [line[:30] for line in told] == ["The file does not say how it w"]


def test_what_is_wrong_with_an_added_file_is_told_of_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUCIDREEL_HOME", str(tmp_path / "home"))
    model = make_model([helper.make_node("Resize", ["x"], ["y"], name="up")], {})
    with pytest.raises(ModelFileError, match=r"^mine\.onnx: node 'up' \(Resize\): this operator is not"):
        add_network([write(tmp_path / "mine.onnx", model)])
    assert not list((tmp_path / "home").rglob("*"))


@pytest.mark.parametrize(
    ("node", "output", "layer"),
    [
        ("/layer1/layer1.0/relu/Relu", "y", "layer1.0.relu"),
        ("/features/features.3/features.3.1/Relu", "y", "features.3.1"),
        ("/Relu_1", "y", "Relu_1"),
        ("node_relu_4", "y", "node_relu_4"),
        ("a:b=c, d", "y", "a_b_c_d"),
        ("", "conv1/7x7_s2_2", "conv1/7x7_s2"),
        ("", "\x1b[31m", "31m"),
        ("", "漢", "relu"),
    ],
)
def test_layers_are_called_as_in_the_program_that_they_come_from(
    tmp_path: Path, node: str, output: str, layer: str
) -> None:
    relu = helper.make_node("Relu", ["m"], [output], name=node)
    conv = helper.make_node("Conv", ["x", "layer1.0.conv.weight"], ["m"])
    weights = random_arrays(**{"layer1.0.conv.weight": (2, 3, 1, 1)})
    file = write(tmp_path / "a.onnx", make_model([conv, relu], weights, outputs=[output]))
    network = load_folder(convert_onnx(file, tmp_path / "net").folder)
    assert [each.name for each in network.layers] == ["pixels", "layer1.0.conv", layer]


def test_a_module_that_is_told_beside_the_node_names_its_layer(tmp_path: Path) -> None:
    relu = helper.make_node("Relu", ["m"], ["y"], name="node_relu_1")
    said = relu.metadata_props.add()
    said.key, said.value = (
        "pkg.torch.onnx.name_scopes",
        "['', 'layer1', 'layer1.0', 'layer1.0.relu', 'relu_1']",
    )
    conv = helper.make_node("Conv", ["x", "conv1.weight"], ["m"])
    model = make_model([conv, relu], random_arrays(**{"conv1.weight": (2, 3, 1, 1)}))
    network = load_folder(convert_onnx(write(tmp_path / "a.onnx", model), tmp_path / "net").folder)
    assert network.layers[-1].name == "layer1.0.relu"


def test_a_folder_that_is_there_already_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    with pytest.raises(ModelFileError, match="net: cannot be written: File exists"):
        convert_onnx(classifier(tmp_path / "a.onnx"), tmp_path / "net")
    assert not list((tmp_path / "net").iterdir())


def test_an_order_of_channels_alone_keeps_what_is_usual(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUCIDREEL_HOME", str(tmp_path / "home"))
    add_network([classifier(tmp_path / "mine.onnx")], stated={"channel_order": "BGR"})
    pixels = torch.rand(1, 3, 4, 4)
    mean, deviation = torch.tensor([[0.406, 0.456, 0.485], [0.225, 0.224, 0.229]]).reshape(2, 3, 1, 1)
    made = load_network("mine").activations(pixels, ["pixels"])["pixels"]
    torch.testing.assert_close(made[0], (pixels[0].flip(0) - mean) / deviation)


def test_channels_that_come_last_may_be_brought_to_the_front_at_once(tmp_path: Path) -> None:
    turn = helper.make_node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2])
    conv = helper.make_node("Conv", ["t", "c.weight"], ["y"], auto_pad="SAME_UPPER", strides=[2, 2])
    model = make_model([turn, conv], random_arrays(**{"c.weight": (2, 3, 3, 3)}), shape=("n", 6, 8, 3))
    known = OnnxPictures("RGB", (0.0,), (1 / 255,))
    network = load_folder(convert_onnx(write(tmp_path / "a.onnx", model), tmp_path / "net", known).folder)
    x = torch.randn(1, 3, 6, 8)
    (expected,) = map(np.asarray, ReferenceEvaluator(model).run(None, {"x": x.permute(0, 2, 3, 1).numpy()}))
    np.testing.assert_allclose(network.activations(x, ["c"])["c"].numpy(), expected, rtol=1e-4, atol=1e-5)

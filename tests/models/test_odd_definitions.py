"""Definitions of other than classifiers, and files that are no definitions, get the answer that helps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lucidreel.errors import ModelFileError
from lucidreel.models.caffe_files.caffemodel import read_caffemodel
from lucidreel.models.description import NetworkDescription
from lucidreel.models.outline import outline_folder
from lucidreel.models.zoo.describe import describe

INPUT = """
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 16 dim: 16 } } }
"""
CLASSIFIER = """
layer { name: "fc" type: "InnerProduct" bottom: "BOTTOM" top: "fc" inner_product_param { num_output: 5 } }
layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }
"""


def conv(name: str, bottom: str, outputs: int = 4) -> str:
    return (
        f'layer {{ name: "{name}" type: "Convolution" bottom: "{bottom}" top: "{name}" '
        f"convolution_param {{ num_output: {outputs} kernel_size: 1 }} }}\n"
    )


SSD = f"""{INPUT}{conv("conv", "data")}{conv("mbox_conf", "conv", 84)}
layer {{ name: "flat" type: "Flatten" bottom: "mbox_conf" top: "flat" }}
layer {{ name: "reshaped" type: "Reshape" bottom: "flat" top: "reshaped"
        reshape_param {{ shape {{ dim: 0 dim: -1 dim: 21 }} }} }}
layer {{ name: "priorbox" type: "PriorBox" bottom: "conv" bottom: "data" top: "priorbox" }}
layer {{ name: "softmax" type: "Softmax" bottom: "reshaped" top: "softmax" softmax_param {{ axis: 2 }} }}
layer {{ name: "out" type: "DetectionOutput" bottom: "flat" bottom: "softmax" bottom: "priorbox" top: "out" }}
"""
FASTER_RCNN = f"""
input: "data" input_shape {{ dim: 1 dim: 3 dim: 16 dim: 16 }} input: "im_info" input_shape {{ dim: 1 dim: 3 }}
{conv("conv", "data")}{conv("rpn_cls_score", "conv", 18)}
layer {{ name: "reshaped" type: "Reshape" bottom: "rpn_cls_score" top: "reshaped"
        reshape_param {{ shape {{ dim: 0 dim: 2 dim: -1 dim: 0 }} }} }}
layer {{ name: "rpn_prob" type: "Softmax" bottom: "reshaped" top: "rpn_prob" }}
layer {{ name: "proposal" type: "Python" bottom: "rpn_prob" bottom: "im_info" top: "rois" }}
layer {{ name: "roi_pool" type: "ROIPooling" bottom: "conv" bottom: "rois" top: "pool5" }}
{CLASSIFIER.replace("BOTTOM", "pool5")}"""
YOLO = f'{INPUT}{conv("conv", "data")}layer {{ name: "boxes" type: "Region" bottom: "conv" top: "boxes" }}'
CAPTIONS = f"""{INPUT}{conv("conv", "data")}
layer {{ name: "lstm" type: "LSTM" bottom: "conv" bottom: "marks" top: "lstm" }}
{CLASSIFIER.replace("BOTTOM", "lstm")}"""
PYTHON = f"""{INPUT}{conv("conv", "data")}
layer {{ name: "own" type: "Python" bottom: "conv" top: "own" }}
{conv("conv2", "own")}{CLASSIFIER.replace("BOTTOM", "conv2")}"""
TRAINING = f"""
layer {{ name: "data" type: "Data" top: "data" top: "label" include {{ phase: TRAIN }}
        transform_param {{ crop_size: 16 mean_file: "data/imagenet_mean.binaryproto" }} }}
layer {{ name: "data" type: "Data" top: "data" top: "label" include {{ phase: TEST }}
        transform_param {{ crop_size: 16 mean_file: "data/imagenet_mean.binaryproto" }} }}
{conv("conv", "data")}{CLASSIFIER.replace("BOTTOM", "conv")}
layer {{ name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" }}
"""
Look = Callable[[str], NetworkDescription]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Describe a definition given as text."""

    def described(text: str) -> NetworkDescription:
        path = tmp_path / "deploy.prototxt"
        path.write_text(text)
        (tmp_path / "w.caffemodel").touch()
        found = describe(path)
        assert outline_folder(tmp_path, "it").class_layer == found.class_layer
        return found

    return described


@pytest.mark.parametrize("text", [SSD, FASTER_RCNN, YOLO], ids=["SSD", "Faster R-CNN", "YOLO"])
def test_networks_that_find_objects_have_layers_and_no_classes(text: str, look: Look) -> None:
    found = look(text)
    assert found.layer("conv") is not None
    assert found.class_layer is None
    assert any("It finds objects" in each for each in found.advice)
    assert any("places boxes around objects" in reason for reason in found.omitted.values())


@pytest.mark.parametrize(
    ("text", "name", "reason", "cut_off"),
    [
        (CAPTIONS, "lstm", "works on sequences, of words or frames", ("fc", "prob")),
        (PYTHON, "own", "runs Python code", ("conv2", "fc", "prob")),
        (FASTER_RCNN, "roi_pool", "places boxes", ("fc", "prob")),
    ],
    ids=["captions", "Python", "Faster R-CNN"],
)
def test_what_is_left_out_is_told_apart_from_what_depends_on_it(
    text: str, name: str, reason: str, cut_off: tuple[str, ...], look: Look
) -> None:
    found = look(text)
    assert found.omitted[name].startswith(reason)
    assert found.cut_off == cut_off
    assert found.layers[0].name == "conv"


def test_a_training_file_says_that_it_will_do_and_which_mean_it_misses(look: Look) -> None:
    found = look(TRAINING)
    assert found.classes == 5 and found.omitted == {"loss": "is for training only"}
    assert "no deploy.prototxt is needed" in found.advice[0]
    assert "Its mean is in imagenet_mean.binaryproto, which is not here" in found.advice[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TRAINING.replace("crop_size: 16", ""), r"declares no size\. Use the network's deploy\.prototxt"),
        ('net: "models/train_val.prototxt"\nbase_lr: 0.01', r"a solver.*Its definition is models/train_val"),
        ("base_lr: 0.01\nmax_iter: 3", r"is a solver, which says how a network is trained\.$"),
        ('input: "d" input_shape { dim: 1 dim: 3 dim: 16 dim: 9 dim: 9 }', "several frames of a clip"),
        ('layers { name: "data" type: VIDEO_DATA top: "data" }', "several frames of a clip"),
        (
            f'{INPUT}layer {{ name: "x" type: "Own" bottom: "data" top: "x" }}',
            "remove it from the definition",
        ),
        ("<!DOCTYPE html><html>", "it is a web page"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00", "`git lfs pull`"),
        ("\0\1", r"Weights belong in a \.caffemodel"),
    ],
)
def test_what_cannot_be_dreamt_with_is_answered_with_what_to_do(text: str, message: str, look: Look) -> None:
    with pytest.raises(ModelFileError, match=message):
        look(text)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n<html><body>Log in</body></html>", "it is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "`git lfs pull`"),
        (b"PK\x03\x04....", "it is an archive"),
        (b"\x89HDF\r\n\x1a\n", "HDF5 form"),
    ],
)
def test_weights_that_are_something_else_are_told_what(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "net.caffemodel"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=message):
        read_caffemodel(path)


def test_a_folder_whose_weights_are_in_hdf5_form_is_told_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "deploy.prototxt").write_text(INPUT + conv("conv", "data"))
    (tmp_path / "net.caffemodel.h5").touch()
    (missing,) = describe(tmp_path).missing
    assert "net.caffemodel.h5: weights in Caffe's HDF5 form" in missing and ".save(" in missing


def test_a_solver_beside_a_definition_is_no_second_one(tmp_path: Path) -> None:
    (tmp_path / "train_val.prototxt").write_text(TRAINING)
    (tmp_path / "solver.prototxt").write_text('net: "train_val.prototxt"')
    assert describe(tmp_path).classes == 5

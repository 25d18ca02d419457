"""Pictures are prepared as the network's files say: model.toml, a mean file, the definition."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lucidreel.errors import ModelFileError
from lucidreel.models.caffe_files.caffemodel import write_caffemodel
from lucidreel.models.caffe_files.input_layer import DeclaredPreprocess
from lucidreel.models.caffe_files.prototxt import parse_prototxt
from lucidreel.models.graph.build import build_graph
from lucidreel.models.load import load_folder
from lucidreel.models.preprocess import Preprocess

LAYER = """layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc"
                   inner_product_param { num_output: 2 } }
           layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" }"""
DATA = """layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TRAIN }
                  transform_param { crop_size: 4 mirror: true mean_value: 1 scale: 9 } }
          layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TEST }
                  transform_param { crop_size: 4 %s } }"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train_val.prototxt").write_text(DATA % "mean_value: 127.5 scale: 0.0078125" + LAYER)
    write_caffemodel(tmp_path / "w.caffemodel", {"fc": [np.ones((2, 48)), np.zeros(2)]})
    return tmp_path


def declared(text: str) -> DeclaredPreprocess:
    return build_graph(parse_prototxt(text), "some.prototxt").declared


def test_a_training_files_own_preparation_is_used(folder: Path) -> None:
    network = load_folder(folder)
    assert network.preprocess == Preprocess("BGR", (127.5,), 255.0, 0.0078125)
    assert str(network.preprocess) == ("BGR, 0 to 255, minus 127.5, times 0.0078125 (as the definition says)")


def test_a_mean_file_or_model_toml_comes_before_the_definition(folder: Path) -> None:
    np.save(folder / "mean.npy", np.array([1.0, 2.0, 3.0]))
    assert load_folder(folder).preprocess == Preprocess("BGR", (1.0, 2.0, 3.0), 255.0, 0.0078125)
    (folder / "model.toml").write_text("mean = [4, 5, 6]")
    assert load_folder(folder).preprocess == Preprocess("BGR", (4.0, 5.0, 6.0), 255.0, 0.0078125)
    (folder / "model.toml").write_text("mean = [4, 5, 6]\nscale = 1.0")
    assert load_folder(folder).preprocess == Preprocess("BGR", (4.0, 5.0, 6.0), 255.0, 1.0)


@pytest.mark.parametrize(
    ("options", "mean", "scale"),
    [
        ("mean_value: [104, 117, 123]", (104.0, 117.0, 123.0), 1.0),
        ("mean_value: [103.94, 116.78] mean_value: 123.68 scale: 0.017", (103.94, 116.78, 123.68), 0.017),
        ("scale: 0.00390625", (0.0,), 0.00390625),
        ("mirror: true", (0.0,), 1.0),
    ],
)  # fmt: skip
def test_what_transform_param_says_is_read(options: str, mean: tuple[float, ...], scale: float) -> None:
    assert declared(DATA % options + LAYER) == DeclaredPreprocess(mean, "", scale)


def test_a_file_for_training_alone_has_the_data_layer_of_that_phase() -> None:
    train = (DATA % "").rpartition("layer {")[0]
    assert declared(train + LAYER) == DeclaredPreprocess((1.0,), "", 9.0)


def test_a_definition_that_says_nothing_leaves_imagenets_mean(folder: Path) -> None:
    (folder / "train_val.prototxt").write_text('input: "data" input_dim: [1, 3, 4, 4]' + LAYER)
    network = load_folder(folder)
    assert network.preprocess == Preprocess()
    assert "no file says otherwise" in str(network.preprocess)


def test_the_mean_file_that_the_definition_names_is_taken(folder: Path) -> None:
    (folder / "train_val.prototxt").write_text(DATA % 'mean_file: "data/ilsvrc/b.npy"' + LAYER)
    assert "b.npy, which the definition names, is not here" in str(load_folder(folder).preprocess)
    np.save(folder / "a.npy", np.full(3, 1.0))
    np.save(folder / "b.npy", np.full(3, 2.0))
    assert load_folder(folder).preprocess.mean == (2.0, 2.0, 2.0)


V1 = """layers { name: "d" type: DATA top: "data" data_param { crop_size: 4 scale: 0.5 mean_file: "m.npy" } }
        layers { name: "r" type: RELU bottom: "data" top: "r" }"""
V0 = """layers { layer { name: "d" type: "data" cropsize: 4 scale: 0.5 meanfile: "x/m.npy" } top: "data" }
        layers { layer { name: "r" type: "relu" } bottom: "data" top: "r" }"""
DEPRECATED = """layer { name: "d" type: "ImageData" top: "data"
                        image_data_param { crop_size: 4 scale: 0.5 mean_file: "C:\\\\nets\\\\m.npy" } }
                layer { name: "r" type: "ReLU" bottom: "data" top: "r" }"""


@pytest.mark.parametrize("text", [V1, V0, DEPRECATED], ids=["V1", "V0", "deprecated"])
def test_preparation_in_older_spellings_is_read(text: str) -> None:
    assert declared(text) == DeclaredPreprocess(None, "m.npy", 0.5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ('mean_value: 1 mean_file: "m.npy"', "has mean_value and mean_file"),
        ("mean_value: [1, 2]", "mean_value is given 2 times for 3 channels"),
        ("std_value: 58.4", r"line 4: transform_param\.std_value: 58\.4 prepares pictures in a way"),
    ],
)
def test_contradictions_name_file_and_layer(options: str, message: str) -> None:
    with pytest.raises(ModelFileError, match=message) as caught:
        declared(DATA % options + LAYER)
    assert "some.prototxt: layer 'data' (Data)" in str(caught.value)


def test_a_grey_networks_data_layer_makes_one_channel() -> None:
    text = DATA % "force_gray: true mean_value: 33" + LAYER
    graph = build_graph(parse_prototxt(text), "f")
    assert graph.input_shape == (1, 1, 4, 4) and graph.declared.mean == (33.0,)


def test_the_recorded_training_file_is_prepared_as_it_says(shared: Path) -> None:
    network = load_folder(shared / "faults" / "trainval")
    assert network.preprocess == Preprocess("BGR", (127.5,), 255.0, 0.0078125)
    assert (network.input_size, network.class_layer) == ((64, 64), "gap")

"""Definitions of every age come out as the network that Caffe would run for testing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lucidreel.errors import ModelFileError
from lucidreel.models.caffe_files.prototxt import parse_prototxt, read_prototxt, write_prototxt
from lucidreel.models.graph.build import build_graph

INPUT = 'layer { name: "data" type: "Input" top: "data" input_param { shape { dim: [1, 3, 8, 8] } } }\n'


def names(text: str) -> list[str]:
    return [layer.name for layer in parse_prototxt(text).layer]


def test_layers_of_the_training_phase_are_dropped() -> None:
    text = """
    layer { name: "a" type: "AbsVal" include { phase: TRAIN } }
    layer { name: "b" type: "AbsVal" include { phase: TRAIN } include { phase: TEST } }
    layer { name: "c" type: "AbsVal" exclude { phase: TEST } }
    layer { name: "d" type: "AbsVal" exclude { phase: TRAIN } }
    layer { name: "e" type: "AbsVal" include { min_level: 1 } }
    layer { name: "f" type: "AbsVal" include { phase: TEST stage: "deploy" } }
    layer { name: "g" type: "AbsVal" include { phase: TEST not_stage: "deploy" } }
    """
    assert names(text) == ["b", "d", "g"]
    assert names('state { stage: "deploy" }' + text) == ["b", "d", "f"]


def test_legacy_inputs_become_an_input_layer() -> None:
    (layer,) = parse_prototxt('input: "x" input_dim: [10, 3, 5, 7]').layer
    assert (layer.type, list(layer.top)) == ("Input", ["x"])
    assert list(layer.input_param.shape[0].dim) == [10, 3, 5, 7]
    (layer,) = parse_prototxt('input: "x" input_shape { dim: [1, 3, 5, 7] }').layer
    assert list(layer.input_param.shape[0].dim) == [1, 3, 5, 7]


def test_v1_types_get_todays_names() -> None:
    names = {
        "ABSVAL": "AbsVal", "ARGMAX": "ArgMax", "BNLL": "BNLL", "CONVOLUTION": "Convolution",
        "DUMMY_DATA": "DummyData", "HDF5_DATA": "HDF5Data", "IM2COL": "Im2col",
        "INNER_PRODUCT": "InnerProduct", "LRN": "LRN", "MVN": "MVN", "RELU": "ReLU",
        "SOFTMAX_LOSS": "SoftmaxWithLoss", "TANH": "TanH",
    }  # fmt: skip
    text = "".join(f'layers {{ name: "{kind}" type: {kind} }}' for kind in names)
    assert [layer.type for layer in parse_prototxt(text).layer] == list(names.values())


def test_v1_parameters_and_shared_names_are_kept() -> None:
    text = """layers { name: "c" type: CONVOLUTION param: "w" param: "b" blobs_lr: 1 include { phase: TEST }
              convolution_param { num_output: 3 kernel_size: 2 pad: 1 } }"""
    (layer,) = parse_prototxt(text).layer
    assert [param.name for param in layer.param] == ["w", "b"]
    assert (layer.convolution_param.num_output, list(layer.convolution_param.pad)) == (3, [1])


def test_v0_padding_goes_into_the_layer_behind_it() -> None:
    text = """
    layers { layer { name: "pad" type: "padding" pad: 2 } bottom: "data" top: "padded" }
    layers { layer { name: "p" type: "pool" pool: AVE kernelsize: 5 stride: 3 } bottom: "padded" top: "p" }
    layers { layer { name: "ip" type: "innerproduct" num_output: 4 biasterm: false } bottom: "p" top: "ip" }
    """
    pool, product = parse_prototxt(text).layer
    assert (pool.type, list(pool.bottom)) == ("Pooling", ["data"])
    options = pool.pooling_param
    assert (options.pool, options.kernel_size, options.stride, options.pad) == (1, 5, 3, 2)
    assert (product.inner_product_param.num_output, product.inner_product_param.bias_term) == (4, False)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    net: dict[str, Any] = {
        "name": "tiny",
        "layer": [
            {
                "name": "data", "type": "Input", "top": ["data"],
                "input_param": {"shape": [{"dim": [1, 3, 9, 9]}]},
            },
            {
                "name": "conv", "type": "Convolution", "bottom": ["data"], "top": ["conv"],
                "convolution_param": {"num_output": 4, "kernel_size": [3], "bias_term": False},
            },
            {
                "name": "pool", "type": "Pooling", "bottom": ["conv"], "top": ["pool"],
                "pooling_param": {"pool": "AVE", "global_pooling": True},
            },
        ],
    }  # fmt: skip
    write_prototxt(tmp_path / "a.prototxt", net)
    write_prototxt(tmp_path / "b.prototxt", net)
    assert (tmp_path / "a.prototxt").read_bytes() == (tmp_path / "b.prototxt").read_bytes()
    graph = build_graph(read_prototxt(tmp_path / "a.prototxt"), "a")
    assert [graph.shapes[node.tops[0]] for node in graph.nodes] == [(1, 4, 7, 7), (1, 4, 1, 1)]
    with pytest.raises(ModelFileError, match="not a network definition"):
        write_prototxt(tmp_path / "c.prototxt", {"layers_": []})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name: "x"\nlayer {\n  name: "a" type: }', "line 3, column 19"),
        ("layer {\n  include { phase: 7 }\n}", r"line 2, column 20: layer '': include\.phase: 7 is not"),
        ("name: 'x'\nlayr { name: 'a' }", r"line 2, column 1: layr: \{…\} is not a field"),
        ("layer {\n  pooling_param { kernel_size: three }\n}", "line 2, column 32"),
        ("<net></net>", "line 1"),
        ("", "no layers for the TEST phase"),
        ('layer { name: "a" } layers { name: "b" }', "both 'layer' and 'layers'"),
        ('input: "x" input_dim: [1, 3, 5]', "four input_dim"),
        ('layers { layer { name: "a" type: "magic" } }', "unknown V0 layer type 'magic'"),
    ],
)
def test_what_cannot_be_parsed_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.prototxt"
    path.write_text(text)
    with pytest.raises(ModelFileError, match=message) as caught:
        read_prototxt(path)
    assert "broken.prototxt" in str(caught.value)


def test_a_binary_file_is_no_definition(tmp_path: Path) -> None:
    path = tmp_path / "binary.prototxt"
    path.write_bytes(bytes(range(128, 256)))
    with pytest.raises(ModelFileError, match=r"binary\.prototxt: line 1, column 1"):
        read_prototxt(path)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ('type: "Pooling" bottom: "data" pooling_param { kernel: 3 }', "2: pooling_param.kernel: 3 is not"),
        ('type: "Convolutoin" bottom: "data" top: "x"', r"not supported\. Nearest: Convolution"),
        ('type: "PSROI" psroi_param { n: 3 } bottom: "data" top: "x"', "Supported are AbsVal"),
        ('type: "ReLU" bottom: "dada" top: "x"', r"bottom 'dada'\. Nearest: data"),
        ('type: "Slice" bottom: "data" top: "a" slice_param { slice_point: [1, 2] }', "slice points"),
        ('type: "Pooling" bottom: "data" top: "x" pooling_param { kernel_size: 11 }', "does not work on"),
    ],
)  # fmt: skip
def test_what_does_not_fit_names_file_and_layer(layer: str, message: str) -> None:
    with pytest.raises(ModelFileError, match=message) as caught:
        build_graph(parse_prototxt(f'{INPUT} layer {{ name: "x" {layer} }}'), "some.prototxt")
    assert "some.prototxt: layer 'x'" in str(caught.value)


def test_a_definition_without_an_image_is_refused() -> None:
    with pytest.raises(ModelFileError, match="no data input"):
        build_graph(parse_prototxt('layer { name: "x" type: "ReLU" bottom: "data" top: "x" }'), "f")
    with pytest.raises(ModelFileError, match=r"an image is \(n, c, height, width\)"):
        build_graph(parse_prototxt('input: "v" input_shape { dim: [1, 100] }'), "f")
    with pytest.raises(ModelFileError, match="no layer works on the image"):
        build_graph(parse_prototxt(INPUT), "f")


def test_a_training_file_runs_without_what_needs_labels() -> None:
    text = """
    layer { name: "imagenet" type: "Data" top: "data" top: "label" include { phase: TRAIN }
            transform_param { crop_size: 9 } }
    layer { name: "imagenet" type: "Data" top: "data" top: "label" include { phase: TEST }
            transform_param { crop_size: 12 mean_file: "mean.binaryproto" } data_param { source: "val" } }
    layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 5 } }
    layer { name: "accuracy" type: "Accuracy" bottom: "fc" bottom: "label" top: "accuracy" }
    layer { name: "half" type: "Power" bottom: "accuracy" top: "half" power_param { scale: 0.5 } }
    layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" }
    """
    graph = build_graph(parse_prototxt(text), "train_val.prototxt")
    assert graph.input_shape == (1, 3, 12, 12)
    assert [node.name for node in graph.nodes] == ["fc"]
    assert graph.omitted.keys() == {"accuracy", "half", "loss"}

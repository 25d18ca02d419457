"""What definitions of Caffe's variants say is read, passed over where it changes nothing, or named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from lucidreel.errors import ModelFileError
from lucidreel.models.caffe_files.prototxt import parse_prototxt
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.graph.build import build_graph
from lucidreel.models.graph.graph import Graph
from lucidreel.models.load import load_folder

RunLayer = Callable[..., list[torch.Tensor]]
INPUT = 'input: "data" input_dim: [1, 4, 8, 8]\n'
POOL = """layer { name: "p" type: "Pooling" bottom: "data" top: "p"
          pooling_param { kernel_size: 3 stride: 2 %s } }"""
CONV = """layer { name: "c" type: "Convolution" bottom: "data" top: "c"
          convolution_param { num_output: 2 kernel_size: 3 %s } }"""


def graph(text: str) -> Graph:
    return build_graph(parse_prototxt(INPUT + text), "some.prototxt")


@pytest.mark.parametrize(
    ("options", "cells"),
    [("", 4), ("ceil_mode: true", 4), ("ceil_mode: false", 3), ("round_mode: FLOOR ceil_mode: false", 3)],
)
def test_ceil_mode_is_round_mode(options: str, cells: int) -> None:
    assert graph(POOL % options).shapes[1] == (1, 4, cells, cells)


def test_deeplabs_holes_are_dilation() -> None:
    assert graph(CONV % "hole: 2").shapes[1] == (1, 2, 4, 4)
    assert graph(CONV % "hole_h: 3 hole_w: 1").shapes[1] == (1, 2, 2, 6)


@pytest.mark.parametrize(
    "text",
    [
        CONV % "engine: MKL2017",
        CONV % "cudnn_convolution_algo_seeker: GET conv_algos_override: [1, 2]",
        (CONV % "").replace("name:", 'forward_type: FLOAT16 engine: "MKLDNN:CAFFE" name:'),
        (CONV % "").replace("name:", "param { lr_mult: 1 fix_mult: 0 } quantization_param { bw: 8 } name:"),
        (CONV % "").replace('"Convolution"', '"ConvolutionRistretto"'),
        "default_forward_type: FLOAT16\n" + CONV % "",
    ],
)
def test_what_changes_nothing_in_the_numbers_is_passed_over(text: str) -> None:
    found = graph(text)
    assert [node.type for node in found.nodes] == ["Convolution"] and found.shapes[1] == (1, 2, 6, 6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            POOL % "pool: RANKAVE",
            r"layer 'p' \(Pooling\), line 3: pooling_param\.pool: RANKAVE is not",
        ),
        (POOL % "p_a: 0.5", r"layer 'p' \(Pooling\), line 3: pooling_param\.p_a: 0\.5 is not"),
        (POOL % "ceil_mode: true round_mode: FLOOR", "layer 'p': ceil_mode and round_mode contradict"),
        (CONV % "pad_type: 1", r"layer 'c' \(Convolution\), line 3: convolution_param\.pad_type: 1 is not"),
        (CONV % "strid: 2", r"convolution_param\.strid: 2 is not .* Nearest: stride"),
        ((CONV % "").replace("name:", "other_param { n: 3 } name:"), r"line 2: other_param: \{…\} is not"),
    ],
)
def test_what_lucidreel_cannot_compute_names_layer_field_value_and_line(text: str, message: str) -> None:
    with pytest.raises(ModelFileError, match=message) as caught:
        graph(text)
    assert "some.prototxt" in str(caught.value) or "prototxt: layer" in str(caught.value)


def test_unknown_fields_of_layers_that_are_not_run_do_no_harm() -> None:
    text = """
    layer { name: "a" type: "AnnotatedData" top: "x" annotated_data_param { batch_sampler { n: 1 } }
            transform_param { emit_constraint { type: 1 } resize_param { height: 8 prob: 1 width: 8 } } }
    layer { name: "t" type: "Warp" bottom: "data" top: "w" warp_param { n: 1 } include { phase: TRAIN } }
    layer { name: "l" type: "MultiBoxLoss" bottom: "data" top: "l" multibox_loss_param { n: 1 } }
    """
    found = graph(text + CONV % "")
    assert [node.name for node in found.nodes] == ["c"] and set(found.omitted) == {"l"}


def test_boxes_and_python_are_left_out_and_said_so(make_network: Callable[..., CaffeNetwork]) -> None:
    found = graph(
        CONV % ""
        + """layer { name: "b" type: "PriorBox" bottom: "c" bottom: "data" top: "b" prior_box_param { n: 1 } }
             layer { name: "y" type: "Python" bottom: "c" top: "y" python_param { module: "m" } }
             layer { name: "r" type: "ReLU" bottom: "y" top: "r" }"""
    )
    assert [node.name for node in found.nodes] == ["c"]
    assert "boxes" in found.omitted["b"] and "Python code" in found.omitted["y"]
    assert found.omitted["r"] == "needs 'y', which layer 'y' (Python) would make"


def test_dropout_written_in_python_is_dropout() -> None:
    text = """layer { name: "d" type: "Python" bottom: "data" top: "d"
              python_param { module: "spatial_dropout" layer: "SpatialDropoutLayer" } }"""
    assert [node.type for node in graph(text).nodes] == ["Dropout"]


def test_bn_with_four_blobs_is_pspnets(run_layer: RunLayer) -> None:
    x = torch.rand(2, 3, 4, 5)
    slope, bias, mean, variance = (torch.rand(1, 3, 1, 1) + 0.5 for _ in range(4))
    text = """layer { name: "n" type: "BN" bottom: "data" top: "n"
              bn_param { slope_filler { value: 1 } bias_filler { value: 0 } frozen: true eps: 0.01 } }"""
    (top,) = run_layer(text, x, blobs={"n": [slope, bias, mean, variance]})
    torch.testing.assert_close(top, slope * (x - mean) / (variance + 0.01).sqrt() + bias)


def test_bn_with_two_blobs_is_segnets(run_layer: RunLayer) -> None:
    x = torch.rand(1, 3, 4, 5)
    scale, shift = torch.rand(1, 3, 1, 1), torch.rand(1, 3, 1, 1)
    text = 'layer { name: "n" type: "BN" bottom: "data" top: "n" bn_param { bn_mode: %s } }'
    (top,) = run_layer(text % "INFERENCE", x, blobs={"n": [scale, shift]})
    torch.testing.assert_close(top, scale * x + shift)
    (top,) = run_layer(text % "LEARN", x, blobs={"n": [scale, shift]})
    torch.testing.assert_close(top, F.instance_norm(x) * scale + shift)


def test_nvidias_batch_norm_holds_its_scale(run_layer: RunLayer) -> None:
    x, one = torch.rand(2, 3, 4, 4), torch.tensor([1.0])
    mean, variance, scale, bias = (torch.rand(3) + 0.5 for _ in range(4))
    text = """layer { name: "n" type: "BatchNorm" bottom: "data" top: "n"
              batch_norm_param { scale_bias: true eps: 0.001 } }"""
    (top,) = run_layer(text, x, blobs={"n": [mean, variance, one, scale, bias]})
    torch.testing.assert_close(top, F.batch_norm(x, mean, variance, scale, bias, eps=0.001))


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ("zoom_factor: 8", (33, 41)),
        ("shrink_factor: 2", (3, 3)),
        ("shrink_factor: 2 zoom_factor: 3", (7, 7)),
        ("height: 9 width: 7", (9, 7)),
        ("pad_beg: -1 pad_end: -1 zoom_factor: 2", (5, 7)),
    ],
)
def test_interp_keeps_the_corners(run_layer: RunLayer, options: str, size: tuple[int, int]) -> None:
    x = torch.rand(1, 2, 5, 6)
    text = 'layer { name: "i" type: "Interp" bottom: "data" top: "i" interp_param { %s } }'
    (top,) = run_layer(text % options, x)
    assert top.shape == (1, 2, *size)
    inner = x[:, :, 1:-1, 1:-1] if "pad" in options else x
    torch.testing.assert_close(top[..., 0, 0], inner[..., 0, 0])
    torch.testing.assert_close(top[..., -1, -1], inner[..., -1, -1])


def test_channels_are_shuffled_between_groups(run_layer: RunLayer) -> None:
    x = torch.arange(6.0).reshape(1, 6, 1, 1)
    text = """layer { name: "s" type: "ShuffleChannel" bottom: "data" top: "s"
              shuffle_channel_param { group: 2 } }"""
    (top,) = run_layer(text, x)
    assert top.flatten().tolist() == [0, 3, 1, 4, 2, 5]


def test_yolos_upsample_repeats_cells(run_layer: RunLayer) -> None:
    text = 'layer { name: "u" type: "Upsample" bottom: "data" top: "u" upsample_param { scale: 2 } }'
    (top,) = run_layer(text, torch.tensor([[[[1.0, 2.0]]]]))
    assert top.tolist() == [[[[1, 1, 2, 2], [1, 1, 2, 2]]]]


def test_the_recorded_definition_with_ceil_mode_loads(shared: Path) -> None:
    network = load_folder(shared / "faults" / "ceil")
    assert next(info.shape for info in network.layers if info.name == "pool2") == (1, 16, 15, 15)

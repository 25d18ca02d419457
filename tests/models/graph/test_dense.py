"""A dense network scores every window of an image as the ordinary network scores that window alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from lucidreel.errors import LayerNotFoundError, TargetError
from lucidreel.models.caffe_files.prototxt import parse_prototxt
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.graph.build import build_graph
from lucidreel.models.graph.graph import find_class_layer
from lucidreel.models.graph.weights import random_weights
from lucidreel.models.zoo.registry import load_network

MakeNetwork = Callable[..., CaffeNetwork]

# Without padding anywhere, total stride 4: windows of 23 pixels see exactly what a crop of 23 pixels sees.
BODY = """
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 23 dim: 23 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
        convolution_param { num_output: 6 kernel_size: 5 stride: 2 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "pool1" type: "Pooling" bottom: "conv1" top: "pool1"
        pooling_param { kernel_size: 2 stride: 2 } }
layer { name: "norm1" type: "LRN" bottom: "pool1" top: "norm1" lrn_param { local_size: 3 alpha: 0.1 } }
"""
TAILS = {
    "inner products": """
        layer { name: "fc1" type: "InnerProduct" bottom: "norm1" top: "fc1"
                inner_product_param { num_output: 8 } }
        layer { name: "relu2" type: "ReLU" bottom: "fc1" top: "fc1" }
        layer { name: "drop" type: "Dropout" bottom: "fc1" top: "fc1" }
        layer { name: "score" type: "InnerProduct" bottom: "fc1" top: "score"
                inner_product_param { num_output: 5 transpose: true } }""",
    "flattened first": """
        layer { name: "flat" type: "Flatten" bottom: "norm1" top: "flat" }
        layer { name: "score" type: "InnerProduct" bottom: "flat" top: "score"
                inner_product_param { num_output: 5 bias_term: false } }""",
    "global average": """
        layer { name: "conv2" type: "Convolution" bottom: "norm1" top: "conv2"
                convolution_param { num_output: 5 kernel_size: 1 } }
        layer { name: "score" type: "Pooling" bottom: "conv2" top: "score"
                pooling_param { pool: AVE global_pooling: true } }""",
    "whole-map maximum, then an inner product": """
        layer { name: "top" type: "Pooling" bottom: "norm1" top: "top"
                pooling_param { kernel_size: 5 stride: 3 } }
        layer { name: "score" type: "InnerProduct" bottom: "top" top: "score"
                inner_product_param { num_output: 5 } }""",
}
PROB = 'layer { name: "prob" type: "Softmax" bottom: "score" top: "prob" }'


def padless(tail: str) -> CaffeNetwork:
    graph = build_graph(parse_prototxt(BODY + TAILS[tail] + PROB), "padless")
    network = CaffeNetwork("padless", graph, random_weights(graph, 3), class_layer=find_class_layer(graph))
    assert network.class_layer == "score"
    return network


@settings(deadline=None, max_examples=12)
@given(tail=st.sampled_from(list(TAILS)), rows=st.integers(1, 4), columns=st.integers(1, 4))
def test_every_window_is_scored_like_a_crop_where_nothing_is_padded(
    tail: str, rows: int, columns: int
) -> None:
    network = padless(tail)
    height, width = 23 + 4 * (rows - 1), 23 + 4 * (columns - 1)
    image = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(rows * 9 + columns))
    maps = network.dense().activations(image, ["score", "prob"])
    assert maps["score"].shape == maps["prob"].shape == (1, 5, rows, columns)
    for row in range(rows):
        for column in range(columns):
            crop = image[:, :, 4 * row : 4 * row + 23, 4 * column : 4 * column + 23]
            alone = network.activations(crop, ["score", "prob"])
            for name in maps:
                torch.testing.assert_close(
                    maps[name][0, :, row, column], alone[name].flatten(), rtol=1e-4, atol=1e-4
                )


@pytest.mark.parametrize("case", ["thin_googlenet", "thin_caffenet", "thin_resnet", "thin_squeezenet_v1.1"])
def test_at_its_own_input_size_a_padded_network_is_scored_alike(shared: Path, case: str) -> None:
    network = load_network(shared / "conformance" / case)
    layer = network.class_layer
    assert layer is not None
    image = torch.rand(1, 3, *network.input_size, generator=torch.Generator().manual_seed(0))
    dense, plain = (n.activations(image, [layer])[layer] for n in (network.dense(), network))
    assert dense.shape[2:] == (1, 1)
    torch.testing.assert_close(dense.flatten(), plain.flatten(), rtol=1e-4, atol=1e-5)


def test_squeezenet_slides_its_average_over_a_window_of_its_own_map(shared: Path) -> None:
    network = load_network(shared / "models" / "squeezenet_v1.0")
    # At 227x227 fire9 has 13x13 cells; conv10 is padded by one cell on each side, so pool10 averages 15x15.
    image = torch.rand(1, 3, 291, 259, generator=torch.Generator().manual_seed(0))
    cells = network.activations(image, ["relu_conv10"])["relu_conv10"]
    scores = network.dense().activations(image, ["pool10", "prob"])
    assert scores["pool10"].shape == (1, 1000, 5, 3)
    torch.testing.assert_close(scores["pool10"], F.avg_pool2d(cells, 15, 1), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(scores["prob"].sum(1), torch.ones(1, 5, 3))


def test_other_layers_keep_their_values(shared: Path) -> None:
    network = load_network(shared / "conformance" / "thin_googlenet")
    image = torch.rand(1, 3, 80, 90)
    name = "inception_4c/output"
    assert torch.equal(
        network.activations(image, [name])[name], network.dense().activations(image, [name])[name]
    )


@pytest.mark.parametrize("tail", TAILS)
def test_an_image_smaller_than_the_input_still_gets_scores(tail: str) -> None:
    image = torch.rand(1, 3, 15, 19, requires_grad=True)
    scores = padless(tail).dense().activations(image, ["score"])["score"]
    (gradient,) = torch.autograd.grad(scores.sum(), image)
    assert scores.shape == (1, 5, 1, 1)
    assert torch.isfinite(scores).all() and gradient.abs().max() > 0


@pytest.mark.parametrize("tail", TAILS)
def test_of_the_classes_only_the_wanted_ones_are_computed(tail: str) -> None:
    network = padless(tail)
    image = torch.rand(1, 3, 31, 27)
    chosen = network.dense((3, 0))
    assert next(info for info in chosen.layers if info.name == "score").channels == 2
    everything = network.dense().activations(image, ["score"])["score"]
    torch.testing.assert_close(chosen.activations(image, ["score"])["score"], everything[:, [3, 0]])


AVERAGED_THEN_PRODUCT = (
    BODY
    + """
    layer { name: "mean" type: "Pooling" bottom: "norm1" top: "mean"
            pooling_param { pool: AVE global_pooling: true } }
    layer { name: "drop" type: "Dropout" bottom: "mean" top: "mean" }
    layer { name: "score" type: "InnerProduct" bottom: "mean" top: "score"
            inner_product_param { num_output: 5 } }"""
)


@pytest.mark.parametrize("definition", [BODY + TAILS["global average"], AVERAGED_THEN_PRODUCT])
def test_the_sum_over_cells_has_the_gradient_of_the_sum_over_windows(definition: str) -> None:
    graph = build_graph(parse_prototxt(definition + PROB), "averaged")
    network = CaffeNetwork("averaged", graph, random_weights(graph, 3), class_layer="score")
    cells, windows = (network.dense((2, 4), averaged=averaged) for averaged in (False, True))
    assert cells.receptive_field(["score"]).halo < windows.receptive_field(["score"]).halo
    crop = torch.zeros(1, 3, *cells.input_size)
    for dense in (cells, windows):
        layers = {layer.name: layer.shape for layer in dense.layers}
        assert layers["score"][1:] == dense.activations(crop, ["score"])["score"].shape[1:]
    image = torch.rand(1, 3, 103, 103, generator=torch.Generator().manual_seed(4), requires_grad=True)
    gradients = []
    for dense in (cells, windows):
        (gradient,) = torch.autograd.grad(dense.activations(image, ["score"])["score"].sum(), image)
        gradients.append(gradient[..., 24:-24, 24:-24])  # all windows that hold these pixels fit
    assert gradients[1].abs().max() > 0
    torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-5)


def test_scores_that_are_no_averages_stay_what_they_are() -> None:
    network = padless("inner products")
    image = torch.rand(1, 3, 31, 27)
    cells, windows = (network.dense(averaged=averaged) for averaged in (False, True))
    assert torch.equal(*(dense.activations(image, ["score"])["score"] for dense in (cells, windows)))


def test_only_the_tail_slides_where_a_layer_before_it_has_the_same_name() -> None:
    same = (BODY + TAILS["global average"] + PROB).replace('name: "pool1"', 'name: "score"')
    graph = build_graph(parse_prototxt(same), "same")
    network = CaffeNetwork("same", graph, random_weights(graph, 3), class_layer=find_class_layer(graph))
    assert network.class_layer == "score#2"
    image = torch.rand(1, 3, 27, 23, generator=torch.Generator().manual_seed(0))
    scores = network.dense().activations(image, ["score#2"])["score#2"]
    lower = network.activations(image[:, :, 4:], ["score#2"])["score#2"]
    assert scores.shape == (1, 5, 2, 1)
    torch.testing.assert_close(scores[0, :, 1, 0], lower.flatten(), rtol=1e-4, atol=1e-4)


def test_a_layer_behind_the_scores_that_cannot_slide_is_left_out(make_network: MakeNetwork) -> None:
    network = make_network(
        """layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc"
           inner_product_param { num_output: 4 } }""",
        'layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }',
        'layer { name: "two" type: "Scale" bottom: "fc" top: "two" scale_param { num_axes: -1 } }',
        'layer { name: "after" type: "AbsVal" bottom: "two" top: "after" }',
        shape=(1, 3, 4, 4),
    )
    dense = network.dense()
    assert [info.name for info in dense.layers] == ["fc", "prob"]
    with pytest.raises(LayerNotFoundError, match="'two' of tiny is not run: it cannot slide"):
        dense.activations(torch.rand(1, 3, 6, 6), ["two"])


def test_a_tail_that_cannot_slide_is_named(make_network: MakeNetwork) -> None:
    network = make_network(
        """layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc"
           inner_product_param { num_output: 4 axis: 0 } }""",
        'layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" softmax_param { axis: 0 } }',
        shape=(1, 3, 4, 4),
    )
    network = CaffeNetwork("odd", network.graph, network.weights, class_layer="fc")
    with pytest.raises(TargetError, match=r"'fc' .* cannot slide"):
        network.dense()


def test_a_network_without_classes_stays_as_it_is(make_network: MakeNetwork) -> None:
    network = make_network('layer { name: "abs" type: "AbsVal" bottom: "data" top: "abs" }')
    assert network.dense() is network

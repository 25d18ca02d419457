"""Layers that compute value by value, or choose and lay out, from Caffe's definitions and by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lucidreel.errors import ModelFileError
from lucidreel.models.caffe_network import CaffeNetwork

from ..tops import tops_of

RunLayer = Callable[..., list[Tensor]]
MakeNetwork = Callable[..., CaffeNetwork]


def picture(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


ELEMENTWISE: dict[str, Callable[[Any], Any]] = {
    'type: "BNLL"': lambda x: np.log1p(np.exp(x)),
    'type: "Power" power_param { power: 3 scale: 0.5 shift: 2 }': lambda x: (2 + 0.5 * x) ** 3,
    'type: "Power" power_param { power: 0 }': np.ones_like,
    'type: "Power" power_param { power: 2 scale: 0 shift: 3 }': lambda x: np.full_like(x, 9.0),
    'type: "Exp" exp_param { base: 3 scale: 0.5 shift: -1 }': lambda x: 3 ** (-1 + 0.5 * x),
    'type: "Exp" exp_param { base: 0.5 }': lambda x: 0.5**x,
    'type: "Log" log_param { base: 2 scale: 0.1 shift: 3 }': lambda x: np.log2(3 + 0.1 * x),
    'type: "Threshold" threshold_param { threshold: 0.5 }': lambda x: (x > 0.5).astype(float),
    'type: "Clip" clip_param { min: -0.5 max: 1 }': lambda x: np.clip(x, -0.5, 1),
    'type: "Swish" swish_param { beta: 1.5 }': lambda x: x / (1 + np.exp(-1.5 * x)),
    'type: "ReLU6"': lambda x: np.clip(x, 0, 6),
    'type: "ELU" elu_param { alpha: 0.3 }': lambda x: np.where(x > 0, x, 0.3 * np.expm1(x)),
    'type: "Dropout" dropout_param { dropout_ratio: 0.9 }': lambda x: x,
    'type: "Tile" tile_param { axis: 2 tiles: 3 }': lambda x: np.tile(x, (1, 1, 3, 1)),
    'type: "Permute" permute_param { order: 0 order: 2 order: 3 }': lambda x: x.transpose(0, 2, 3, 1),
    'type: "Reduction" reduction_param { operation: ASUM axis: 1 }': lambda x: np.abs(x).sum((1, 2, 3)),
    'type: "Reduction" reduction_param { operation: SUMSQ axis: -1 }': lambda x: (x**2).sum(3),
    'type: "Reduction" reduction_param { operation: MEAN axis: 2 }': lambda x: x.mean((2, 3)),
    'type: "Reduction" reduction_param { coeff: 0.5 }': lambda x: 0.5 * x.sum(),
    'type: "Flatten" flatten_param { axis: -2 }': lambda x: x.reshape(*x.shape[:2], -1),
    'type: "Reshape" reshape_param { shape { dim: 0 dim: 0 dim: -1 } }': lambda x: x.reshape(2, 3, -1),
    'type: "Reshape" reshape_param { shape { dim: 1 } axis: 1 num_axes: 0 }': lambda x: x[:, None],
    'type: "Reshape" reshape_param { shape { dim: 1 } axis: -1 num_axes: 0 }': lambda x: x[..., None],
}  # fmt: skip


@pytest.mark.parametrize("text", ELEMENTWISE)
def test_layer_computes_its_formula(run_layer: RunLayer, text: str) -> None:
    x = picture(2, 3, 4, 5)
    (top,) = run_layer(f'layer {{ name: "l" bottom: "data" top: "l" {text} }}', x)
    expected = ELEMENTWISE[text](x.double().numpy())
    assert top.shape == np.shape(expected)
    np.testing.assert_allclose(top.numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "value"),
    [
        ("power: 0.5 scale: 0", 0.0),
        ("power: -1 scale: 0", math.inf),
        ("power: 2 scale: 0 shift: 3", 9.0),
        ("power: 0", 1.0),
    ],
)
def test_power_without_its_input_is_a_constant_of_zero_gradient(
    make_network: MakeNetwork, options: str, value: float
) -> None:
    x = torch.tensor([0.0, -1.0, 2.0, math.inf]).reshape(1, 1, 2, 2).requires_grad_()
    text = f'layer {{ name: "p" type: "Power" bottom: "data" top: "p" power_param {{ {options} }} }}'
    top = tops_of(make_network(text, shape=(1, 1, 2, 2)), x)["p"]["p"]
    (gradient,) = torch.autograd.grad(top.sum(), x)
    assert top.flatten().tolist() == [value] * 4
    assert gradient.flatten().tolist() == [0.0] * 4


@pytest.mark.parametrize(
    ("options", "shape", "values"),
    [
        ("", (1, 1, 1, 1), [3]),
        ("top_k: 2", (1, 1, 2, 1), [3, 1]),
        ("top_k: 2 out_max_val: true", (1, 2, 2, 1), [3, 1, 7, 7]),
        ("axis: 3", (1, 1, 2, 1), [1, 1]),
        ("axis: 3 out_max_val: true", (1, 1, 2, 1), [7, 7]),
    ],
)
def test_argmax_lists_positions_with_later_ties_first(
    run_layer: RunLayer, options: str, shape: tuple[int, ...], values: list[float]
) -> None:
    x = torch.tensor([[[[1.0, 7.0], [2.0, 7.0]]]])
    (top,) = run_layer(
        f'layer {{ name: "a" type: "ArgMax" bottom: "data" top: "a" argmax_param {{ {options} }} }}', x
    )
    assert tuple(top.shape) == shape
    assert top.flatten().tolist() == values


def test_filter_keeps_the_images_that_are_chosen(make_network: MakeNetwork) -> None:
    network = make_network(
        """layer { name: "m" type: "Reduction" bottom: "data" top: "m" reduction_param { axis: 1 } }""",
        'layer { name: "t" type: "Threshold" bottom: "m" top: "t" }',
        'layer { name: "f" type: "Filter" bottom: "data" bottom: "t" top: "f" }',
        shape=(3, 1, 2, 2),
    )
    x = torch.stack([torch.ones(1, 2, 2), -torch.ones(1, 2, 2), torch.full((1, 2, 2), 2.0)])
    assert torch.equal(tops_of(network, x)["f"]["f"], x[[0, 2]])


def test_batch_reindex_takes_images_in_the_given_order(make_network: MakeNetwork) -> None:
    network = make_network(
        """layer { name: "i" type: "DummyData" top: "i"
           dummy_data_param { shape { dim: 4 } data_filler { value: 1 } } }""",
        'layer { name: "b" type: "BatchReindex" bottom: "data" bottom: "i" top: "b" }',
        shape=(2, 1, 2, 2),
    )
    x = picture(2, 1, 2, 2)
    assert torch.equal(tops_of(network, x)["b"]["b"], x[[1, 1, 1, 1]])


def test_embed_looks_rows_up_and_adds_the_bias(run_layer: RunLayer) -> None:
    text = """layer { name: "e" type: "Embed" bottom: "data" top: "e"
              embed_param { num_output: 2 input_dim: 3 } }"""
    x = torch.tensor([[[[0.0, 2.0]]]])
    (top,) = run_layer(text, x, blobs={"e": [[[1, 2], [3, 4], [5, 6]], [10, 20]]})
    assert top.tolist() == [[[[[11.0, 22.0], [15.0, 26.0]]]]]


def test_axpy_scales_channels_and_adds(make_network: MakeNetwork) -> None:
    network = make_network(
        """layer { name: "g" type: "Pooling" bottom: "data" top: "g"
           pooling_param { pool: AVE global_pooling: true } }""",
        'layer { name: "a" type: "Axpy" bottom: "g" bottom: "data" bottom: "data" top: "a" }',
        shape=(2, 3, 4, 4),
    )
    x = picture(2, 3, 4, 4)
    expected = x.mean((2, 3), keepdim=True) * x + x
    torch.testing.assert_close(tops_of(network, x)["a"]["a"], expected)


def test_im2col_lays_windows_out_as_channels(run_layer: RunLayer) -> None:
    text = 'layer { name: "c" type: "Im2col" bottom: "data" top: "c" convolution_param { kernel_size: 2 } }'
    (top,) = run_layer(text, torch.arange(9.0).reshape(1, 1, 3, 3))
    assert top.shape == (1, 4, 2, 2)
    assert top[0, :, 0, 1].tolist() == [1, 2, 4, 5]


def test_convolution_on_a_later_axis_takes_the_axes_before_as_independent(run_layer: RunLayer) -> None:
    text = """layer { name: "c" type: "Convolution" bottom: "data" top: "c"
              convolution_param { num_output: 2 axis: 2 kernel_size: 3 bias_term: false } }"""
    x, weight = picture(2, 3, 4, 6), picture(2, 4, 3, seed=1)
    (top,) = run_layer(text, x, blobs={"c": [weight]})
    expected = F.conv1d(x.reshape(6, 4, 6), weight).reshape(2, 3, 2, 4)
    torch.testing.assert_close(top, expected)


@pytest.mark.parametrize("values", [(2.0, 2.0, 1.0), (1.0, 2.0, 2.0), (3.0, 3.0, 3.0)])
def test_eltwise_max_gives_a_tie_to_the_second_and_otherwise_to_the_earlier(
    make_network: MakeNetwork, values: tuple[float, float, float]
) -> None:
    network = make_network(
        *(f'layer {{ name: "b{i}" type: "Power" bottom: "data" top: "b{i}" '
          f'power_param {{ shift: {v} scale: {10**i} }} }}'
          for i, v in enumerate(values)),
        """layer { name: "m" type: "Eltwise" bottom: "b0" bottom: "b1" bottom: "b2" top: "m"
           eltwise_param { operation: MAX } }""",
        shape=(1, 1, 1, 1),
    )  # fmt: skip
    data = torch.zeros(1, 1, 1, 1, requires_grad=True)
    (gradient,) = torch.autograd.grad(tops_of(network, data)["m"]["m"].sum(), data)
    assert gradient.item() == 10.0  # all of it through the second branch, which multiplies by 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('type: "LRN" lrn_param { local_size: 4 }', "local_size 4 has to be odd"),
        ('type: "Pooling" pooling_param { pool: AVE }', "kernel_size is missing"),
        ('type: "Convolution" convolution_param { num_output: 4 group: 2 kernel_size: 1 }', "group 2"),
        ('type: "Reshape" reshape_param { shape { dim: 7 } }', "cannot become"),
        ('type: "Concat" concat_param { axis: 5 }', "axis 5 does not exist"),
        ('type: "Slice" slice_param { axis: 1 slice_point: 1 slice_point: 2 }', "2 slice points for 1 tops"),
        ('type: "Exp" exp_param { base: -2 }', "base -2.0 has to be positive"),
    ],
)
def test_impossible_parameters_are_named(make_network: MakeNetwork, text: str, message: str) -> None:
    with pytest.raises(ModelFileError, match=message) as caught:
        make_network(f'layer {{ name: "odd" bottom: "data" top: "odd" {text} }}', shape=(1, 3, 4, 4))
    assert "tiny.prototxt: layer 'odd'" in str(caught.value)

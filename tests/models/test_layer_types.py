"""Layer types against plain NumPy written from Caffe's definitions, and against known answers by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from lucidreel.errors import ModelFileError
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.layers.lrn import across_channels
from lucidreel.models.layers.pooling import AVE, MAX, output_length, pool

RunLayer = Callable[..., list[Tensor]]
MakeNetwork = Callable[..., CaffeNetwork]


def picture(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


# Pooling ------------------------------------------------------------------------------------------------


def caffe_pool_1d(x: list[float], kernel: int, stride: int, pad: int, method: int) -> list[float]:
    """Caffe's pooling along one axis, window by window."""
    count = math.ceil((len(x) + 2 * pad - kernel) / stride) + 1
    if pad and (count - 1) * stride >= len(x) + pad:
        count -= 1
    tops = []
    for index in range(count):
        start = index * stride - pad
        end = min(start + kernel, len(x) + pad)
        size, cells = end - start, x[max(start, 0) : min(end, len(x))]
        tops.append(max(cells) if method == MAX else sum(cells) / size)
    return tops


@settings(deadline=None, max_examples=150)
@given(
    length=st.integers(1, 12), kernel=st.integers(1, 6), stride=st.integers(1, 4), pad=st.integers(0, 5),
    method=st.sampled_from([MAX, AVE]), seed=st.integers(0, 99),
)  # fmt: skip
def test_pooling_along_one_axis_follows_caffes_windows(
    length: int, kernel: int, stride: int, pad: int, method: int, seed: int
) -> None:
    assume(pad < kernel <= length + 2 * pad and stride <= kernel)
    x = picture(length, seed=seed)
    top = pool(x.reshape(1, 1, length, 1), method, (kernel, 1), (stride, 1), (pad, 0), ceil=True)
    expected = caffe_pool_1d(x.tolist(), kernel, stride, pad, method)
    assert output_length(length, kernel, stride, pad, True, pad > 0) == len(expected)
    assert top.flatten().tolist() == pytest.approx(expected, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_padding_beyond_half_a_kernel_never_is_the_maximum(dtype: torch.dtype) -> None:
    x = torch.tensor([-5.0, -7.0, -6.0], dtype=dtype).reshape(1, 1, 3, 1)
    top = pool(x, MAX, (3, 1), (1, 1), (2, 0), ceil=True)
    assert top.flatten().tolist() == [-5.0, -5.0, -5.0, -6.0, -6.0]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("channels", [1, 3, 16, 40])
def test_equal_maxima_give_their_gradient_to_the_first_one(
    layout: torch.memory_format, channels: int
) -> None:
    x = torch.zeros(2, channels, 9, 11).contiguous(memory_format=layout).requires_grad_()
    (gradient,) = torch.autograd.grad(pool(x, MAX, (3, 3), (2, 2), (1, 1), ceil=True).sum(), x)
    expected = torch.zeros(9, 11)
    for row in range(5):
        for column in range(6):
            expected[max(0, 2 * row - 1), max(0, 2 * column - 1)] += 1
    assert torch.equal(gradient, expected.expand_as(x))


def test_empty_windows_of_a_stride_beyond_the_kernel_are_kept(run_layer: RunLayer) -> None:
    # 5 cells, kernel 1, stride 3: windows at 0, 3 and 6; the last one is empty.
    text = 'layer {{ name: "p" type: "Pooling" bottom: "data" top: "p" pooling_param {{ {} }} }}'
    x = torch.arange(25.0).reshape(1, 1, 5, 5)
    (average,) = run_layer(text.format("pool: AVE kernel_size: 1 stride: 3"), x)
    assert average.tolist() == [[[[0, 3, 0], [15, 18, 0], [0, 0, 0]]]]


def test_max_pooling_has_a_second_top_of_plane_indices(run_layer: RunLayer) -> None:
    text = """layer { name: "p" type: "Pooling" bottom: "data" top: "p" top: "mask"
              pooling_param { kernel_size: 2 stride: 2 } }"""
    x = torch.tensor([[[[1.0, 5.0, 2.0], [3.0, 4.0, 9.0]]]])
    top, mask = run_layer(text, x)
    assert top.tolist() == [[[[5.0, 9.0]]]]
    assert mask.tolist() == [[[[1.0, 5.0]]]]


def test_stochastic_pooling_in_the_test_phase_weighs_by_value(run_layer: RunLayer) -> None:
    text = """layer { name: "p" type: "Pooling" bottom: "data" top: "p"
              pooling_param { pool: STOCHASTIC kernel_size: 2 stride: 2 } }"""
    x = torch.tensor([[[[1.0, 3.0, 0.0, 0.0], [0.0, 4.0, 0.0, 0.0]]]])
    (top,) = run_layer(text, x)
    assert top.flatten().tolist() == pytest.approx([26 / 8, 0.0])


def test_spatial_pyramid_joins_the_pools_of_every_level(run_layer: RunLayer) -> None:
    text = 'layer { name: "s" type: "SPP" bottom: "data" top: "s" spp_param { pyramid_height: 3 } }'
    x = picture(2, 3, 8, 8)
    (top,) = run_layer(text, x)
    expected = torch.cat([F.max_pool2d(x, 8 // bins).flatten(1) for bins in (1, 2, 4)], 1)
    assert torch.equal(top, expected)
    (single,) = run_layer(text.replace("3", "1"), x)
    assert single.shape == (2, 3, 1, 1)


# Normalisation ------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=30)
@given(
    size=st.sampled_from([1, 3, 5, 7, 9]), channels=st.integers(1, 12), seed=st.integers(0, 9),
    beta=st.sampled_from([0.75, 0.5, 1.3]), alpha=st.sampled_from([1e-4, 0.3, 2.0]),
    k=st.sampled_from([1.0, 2.5]),
)  # fmt: skip
def test_response_norm_across_channels_equals_autograd_of_its_formula(
    size: int, channels: int, seed: int, beta: float, alpha: float, k: float
) -> None:
    x = picture(2, channels, 3, 4, seed=seed).double()
    band = (torch.arange(channels)[:, None] - torch.arange(channels)).abs() <= size // 2
    plain = x.clone().requires_grad_()
    energy = torch.einsum("cd,ndhw->nchw", band.double(), plain.square())
    expected = plain * (k + alpha / size * energy) ** -beta
    weights = picture(*x.shape, seed=seed + 1).double()
    (wanted,) = torch.autograd.grad(expected, plain, weights)
    ours = x.float().requires_grad_()
    top = across_channels(ours, size, alpha, beta, k)
    (gradient,) = torch.autograd.grad(top, ours, weights.float())
    torch.testing.assert_close(top.double(), expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(gradient.double(), wanted, rtol=1e-4, atol=1e-5)


def test_response_norm_keeps_layout_and_type() -> None:
    x = picture(1, 8, 4, 4).contiguous(memory_format=torch.channels_last).bfloat16().requires_grad_()
    top = across_channels(x, 5, 1e-4, 0.75, 1.0)
    (gradient,) = torch.autograd.grad(top.sum(), x)
    assert top.dtype == gradient.dtype == torch.bfloat16
    assert top.is_contiguous(memory_format=torch.channels_last)


def test_mean_variance_normalization_adds_eps_to_the_deviation(run_layer: RunLayer) -> None:
    text = 'layer {{ name: "m" type: "MVN" bottom: "data" top: "m" mvn_param {{ {} }} }}'
    x = picture(2, 3, 4, 5)
    for options, axes in (("eps: 0.5", (2, 3)), ("eps: 0.5 across_channels: true", (1, 2, 3))):
        centred = x - x.mean(axes, keepdim=True)
        (top,) = run_layer(text.format(options), x)
        expected = centred / (centred.square().mean(axes, keepdim=True).sqrt() + 0.5)
        torch.testing.assert_close(top, expected)
    (top,) = run_layer(text.format("normalize_variance: false"), x)
    torch.testing.assert_close(top, x - x.mean((2, 3), keepdim=True))


@pytest.mark.parametrize(
    "x", [picture(2, 3, 4, 5), torch.full((2, 3, 4, 5), 0.25)], ids=["random", "constant"]
)
def test_mean_variance_normalization_has_caffes_gradient(make_network: MakeNetwork, x: Tensor) -> None:
    text = 'layer { name: "m" type: "MVN" bottom: "data" top: "m" mvn_param { eps: 0.5 } }'
    x = x.clone().requires_grad_()
    top = make_network(text, shape=tuple(x.shape)).blobs(x)["m"]["m"]
    diff = picture(*x.shape, seed=1)
    (gradient,) = torch.autograd.grad(top, x, diff)
    y, g = top.detach().double().numpy(), diff.double().numpy()
    divisor = x.detach().double().numpy().std((2, 3), keepdims=True) + 0.5
    expected = (g - g.mean((2, 3), keepdims=True) - y * (y * g).mean((2, 3), keepdims=True)) / divisor
    np.testing.assert_allclose(gradient.numpy(), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("variance", ["true", "false"])
def test_mean_variance_normalization_of_single_values_gives_zero(
    make_network: MakeNetwork, variance: str
) -> None:
    network = make_network(
        'layer { name: "f" type: "Flatten" bottom: "data" top: "f" }',
        f"""layer {{ name: "m" type: "MVN" bottom: "f" top: "m"
            mvn_param {{ normalize_variance: {variance} }} }}""",
        shape=(2, 3, 4, 5),
    )
    x = picture(2, 3, 4, 5).requires_grad_()
    top = network.blobs(x)["m"]["m"]
    (gradient,) = torch.autograd.grad(top.sum(), x)
    assert top.shape == (2, 60) and not top.any() and not gradient.any()


def test_batch_statistics_of_a_single_value_give_zero(run_layer: RunLayer) -> None:
    text = """layer { name: "b" type: "BatchNorm" bottom: "data" top: "b"
              batch_norm_param { use_global_stats: false } }"""
    (top,) = run_layer(text, picture(1, 3, 1, 1))
    torch.testing.assert_close(top, torch.zeros(1, 3, 1, 1), rtol=0, atol=1e-4)


def test_normalize_divides_by_the_norm_over_channels(run_layer: RunLayer) -> None:
    text = """layer { name: "n" type: "Normalize" bottom: "data" top: "n"
              norm_param { across_spatial: false channel_shared: false } }"""
    x = picture(1, 3, 4, 4)
    (top,) = run_layer(text, x, blobs={"n": [[2.0, 3.0, 4.0]]})
    expected = x / x.norm(dim=1, keepdim=True) * torch.tensor([2.0, 3.0, 4.0]).reshape(1, 3, 1, 1)
    torch.testing.assert_close(top, expected)


# One value at a time ------------------------------------------------------------------------------------

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
    top = make_network(text, shape=(1, 1, 2, 2)).blobs(x)["p"]["p"]
    (gradient,) = torch.autograd.grad(top.sum(), x)
    assert top.flatten().tolist() == [value] * 4
    assert gradient.flatten().tolist() == [0.0] * 4


# Choices ------------------------------------------------------------------------------------------------


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
    assert torch.equal(network.blobs(x)["f"]["f"], x[[0, 2]])


def test_batch_reindex_takes_images_in_the_given_order(make_network: MakeNetwork) -> None:
    network = make_network(
        """layer { name: "i" type: "DummyData" top: "i"
           dummy_data_param { shape { dim: 4 } data_filler { value: 1 } } }""",
        'layer { name: "b" type: "BatchReindex" bottom: "data" bottom: "i" top: "b" }',
        shape=(2, 1, 2, 2),
    )
    x = picture(2, 1, 2, 2)
    assert torch.equal(network.blobs(x)["b"]["b"], x[[1, 1, 1, 1]])


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
    torch.testing.assert_close(network.blobs(x)["a"]["a"], expected)


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
    (gradient,) = torch.autograd.grad(network.blobs(data)["m"]["m"].sum(), data)
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

"""Caffe's pooling: its windows, ties, gradients and forms, against plain Python and answers by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.layers.pooling import AVE, MAX, output_length, pool

RunLayer = Callable[..., list[Tensor]]
MakeNetwork = Callable[..., CaffeNetwork]


def picture(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


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

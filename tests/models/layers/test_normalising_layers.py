"""Layers that normalise, across channels, within planes and over batches, against their formulas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.layers.derivatives import across_channels

from ..tops import tops_of

RunLayer = Callable[..., list[Tensor]]
MakeNetwork = Callable[..., CaffeNetwork]


def picture(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


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
    top = tops_of(make_network(text, shape=tuple(x.shape)), x)["m"]["m"]
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
    top = tops_of(network, x)["m"]["m"]
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

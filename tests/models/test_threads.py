"""The same numbers to the bit, whatever the number of threads: what repeatable dreams rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.registry import load_network

CPU = torch.device("cpu")
CHANNELS = (3, 17, 24, 40)


@pytest.fixture
def _own_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def value_and_gradient(network: CaffeNetwork, layer: str, threads: int) -> tuple[Tensor, Tensor]:
    torch.set_num_threads(threads)
    image = torch.rand(1, 3, 176, 208, generator=torch.Generator().manual_seed(1)).requires_grad_()
    value = network.activations(image, [layer])[layer]
    (gradient,) = torch.autograd.grad(value.float().square().sum(), image)
    return value.detach(), gradient


@pytest.mark.usefixtures("_own_threads")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("kernel", [1, 3])
def test_widths_that_fill_no_vector_give_the_same_bits_for_any_threads(
    make_network: Callable[..., CaffeNetwork], kernel: int, dtype: torch.dtype
) -> None:
    names = ["data", *(f"conv{width}" for width in CHANNELS)]
    layers = [
        f"""layer {{ name: "{top}" type: "Convolution" bottom: "{bottom}" top: "{top}" convolution_param {{
            num_output: {width} kernel_size: {kernel} pad: {kernel // 2} }} }}
            layer {{ name: "relu{top}" type: "ReLU" bottom: "{top}" top: "{top}" }}"""
        for bottom, top, width in zip(names[:-1], names[1:], CHANNELS, strict=True)
    ]
    network = make_network(*layers).to(CPU, dtype)
    alone = value_and_gradient(network, names[-1], 1)
    for threads in (2, 3, 8):
        for one, many in zip(alone, value_and_gradient(network, names[-1], threads), strict=True):
            assert torch.equal(one, many), threads


@pytest.mark.usefixtures("_own_threads")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_googlenet_scores_give_the_same_bits_for_any_threads(shared: Path, dtype: torch.dtype) -> None:
    path = shared / "models" / "definitions" / "bvlc_googlenet.prototxt"
    network = load_network(path, random_seed=0).dense([7]).to(CPU, dtype)
    alone = value_and_gradient(network, "loss3/classifier", 1)
    for threads in (2, 4):
        for one, many in zip(alone, value_and_gradient(network, "loss3/classifier", threads), strict=True):
            assert torch.equal(one, many), threads

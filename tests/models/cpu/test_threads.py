"""What the number of CPU threads may change: nothing in compiled loops, last bits in convolutions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lucidreel.models.cpu.kernels.lrn import lrn, lrn_backward
from lucidreel.models.cpu.kernels.max_pool import max_pool, max_pool_backward
from lucidreel.models.cpu.kernels.pixels import from_blocks, interleave, separate
from lucidreel.models.zoo.registry import load_network

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _own_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def noise(*shape: int, seed: int = 1) -> Tensor:
    made = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    return made.contiguous(memory_format=torch.channels_last)


def pooled(dtype: torch.dtype) -> list[Tensor]:
    below = noise(1, 24, 61, 83).to(dtype)
    top, taps = max_pool(below, (30, 41), (3, 3), (2, 2), (0, 0), rectified=True)
    return [
        top,
        taps,
        max_pool_backward(noise(1, 24, 30, 41, seed=2).to(dtype), taps, (61, 83), (3, 3), (2, 2), (0, 0)),
    ]


def normalised(dtype: torch.dtype) -> list[Tensor]:
    x, gradient = noise(1, 40, 47, 53).to(dtype), noise(1, 40, 47, 53, seed=2).to(dtype)
    numbers = (5, 0.3, 0.75, 1.0)
    return [lrn(x, *numbers), lrn_backward(gradient, x, *numbers, rectified=False)]


def to_and_from_pixels(dtype: torch.dtype) -> list[Tensor]:
    images = torch.rand(1, 3, 173, 211, generator=torch.Generator().manual_seed(1))
    data = interleave(images, (2, 1, 0), (255.0,) * 3, (104.0, 117.0, 123.0), dtype)
    blocks = noise(1, 12, 100, 120).to(dtype)
    return [data, separate(data, (2, 1, 0), (255.0,) * 3), from_blocks(blocks, (197, 238), (1, 1), 3)]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("made", [pooled, normalised, to_and_from_pixels])
def test_compiled_loops_give_the_same_bits_for_any_number_of_threads(
    made: Callable[[torch.dtype], list[Tensor]], dtype: torch.dtype
) -> None:
    torch.set_num_threads(1)
    alone = made(dtype)
    for threads in (2, 3, 8):
        torch.set_num_threads(threads)
        for one, many in zip(alone, made(dtype), strict=True):
            assert torch.equal(one, many), threads


def value_and_gradient(path: Path, dtype: torch.dtype, threads: int) -> tuple[Tensor, Tensor]:
    """Load GoogLeNet anew; return its score of one class on a noisy picture, and the gradient there."""
    torch.set_num_threads(threads)
    network = load_network(path, random_seed=0).dense([7]).to(CPU, dtype)
    image = torch.rand(1, 3, 176, 208, generator=torch.Generator().manual_seed(1)).requires_grad_()
    value = network.activations(image, ["loss3/classifier"])["loss3/classifier"]
    (gradient,) = torch.autograd.grad(value.float().square().sum(), image)
    return value.detach(), gradient


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_same_number_of_threads_gives_the_same_bits_and_another_the_same_direction(
    shared: Path, dtype: torch.dtype
) -> None:
    path = shared / "models" / "definitions" / "bvlc_googlenet.prototxt"
    value, gradient = value_and_gradient(path, dtype, 2)
    again = value_and_gradient(path, dtype, 2)
    assert torch.equal(value, again[0]) and torch.equal(gradient, again[1])
    _, other = value_and_gradient(path, dtype, 3)
    assert torch.cosine_similarity(gradient.flatten(), other.flatten(), dim=0) > 0.999

"""The gradient of a first convolution, by products, against PyTorch's in float64."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn.grad import conv2d_input

from lucidreel.models.cpu.kernels.strided import StridedGradient

Pair = tuple[int, int]
# Outputs, channels, kernel, stride, pad.
CONVOLUTIONS = [
    (64, 3, (7, 7), 2, (3, 3)),
    (96, 3, (7, 7), 2, (0, 0)),
    (20, 3, (11, 11), 4, (0, 2)),
    (7, 5, (3, 5), 3, (1, 0)),
    (16, 1, (2, 2), 2, (0, 0)),
    (16, 2, (3, 3), 4, (1, 1)),
]


def case(counts: Pair, kernel: Pair, stride: int, pad: Pair, size: Pair) -> tuple[Tensor, Tensor, Tensor]:
    """Return weights, the gradient at the top, and the one at the bottom of (height, width) `size`, exact."""
    weight = torch.randn(*counts, *kernel) / math.sqrt(counts[0])
    top = [(length + 2 * p - k) // stride + 1 for length, p, k in zip(size, pad, kernel, strict=True)]
    gradient = torch.randn(2, counts[0], *top).contiguous(memory_format=torch.channels_last)
    shape = (2, counts[1], *size)
    exact: Tensor = conv2d_input(shape, weight.double(), gradient.double(), stride, pad)  # type: ignore[no-untyped-call]
    return weight, gradient, exact


def map_like(expected: Tensor, value: float) -> Tensor:
    return torch.full_like(expected, value, dtype=torch.float32).contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(("outputs", "channels", "kernel", "stride", "pad"), CONVOLUTIONS)
@pytest.mark.parametrize("size", [(31, 120), (40, 53), (12, 11)])
def test_is_the_gradient_at_every_pixel(
    outputs: int, channels: int, kernel: Pair, stride: int, pad: Pair, size: Pair
) -> None:
    weight, gradient, exact = case((outputs, channels), kernel, stride, pad, size)
    found, more = map_like(exact, math.nan), map_like(exact, 2)
    StridedGradient(weight, stride).send(gradient, found, pad, 0, add=False)
    StridedGradient(weight, stride).send(gradient, more, pad, 0, add=True)
    torch.testing.assert_close(found.double(), exact, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(more.double(), exact + 2, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("first", [0, 1, 8, 19])
def test_some_rows_are_those_of_the_whole(first: int) -> None:
    weight, gradient, exact = case((64, 3), (7, 7), 2, (3, 3), (31, 60))
    found = map_like(exact[:, :, first : first + 9], math.nan)
    block, before = (first + 3) // 2, (first + 3) % 2
    upper = max(0, block - 3)  # the first row with a part in the block
    StridedGradient(weight, 2).send(gradient[:, :, upper:], found, (before, 3), block - upper, add=False)
    torch.testing.assert_close(found.double(), exact[:, :, first : first + 9], rtol=1e-4, atol=1e-5)

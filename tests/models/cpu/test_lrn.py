"""The compiled LRN against autograd of its formula in float64, and the powers that it is made of."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from lucidreel.models.cpu.kernels.compiled import compiled
from lucidreel.models.cpu.kernels.lrn import lrn, lrn_backward
from lucidreel.models.cpu.kernels.powers import three_quarters_and_whole

Floats = NDArray[np.float32]


@compiled
def powers_of(numbers: Floats, three_quarters: Floats, whole: Floats) -> None:
    for i in range(numbers.shape[0]):
        three_quarters[i], whole[i] = three_quarters_and_whole(numbers[i])


def test_powers_without_roots_are_as_near_as_those_with_roots() -> None:
    numbers = np.geomspace(1e-37, 1e37, 1_000_001).astype(np.float32)
    three_quarters, whole = np.empty_like(numbers), np.empty_like(numbers)
    powers_of(numbers, three_quarters, whole)
    exact = numbers.astype(np.float64)
    rooted = np.float32(1) / (np.sqrt(numbers) * np.sqrt(np.sqrt(numbers)))
    error = np.abs(three_quarters * exact**0.75 - 1).max()
    assert 0 < error <= np.abs(rooted * exact**0.75 - 1).max() <= 2**-22
    assert np.abs(whole * exact - 1).max() <= 2**-23  # a division's rounding is half of that


def map_of(*shape: int, dtype: torch.dtype, scale: float = 1) -> Tensor:
    return (scale * torch.randn(shape)).to(dtype).contiguous(memory_format=torch.channels_last)


def by_formula(x: Tensor, size: int, rate: float, beta: float, k: float) -> Tensor:
    channels = torch.arange(x.shape[1])
    band = ((channels[:, None] - channels).abs() <= size // 2).double()
    return x * (k + rate * torch.einsum("cd,ndhw->nchw", band, x.square())) ** -beta


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["float32", "bf16"])
@pytest.mark.parametrize("rectified", [False, True])
@pytest.mark.parametrize("channels", [1, 4, 21, 64])
@pytest.mark.parametrize(
    "numbers",
    [(5, 2e-5, 0.75, 1.0), (5, 0.4, 0.75, 2.0), (3, 0.3, 0.75, 1.0), (7, 0.5, 0.6, 1.5), (1, 0.2, 0.75, 1.0),
     (5, -0.001, 0.75, 3.0)],
)  # fmt: skip
def test_values_and_gradients_are_those_of_the_formula(
    numbers: tuple[int, float, float, float], channels: int, rectified: bool, dtype: torch.dtype
) -> None:
    # More cells than are worked on at once.
    x = map_of(2, channels, 23, 45, dtype=dtype, scale=9 if numbers[1] > 0 else 1)
    gradient = map_of(*x.shape, dtype=dtype)
    exact = x.double().requires_grad_()
    expected = by_formula(exact, *numbers)
    (wanted,) = torch.autograd.grad(expected, exact, gradient.double())
    wanted = torch.where(exact > 0, wanted, 0) if rectified else wanted
    near, absolutely = (4e-6, 4e-6) if dtype == torch.float32 else (2**-8, 1e-5)
    torch.testing.assert_close(lrn(x, *numbers).double(), expected, rtol=near, atol=absolutely)
    found = lrn_backward(gradient, x, *numbers, rectified=rectified)
    torch.testing.assert_close(found.double(), wanted, rtol=near, atol=absolutely)


def test_the_map_itself_and_the_gradient_can_be_written_over() -> None:
    numbers = (5, 0.1, 0.75, 1.0)
    x, gradient = (map_of(1, 16, 40, 30, dtype=torch.float32) for _ in range(2))
    below, top = lrn_backward(gradient, x, *numbers, rectified=True), lrn(x, *numbers)
    assert torch.equal(lrn_backward(gradient, x, *numbers, rectified=True, into=gradient), below)
    assert torch.equal(lrn(x, *numbers, into=x), top)
    assert torch.equal(x, top)
    assert torch.equal(gradient, below)

"""Convolutions with fewer products against PyTorch's in float64."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lucidreel.models.cpu.kernels.winograd import WinogradWeights, winograd

Pair = tuple[int, int]
# Sizes that are whole tiles, odd, less than one, and (more than a hundred tiles) shared among threads.
SIZES = [(8, 12), (13, 22), (3, 5), (1, 1), (41, 45)]
# Channels and outputs: one vector, several of each width, some in part empty, and very many weights.
COUNTS = [(16, 16), (48, 112), (160, 64), (3, 20), (21, 5), (144, 240)]


def map_of(n: int, channels: int, size: Pair) -> Tensor:
    return torch.randn(n, channels, *size).contiguous(memory_format=torch.channels_last)


def weight_of(counts: Pair) -> Tensor:
    """Return weights of results about as large as the map."""
    return torch.randn(counts[1], counts[0], 3, 3) / (3 * math.sqrt(counts[0]))


def assert_close(found: Tensor, expected: Tensor) -> None:
    error = (found.double() - expected).square().mean().sqrt()
    assert error <= 5e-6 * expected.square().mean().sqrt()


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("pad", [(1, 1), (2, 1), (2, 2)])
def test_is_the_convolution_of_the_padded_map(counts: Pair, size: Pair, pad: Pair) -> None:
    x, weight, bias = (
        map_of(2, counts[0], size),
        weight_of(counts),
        torch.randn(counts[1]),
    )
    found = winograd(x, WinogradWeights(weight), bias, None, None, pad)
    assert_close(found, F.conv2d(x.double(), weight.double(), bias.double(), padding=pad))
    assert found.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize("limit", [None, 6.0, math.inf])
def test_adds_to_what_is_there_before_it_is_held_between_limits(counts: Pair, limit: float | None) -> None:
    x, weight = map_of(1, counts[0], (11, 18)), weight_of(counts)
    there = 3 * map_of(1, counts[1], (9, 16))
    expected = there.double() + F.conv2d(x.double(), weight.double())
    expected = expected if limit is None else expected.clamp(0, limit)
    found = winograd(x, WinogradWeights(weight), None, there, limit, (0, 0))
    assert found is there
    assert_close(found, expected)


@pytest.mark.parametrize("counts", COUNTS)
def test_bits_do_not_depend_on_the_number_of_threads(counts: Pair) -> None:
    x, weights = map_of(2, counts[0], (70, 61)), WinogradWeights(weight_of(counts))
    number, found = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            found.append(winograd(x, weights, None, None, None, (1, 1)))
    finally:
        torch.set_num_threads(number)
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[0], found[2])


def test_what_is_not_a_number_stays_so() -> None:
    x = map_of(1, 16, (9, 9))
    x[0, 3, 4, 4] = math.nan
    found = winograd(x, WinogradWeights(weight_of((16, 16))), None, None, math.inf, (1, 1))
    assert found[:, :, 3:6, 3:6].isnan().all()

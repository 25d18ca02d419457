"""The compiled max pooling against what its definition says, cell by cell."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from lucidreel.models.cpu.kernels.max_pool import max_pool, max_pool_backward
from lucidreel.models.cpu.kernels.max_pool_back import CUT

Pair = tuple[int, int]
# Name -> kernel, stride, pad.
WINDOWS: dict[str, tuple[Pair, Pair, Pair]] = {
    "three by three, every second cell": ((3, 3), (2, 2), (0, 0)),
    "three by three, every second cell, padded": ((3, 3), (2, 2), (1, 1)),
    "three by three, every second cell, padded by two": ((3, 3), (2, 2), (2, 2)),
    "three by three, every cell, padded": ((3, 3), (1, 1), (1, 1)),
    "three by three, every cell": ((3, 3), (1, 1), (0, 0)),
    "two by two, every second cell": ((2, 2), (2, 2), (0, 0)),
    "two by two, every second cell, padded": ((2, 2), (2, 2), (1, 1)),
    "two by two, every cell": ((2, 2), (1, 1), (1, 1)),
    "apart": ((2, 2), (3, 3), (0, 0)),
    "five by four": ((5, 4), (2, 1), (2, 3)),
}


def map_of(*shape: int, dtype: torch.dtype) -> Tensor:
    """Return a map of few different numbers, most of them several times in a window."""
    numbers = torch.randint(-3, 4, shape, dtype=torch.float32) / 2
    return numbers.to(dtype).contiguous(memory_format=torch.channels_last)


def size_of(length: int, kernel: int, stride: int, pad: int, *, ceil: bool) -> int:
    steps = length + 2 * pad - kernel
    return (-(-steps // stride) if ceil else steps // stride) + 1


def by_definition(
    bottom: Tensor, size: Pair, kernel: Pair, stride: Pair, pad: Pair, *, rectified: bool
) -> tuple[Tensor, Tensor]:
    """Return maxima and taps, each window by itself: of equal numbers, the first."""
    top, taps = (
        torch.empty((*bottom.shape[:2], *size)),
        torch.empty((*bottom.shape[:2], *size), dtype=torch.uint8),
    )
    for row in range(size[0]):
        for column in range(size[1]):
            best = torch.full(bottom.shape[:2], torch.finfo(bottom.dtype).min)
            tap = torch.full(bottom.shape[:2], CUT, dtype=torch.uint8)
            for ky in range(kernel[0]):
                for kx in range(kernel[1]):
                    y, x = row * stride[0] - pad[0] + ky, column * stride[1] - pad[1] + kx
                    if 0 <= y < bottom.shape[2] and 0 <= x < bottom.shape[3]:
                        here = bottom[:, :, y, x].float()
                        new = (here > best) | (tap == CUT)
                        best = torch.where(new, here, best)
                        tap = torch.where(new, ky * kernel[1] + kx, tap)
            top[:, :, row, column] = best
            taps[:, :, row, column] = torch.where((best > 0) | (not rectified), tap, CUT)
    return top, taps


def sent_back(gradient: Tensor, taps: Tensor, below: Tensor, kernel: Pair, stride: Pair, pad: Pair) -> Tensor:
    """Return the gradient at the map `below`: that of every window goes to its tap."""
    found = torch.zeros(below.shape)
    for n, c, row, column in torch.cartesian_prod(*(torch.arange(length) for length in taps.shape)).tolist():
        tap = int(taps[n, c, row, column])
        if tap != CUT:
            y = row * stride[0] - pad[0] + tap // kernel[1]
            x = column * stride[1] - pad[1] + tap % kernel[1]
            found[n, c, y, x] += float(gradient[n, c, row, column])
    return found


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["float32", "bf16"])
@pytest.mark.parametrize("rectified", [False, True], ids=["of anything", "of a ReLU"])
@pytest.mark.parametrize("ceil", [False, True], ids=["floor", "ceil"])
@pytest.mark.parametrize("window", WINDOWS)
def test_maxima_taps_and_gradients_are_those_of_the_definition(
    window: str, ceil: bool, rectified: bool, dtype: torch.dtype
) -> None:
    kernel, stride, pad = WINDOWS[window]
    # 37 channels: no whole number of vectors.
    bottom = map_of(2, 37, 12, 9, dtype=dtype)
    size = (
        size_of(12, kernel[0], stride[0], pad[0], ceil=ceil),
        size_of(9, kernel[1], stride[1], pad[1], ceil=ceil),
    )
    top, taps = max_pool(bottom, size, kernel, stride, pad, rectified=rectified)
    expected, expected_taps = by_definition(bottom, size, kernel, stride, pad, rectified=rectified)
    assert torch.equal(top.float(), expected)
    assert torch.equal(taps, expected_taps)
    gradient = map_of(*top.shape, dtype=dtype)  # halves: their sums are exact in any order and type
    found = max_pool_backward(gradient, taps, (12, 9), kernel, stride, pad)
    assert torch.equal(found.float(), sent_back(gradient, taps, bottom, kernel, stride, pad))


def test_maps_can_be_written_into_rows_of_larger_ones() -> None:
    bottom = map_of(1, 16, 10, 8, dtype=torch.float32)
    arguments = ((3, 3), (2, 2), (0, 0))
    top, taps = max_pool(bottom, (4, 3), *arguments, rectified=True)
    whole = torch.zeros((1, 16, 9, 3)).contiguous(memory_format=torch.channels_last)
    whole_taps = torch.zeros_like(whole, dtype=torch.uint8)
    into = (whole[:, :, 2:6], whole_taps[:, :, 2:6])
    max_pool(bottom, (4, 3), *arguments, rectified=True, into=into)
    assert torch.equal(whole[:, :, 2:6], top)
    assert torch.equal(whole_taps[:, :, 2:6], taps)
    assert not whole[:, :, :2].any()
    assert not whole[:, :, 6:].any()
    below = torch.zeros((1, 16, 20, 8)).contiguous(memory_format=torch.channels_last)
    max_pool_backward(top, taps, (10, 8), *arguments, into=below[:, :, 10:])
    assert torch.equal(below[:, :, 10:], max_pool_backward(top, taps, (10, 8), *arguments))
    assert not below[:, :, :10].any()


def test_a_map_in_another_order_is_not_written_to() -> None:
    bottom = map_of(1, 4, 6, 6, dtype=torch.float32)
    into = (torch.zeros(1, 4, 3, 3), torch.zeros(1, 4, 3, 3, dtype=torch.uint8))
    with pytest.raises(ValueError, match="channels_last"):
        max_pool(bottom, (3, 3), (2, 2), (2, 2), (0, 0), rectified=False, into=into)

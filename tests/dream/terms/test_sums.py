"""Sums with gradients of their own, against plain autograd."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from lucidreel.dream.terms.sums import channel_sums, half_squares, products

VALUE = torch.randn(2, 7, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
OTHER = torch.randn(2, 7, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
WHERE = torch.rand(2, 1, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
EACH = torch.rand(2, 5, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
FIVE = (6, 0, 3, 2, 5)
SHARES = (0.5, -0.25, 0.1, 0.1, 0.05)

Sum = Callable[[Tensor], Tensor]


def picked(value: Tensor, channels: tuple[int, ...], shares: tuple[float, ...]) -> Tensor:
    return value[:, list(channels)] * torch.tensor(shares).to(value)[:, None, None]


# Name -> the sum, and the same in plain words.
SUMS: dict[str, tuple[Sum, Sum]] = {
    "half squares": (half_squares, lambda a: 0.5 * a.square().sum()),
    "half squares somewhere": (lambda a: half_squares(a, WHERE), lambda a: 0.5 * (WHERE * a.square()).sum()),
    "products": (lambda a: products(a, OTHER), lambda a: (a * OTHER).sum()),
    "products somewhere": (lambda a: products(a, OTHER, WHERE), lambda a: (WHERE * a * OTHER).sum()),
    "a channel": (lambda a: channel_sums(a, (3,)), lambda a: a[:, 3].sum()),
    "a channel twice": (lambda a: channel_sums(a, (3, 1, 3)), lambda a: (2 * a[:, 3] + a[:, 1]).sum()),
    "all channels somewhere": (
        lambda a: channel_sums(a, range(7), where=WHERE), lambda a: (a * WHERE).sum()
    ),
    "two channels with shares": (
        lambda a: channel_sums(a, (4, 1), (0.75, -0.25)), lambda a: (0.75 * a[:, 4] - 0.25 * a[:, 1]).sum()
    ),
    "many channels with shares": (
        lambda a: channel_sums(a, FIVE, SHARES), lambda a: picked(a, FIVE, SHARES).sum()
    ),
    "many channels, each somewhere": (
        lambda a: channel_sums(a, FIVE, SHARES, EACH), lambda a: (picked(a, FIVE, SHARES) * EACH).sum()
    ),
}  # fmt: skip


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("name", SUMS)
def test_values_and_gradients_are_those_of_autograd(name: str, channels_last: bool) -> None:
    ours, plain = SUMS[name]
    value = VALUE.contiguous(memory_format=torch.channels_last) if channels_last else VALUE
    leaf = value.clone().requires_grad_()
    found, expected = ours(leaf), plain(leaf)
    torch.testing.assert_close(found, expected)
    for scale in (1.0, 0.3):
        (gradient,) = torch.autograd.grad(scale * found, leaf, retain_graph=True)
        (wanted,) = torch.autograd.grad(scale * expected, leaf, retain_graph=True)
        torch.testing.assert_close(gradient, wanted)
    assert torch.autograd.gradcheck(ours, leaf)


@pytest.mark.parametrize("name", SUMS)
def test_bf16_maps_are_summed_in_float32_and_have_gradients_in_bf16(name: str) -> None:
    ours, plain = SUMS[name]
    leaf = VALUE.bfloat16().requires_grad_()
    found = ours(leaf)
    assert found.dtype == (torch.float64 if "where" in name else torch.float32)  # as `where` is here
    (gradient,) = torch.autograd.grad(found, leaf)
    exact = leaf.detach().double().requires_grad_()
    expected = plain(exact)
    (wanted,) = torch.autograd.grad(expected, exact)
    assert gradient.dtype == torch.bfloat16
    torch.testing.assert_close(gradient.double(), wanted, rtol=2**-7, atol=1e-6)
    assert found.item() == pytest.approx(expected.item(), rel=2**-7)


def test_the_gradient_of_half_the_squares_is_the_map_itself() -> None:
    leaf = VALUE.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(half_squares(leaf), leaf)
    assert gradient.data_ptr() == leaf.data_ptr()

"""Sums over a layer's map whose gradients are known beforehand, as functions of autograd.

PyTorch's own way takes a pass over the map, and a map to keep, for every step of a formula, and fills a whole
map with zeros for every channel that is picked out of it.

    half_squares      0.5 * sum(where * a^2)                 gradient where * a; everywhere, a itself
    products          sum(where * a * b)                     gradient where * b
    channel_sums      sum over c of share_c * where_c * a_c  gradient share_c * where_c; 0 at other channels

Activations are (n, c, h, w) of any type, or (n, c) where there is no `where`, which is float32. Sums are made
in float32 at least.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

_FEW = 4  # channels that are picked one by one, without tensors of numbers to keep on the device


def half_squares(value: Tensor, where: Tensor | None = None) -> Tensor:
    """Return half the sum of squares, weighed by `where` (n, 1, h, w)."""
    made: Tensor = _Products.apply(value, value.detach(), where, 0.5)  # type: ignore[no-untyped-call]
    return made


def products(value: Tensor, other: Tensor, where: Tensor | None = None) -> Tensor:
    """Return the sum of a value times another of its shape, constant, weighed by `where` (n, 1, h, w)."""
    made: Tensor = _Products.apply(value, other, where, 1.0)  # type: ignore[no-untyped-call]
    return made


def channel_sums(
    value: Tensor, channels: Sequence[int], shares: Sequence[float] | None = None, where: Tensor | None = None
) -> Tensor:
    """Return the sum of some channels, with a share for each, weighed by `where` (n, 1 or channels, h, w)."""
    numbers = tuple(channels), tuple(shares or (1.0,) * len(channels))
    made: Tensor = _ChannelSums.apply(value, *numbers, where)  # type: ignore[no-untyped-call]
    return made


class _Products(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: Tensor, other: Tensor, where: Tensor | None, factor: float) -> Tensor:
        ctx.save_for_backward(other, where)
        wide = torch.promote_types(value.dtype, torch.float32)
        if where is not None:
            return factor * (where * (value * other).sum(dim=1, keepdim=True, dtype=wide)).sum()
        if value.dtype == wide:
            return factor * torch.dot(_flat(value), _flat(other))
        return factor * (value * other).sum(dtype=wide)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, arriving: Tensor) -> tuple[Tensor, None, None, None]:
        other, where = ctx.saved_tensors
        if where is not None:
            return other * (where * arriving).to(other.dtype), None, None, None
        if arriving.is_cpu and arriving == 1:  # on a card, asking would make it wait
            return other, None, None, None
        return other * arriving, None, None, None


class _ChannelSums(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, value: Tensor, channels: tuple[int, ...], shares: tuple[float, ...], where: Tensor | None
    ) -> Tensor:
        ctx.save_for_backward(value, where)
        ctx.channels, ctx.shares = channels, shares
        chosen = _chosen(value, channels).to(torch.promote_types(value.dtype, torch.float32))
        shared = _shared(chosen, shares)
        total: Tensor = shared.sum() if where is None else (shared * where).sum()
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, arriving: Tensor) -> tuple[Tensor, None, None, None]:
        value, where = ctx.saved_tensors
        channels = ctx.channels
        shape = (*value.shape[:1], len(channels), *value.shape[2:])
        sent = (arriving if where is None else where * arriving).expand(shape)
        sent = _shared(sent, ctx.shares).to(value.dtype)
        if channels == tuple(range(value.shape[1])):
            return sent, None, None, None
        gradient = torch.zeros_like(value)
        if len(channels) <= _FEW:
            for place, channel in enumerate(channels):
                gradient[:, channel] += sent[:, place]
        else:
            gradient.index_add_(1, _on_device(channels, value.device), sent)
        return gradient, None, None, None


def _flat(value: Tensor) -> Tensor:
    """Return all numbers in one row, those of a place side by side, as maps have them on a CPU."""
    return value.movedim(1, -1).flatten()


def _chosen(value: Tensor, channels: tuple[int, ...]) -> Tensor:
    if channels == tuple(range(value.shape[1])):
        return value
    if len(channels) <= _FEW:
        return torch.stack([value[:, channel] for channel in channels], dim=1)
    return value.index_select(1, _on_device(channels, value.device))


def _shared(chosen: Tensor, shares: tuple[float, ...]) -> Tensor:
    """Return channels (n, c, ...) times their shares."""
    if len(set(shares)) == 1:
        return chosen if shares[0] == 1 else chosen * shares[0]
    if len(shares) <= _FEW:
        return torch.stack([chosen[:, place] * share for place, share in enumerate(shares)], dim=1)
    return chosen * _on_device(shares, chosen.device).view(-1, *(1,) * (chosen.dim() - 2))


@cache
def _on_device(numbers: tuple[int, ...] | tuple[float, ...], device: torch.device) -> Tensor:
    """Return numbers as a tensor; kept, since copying to a graphics card makes every step wait.

    Kept for good: recorded passes go on reading it (`gradient.recordings`).
    """
    return torch.tensor(numbers, device=device)

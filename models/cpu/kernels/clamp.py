"""The way back through a ReLU6 whose gradient leaks at both ends of its range, in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from .bfloat16 import short, wide
from .compiled import cells, compiled, over_rows


def leaky_clamp_backward(
    gradient: Tensor, top: Tensor, most: float, below: float, above: float, *, into: Tensor
) -> Tensor:
    """Return `into`: the gradient, times `below` where the top is not above 0, `above` where it is at `most`.

    All are maps of one shape in channels_last order; `into` may be the gradient itself.
    """
    over_rows(
        _leak, top.numel() // top.shape[1], top.numel(),
        _in_rows(gradient), _in_rows(top), _in_rows(into), *map(np.float32, (most, below, above)),
    )  # fmt: skip
    return into


def _in_rows(tensor: Tensor) -> Any:
    array = cells(tensor)
    return array.reshape(-1, array.shape[3])


@compiled
def _leak(g: Any, y: Any, dx: Any, most: Any, below: Any, above: Any, first: int, last: int) -> None:
    for row in range(first, last):
        sent, value, here = g[row], y[row], dx[row]
        for c in range(sent.shape[0]):
            at = wide(value[c])
            share = np.float32(1) if at > 0 else below
            share = share if at < most else above
            here[c] = short(wide(sent[c]) * share, here[c])

"""What a step does to every pixel on a CPU, compiled: two passes over the memory instead of a dozen.

Gradients are (1, c, h, w) float32 and used up; `corner` is the (row, column) of the picture where a
gradient's own first pixel lies.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...models.cpu.kernels.compiled import compiled, compiled_sums, over_rows

Corner = tuple[int, int]


def mean_magnitude(gradient: Tensor) -> float:
    """Return the mean absolute value, at least the smallest normal number: what a gradient is divided by.

    Every row has a sum of its own, so that it is the same whatever the number of threads.
    """
    sums = np.empty(gradient.shape[-2])
    over_rows(_magnitudes, len(sums), gradient.numel(), gradient.numpy()[0], sums)
    return _as_divisor(sums, gradient)


def coast_(velocity: Tensor, gradient: Tensor, corner: Corner, mean: float, momentum: float) -> float:
    """Keep `momentum` of the velocity, (1, c, H, W), add gradient / mean, and make that the gradient.

    Return what `mean_magnitude` of it is.
    """
    sums = np.empty(gradient.shape[-2])
    over_rows(
        _coast, len(sums), gradient.numel(), velocity.numpy()[0], gradient.numpy()[0], *corner,
        np.float32(1 / mean), np.float32(momentum), sums,
    )  # fmt: skip
    return _as_divisor(sums, gradient)


def move_(
    picture: Tensor,
    gradient: Tensor,
    corner: Corner,
    mean: float,
    step: float,
    *,
    headroom: float,
    mask: Tensor | None,
    grey: bool,
    clip: bool,
) -> None:
    """Add gradient / mean * step to a (1, c, H, W) picture, in place.

    With `headroom` above 0, steps shrink in that last part of the range; `mask`, (1, 1, H, W), scales them;
    `grey` averages them over the channels; `clip` ends them at 0 and 1.
    """
    weights = np.empty((0, 0), np.float32) if mask is None else mask.numpy()[0, 0]
    over_rows(
        _move, gradient.shape[-2], gradient.numel(), picture.numpy()[0], gradient.numpy()[0], weights,
        *corner, np.float32(1 / mean), np.float32(step), np.float32(headroom), grey, clip,
    )  # fmt: skip


def _as_divisor(sums: Any, gradient: Tensor) -> float:
    mean = float(np.float32(sums.sum() / gradient.numel()))
    return max(mean, torch.finfo(torch.float32).tiny) if mean == mean else mean  # NaN goes on to the picture


@compiled_sums
def _magnitudes(gradient: Any, sums: Any, first: int, last: int) -> None:
    for row in range(first, last):
        total = 0.0
        for c in range(gradient.shape[0]):
            line = gradient[c, row]
            for x in range(line.shape[0]):
                total += np.float64(abs(line[x]))
        sums[row] = total


@compiled_sums
def _coast(
    velocity: Any, gradient: Any, top: int, left: int, per_mean: Any, momentum: Any, sums: Any,
    first: int, last: int,
) -> None:  # fmt: skip
    for row in range(first, last):
        total = 0.0
        for c in range(gradient.shape[0]):
            line = gradient[c, row]
            kept = velocity[c, top + row, left : left + line.shape[0]]
            for x in range(line.shape[0]):
                kept[x] = kept[x] * momentum + line[x] * per_mean
                line[x] = kept[x]
                total += np.float64(abs(line[x]))
        sums[row] = total


@compiled
def _move(
    picture: Any, gradient: Any, mask: Any, top: int, left: int, per_mean: Any, step: Any, headroom: Any,
    grey: bool, clip: bool, first: int, last: int,
) -> None:  # fmt: skip
    channels, _, columns = gradient.shape
    for row in range(first, last):
        for c in range(channels):
            line, here = gradient[c, row], picture[c, top + row, left : left + columns]
            _scale(line, here, per_mean, step, headroom)
        if grey:  # headroom and decorrelation tell channels apart that a grey gradient does not
            _mix(gradient, row)
        if mask.shape[0]:
            weights = mask[top + row, left : left + columns]
            for c in range(channels):
                line = gradient[c, row]
                for x in range(columns):
                    line[x] *= weights[x]
        for c in range(channels):
            _add(picture[c, top + row, left : left + columns], gradient[c, row], clip)


@compiled
def _scale(line: Any, here: Any, per_mean: Any, step: Any, headroom: Any) -> None:
    """Make steps of a row of the gradient, as long as the headroom over this row of the picture allows."""
    white = np.float32(1)
    for x in range(line.shape[0]):
        change = line[x] * per_mean * step
        if headroom > 0:
            change *= _within((white - here[x] if change > 0 else here[x]) / headroom)
        line[x] = change


@compiled
def _mix(gradient: Any, row: int) -> None:
    share = np.float32(1 / gradient.shape[0])
    for x in range(gradient.shape[2]):
        total = np.float32(0)
        for c in range(gradient.shape[0]):
            total += gradient[c, row, x]
        for c in range(gradient.shape[0]):
            gradient[c, row, x] = total * share


@compiled
def _add(here: Any, line: Any, clip: bool) -> None:
    if clip:
        for x in range(line.shape[0]):
            here[x] = _within(here[x] + line[x])
    else:
        for x in range(line.shape[0]):
            here[x] += line[x]


@compiled
def _within(value: Any) -> Any:
    """Return a number cut to 0..1; NaN stays."""
    black, white = np.float32(0), np.float32(1)
    value = black if value < black else value
    return white if value > white else value

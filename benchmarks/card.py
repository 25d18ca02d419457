"""What a graphics card makes of film frames: frames per second, and the share of what it can multiply.

The ceiling is measured, not looked up: the rate of one large matrix product in the network's arithmetic. What
a frame needs is counted by PyTorch while it dreams one (convolutions and products, forward and back). Written
without a card at hand: the figures of docs/performance.md say where it has been run.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from lucidreel.benchmarks.races import Runner

SIZES = ((1280, 720), (1920, 1080))
_SIDE = 8192
_PRODUCTS = 20


@dataclass(frozen=True)
class FrameRate:
    """How fast frames of a size are dreamt."""

    width: int
    height: int
    seconds: float
    """Median per frame."""
    share_of_ceiling: float
    """Of the rate of a large matrix product, 0..1."""

    @property
    def fps(self) -> float:
        """Frames per second."""
        return 1.0 / self.seconds


def product_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Return the operations per second of a large matrix product on a card."""
    one, other = (torch.randn(_SIDE, _SIDE, device=device, dtype=dtype) for _ in range(2))
    one @ other
    torch.cuda.synchronize(device)
    start = time.perf_counter()
    for _ in range(_PRODUCTS):
        one @ other
    torch.cuda.synchronize(device)
    return _PRODUCTS * 2.0 * _SIDE**3 / (time.perf_counter() - start)


def frame_rate(runner: Runner, rounds: int, ceiling: float) -> FrameRate:
    """Time frames as a film has them: each but the first starts from a dream."""
    picture = runner.picture
    before = runner.dreamer.dream(picture)
    with FlopCounterMode(display=False) as counter:
        runner.dreamer.dream(picture, before)
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        runner.dreamer.dream(picture, before)  # ends when the picture is back
        seconds.append(time.perf_counter() - start)
    spent = median(seconds)
    height, width = np.shape(picture)[1:]
    return FrameRate(width, height, spent, counter.get_total_flops() / spent / ceiling)

"""What is measured on a graphics card: rates, frames, layouts, flow beside a dream, and copies.

The ceiling is measured, not looked up: the rate of one large matrix product in the network's arithmetic. What
a frame needs is counted by PyTorch while it dreams one layer by layer (convolutions and products, forward and
back). A dream ends when its picture is back, so its time is whole; everything else waits for the card before
the clock is read. All of it runs on the CPU too, where the share and the copies say nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from lucidreel.benchmarks import eager
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.gradient.network import NetworkGradient
from lucidreel.dream.gradient.recordings import Recordings
from lucidreel.render.frames.frames import Picture
from lucidreel.render.motion.torch_flow.estimator import TorchFlowEstimator
from lucidreel.render.settings.flow import FlowConfig

_CARRIED = FlowConfig()
_PRODUCTS = 20
DEVICE_TO_HOST = "Memcpy DtoH"


@dataclass(frozen=True)
class Frames:
    """How fast frames are dreamt."""

    seconds: float
    """Median per frame."""
    share_of_ceiling: float
    """Of the rate of a large matrix product, 0..1."""
    peak_mib: float
    """The most memory that tensors took; 0 on the CPU."""
    recorded: int = 0
    """Passes that were played back from CUDA graphs, by size."""
    why_not: str = ""
    """Why none were."""


def finish(device: torch.device) -> None:
    """Wait until a card has done all that was asked of it."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def product_rate(device: torch.device, dtype: torch.dtype, side: int) -> float:
    """Return the operations per second of a large matrix product."""
    one, other = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
    seconds = median(timed(lambda: [one @ other for _ in range(_PRODUCTS)], device) for _ in range(3))
    return _PRODUCTS * 2.0 * side**3 / seconds


def timed(work: Callable[[], object], device: torch.device) -> float:
    """Return the seconds that work takes on a device."""
    finish(device)
    start = time.perf_counter()
    work()
    finish(device)
    return time.perf_counter() - start


def frames(dreamer: Dreamer, picture: Picture, rounds: int, ceiling: float) -> Frames:
    """Time frames as a film has them: each but the first starts from a dream, with fewer iterations."""
    device = dreamer.device
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    before = dreamer.dream(picture)

    def frame() -> Picture:
        share, added = _CARRIED.iterations_share, _CARRIED.spectrum_added
        return dreamer.dream(picture, before, iterations_share=share, spectrum_added=added)

    with one_by_one(dreamer), FlopCounterMode(display=False) as counter:
        frame()
    for _ in range(2):  # what recordings need before they are played
        frame()
    seconds = median(timed(frame, device) for _ in range(rounds))
    taken = torch.cuda.max_memory_allocated(device) / 2**20 if device.type == "cuda" else 0.0
    recordings = [part.recordings for part in passes(dreamer) if part.recordings is not None]
    return Frames(
        seconds,
        counter.get_total_flops() / seconds / ceiling,
        taken,
        sum(map(len, recordings)),
        " ".join(dict.fromkeys(each.why_not for each in recordings if each.why_not)),
    )


def passes(dreamer: Dreamer) -> Iterator[NetworkGradient]:
    """Yield the gradients of single networks that a dream asks, each once."""
    gradients = dict.fromkeys(octave.tiling.gradient for octave in dreamer.objectives)
    parts = dict.fromkeys(part for gradient in gradients for part in gradient.parts)
    yield from (part for part in parts if isinstance(part, NetworkGradient))


@contextmanager
def one_by_one(dreamer: Dreamer) -> Iterator[None]:
    """Have no pass played back within the block, so that its operations can be counted."""
    kept = [(part, part.recordings) for part in passes(dreamer)]
    for part, _ in kept:
        part.recordings = None
    try:
        yield
    finally:
        for part, recordings in kept:
            part.recordings = recordings


def record_passes(dreamer: Dreamer) -> Dreamer:
    """Have a dreamer's passes recorded as CUDA graphs."""
    for part in passes(dreamer):
        part.recordings = Recordings(part.run)
    return dreamer


def layout_seconds(
    network: nn.Module, size: tuple[int, int], device: torch.device, dtype: torch.dtype, layout: Any
) -> float:
    """Return the seconds of a plain pass forward and back in a memory format, over (width, height) pixels."""
    ready = eager.ready(network, dtype, device).to(memory_format=layout)  # type: ignore[call-overload]
    pixels = torch.rand(1, 3, size[1], size[0], device=device).to(memory_format=layout)

    def once() -> None:
        leaf = pixels.to(dtype).requires_grad_()
        torch.autograd.grad(eager.layer(ready(leaf)), leaf)

    once()
    return median(timed(once, device) for _ in range(5))


def flow_seconds(picture: Picture, device: torch.device, rounds: int) -> float:
    """Return the seconds of one optical flow, there and back."""
    estimator = TorchFlowEstimator(FlowConfig(), device)
    moved = np.roll(picture, 5, axis=2)
    estimator.between(picture, moved)
    return median(timed(lambda: estimator.between(picture, moved), device) for _ in range(rounds))


@contextmanager
def flow_beside(picture: Picture, device: torch.device) -> Iterator[list[float]]:
    """Estimate flows on another thread as long as the block runs; yield the seconds of each."""
    estimator, seconds, over = TorchFlowEstimator(FlowConfig(), device), list[float](), threading.Event()
    moved = np.roll(picture, 5, axis=2)

    def estimate() -> None:
        while not over.is_set():
            start = time.perf_counter()
            estimator.between(picture, moved)
            seconds.append(time.perf_counter() - start)

    thread = threading.Thread(target=estimate, daemon=True)
    thread.start()
    try:
        yield seconds
    finally:
        over.set()
        thread.join()


def copies_per_iteration(
    dreamer_of: Callable[[int], Dreamer], picture: Picture, few: int, many: int
) -> float:
    """Return how many copies back from the card another iteration makes.

    `dreamer_of` makes a dreamer of so many iterations; what every dream copies, its picture, cancels out.
    """
    counts = []
    for iterations in (few, many):
        dreamer = dreamer_of(iterations)
        dreamer.dream(picture)
        kinds = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if dreamer.device.type == "cuda" else [])]
        with profile(activities=kinds) as watched:
            dreamer.dream(picture)
            finish(dreamer.device)
        profiler: Any = watched.profiler
        counts.append(copies_back(event.name() for event in profiler.kineto_results.events()))
    return (counts[1] - counts[0]) / (many - few)


def copies_back(names: Iterable[str]) -> int:
    """Return how many of the profiler's events are copies from a card to the computer's memory."""
    return sum(name.startswith(DEVICE_TO_HOST) for name in names)

"""Where the time of a dream goes: the engine's parts timed from outside, while it runs as ever.

For as long as the clock is on, the methods listed in PARTS are wrapped in timers. None of them calls another
one of the list, so their times add up, and what is missing to the whole is the rest: objectives, autograd,
Python. Told is the processor's time, all threads together, which other programs hardly change. It is for
networks on the CPU, which run as a program of operations; a graphics card works on after a method returned.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from lucidreel.dream.spectrum import SpectralFilter
from lucidreel.dream.transforms.affine import AffineJitter
from lucidreel.dream.transforms.view import View
from lucidreel.dream.update.optimizer import Optimizer
from lucidreel.models.cpu.convolution import Convolve
from lucidreel.models.cpu.convolution_rows import ConvolutionRows
from lucidreel.models.cpu.kernel_operations import LRN, MaxPool
from lucidreel.models.cpu.torch_operations import AutogradLayer, Concat, ReLU, Sum
from lucidreel.models.preprocess import Preprocess

CONVOLUTION = "convolution (with ReLU and sums)"
PARTS: tuple[tuple[str, type, tuple[str, ...]], ...] = (
    (CONVOLUTION, Convolve, ("forward", "backward")),
    ("max pooling", MaxPool, ("forward", "backward")),
    ("LRN", LRN, ("forward", "backward")),
    ("concatenation", Concat, ("forward", "backward")),
    ("ReLU and sums by themselves", ReLU, ("forward", "backward")),
    ("ReLU and sums by themselves", Sum, ("forward", "backward")),
    ("other layers", AutogradLayer, ("forward", "backward")),
    ("pixels to the network", Preprocess, ("blob",)),
    ("view and mirrored border", View, ("fill",)),
    ("affine jitter", AffineJitter, ("apply", "undo")),
    ("spectral filter", SpectralFilter, ("__call__",)),
    ("step", Optimizer, ("step",)),
)
IN_BANDS: tuple[tuple[str, type, tuple[str, ...]], ...] = (
    (CONVOLUTION, ConvolutionRows, ("forward", "backward")),
    ("max pooling", MaxPool, ("forward_rows", "backward_rows")),
)
"""What several threads do at once, each by itself (models/cpu/bands.py)."""
REST = "rest"

Seconds = dict[str, float]


@contextmanager
def clock() -> Iterator[Seconds]:
    """Time the engine's parts within the block; what is yielded fills with seconds by part."""
    seconds: Seconds = defaultdict(float)
    everything = (*PARTS, *IN_BANDS)
    originals = [(kind, name, getattr(kind, name)) for _, kind, names in everything for name in names]
    for label, kind, names in everything:
        processor_time = time.thread_time if (label, kind, names) in IN_BANDS else time.process_time
        for name in names:
            setattr(kind, name, _timed(getattr(kind, name), label, seconds, processor_time))
    start = time.process_time()
    try:
        yield seconds
    finally:
        whole = time.process_time() - start
        for kind, name, original in originals:
            setattr(kind, name, original)
        seconds[REST] = max(0.0, whole - sum(seconds.values()))


def share_outside_convolutions(seconds: Seconds) -> float:
    """Return the share of the time, 0..1, that is not spent in convolutions."""
    return 1.0 - seconds.get(CONVOLUTION, 0.0) / sum(seconds.values())


def _timed(
    method: Callable[..., Any], label: str, seconds: Seconds, processor_time: Callable[[], float]
) -> Callable[..., Any]:
    @wraps(method)
    def timed(*arguments: Any, **options: Any) -> Any:
        start = processor_time()
        try:
            return method(*arguments, **options)
        finally:
            seconds[label] += processor_time() - start

    return timed

"""Passes recorded on a graphics card and played back, so that Python does not start their kernels one by one.

A pass through a small octave is hundreds of kernels that take a card less time than it takes Python to start
them. CUDA keeps such a sequence as a graph and starts it as one. A graph knows sizes and addresses, no names:

    pixels, scales, maps ──copy──> tensors of the recording ──graph──> its gradient ──copy──> gradient

so there is one recording for each size of view, and whatever else a pass reads (weights, what terms have
chosen for a picture) has to stay where it is: other terms are recorded anew. The first passes of a size run
as ever, which also has libraries choose and load what they need. What a recording gives is held against such
a pass once. Where it cannot be made, or gives something else, passes run as ever from then on.

Written and tested without a card: nothing is recorded unless somebody asks (`NetworkGradient.recordings`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol
from weakref import WeakSet

import torch
from torch import Tensor

from ...errors import LucidreelError
from ..objective import Maps, Scales, Term

Pass = Callable[[Tensor, Scales, Maps], Tensor]
"""From pixels (n, 3, h, w), scales and maps to the gradient over the pixels."""

_RUNS_BEFORE = 2
_MOST = 16  # octaves, and the tiles of the largest
_TOLERANCE = 1e-2  # of the largest value: other kernels may round otherwise


class Recorder(Protocol):
    """What records work on a device, once, and plays it back."""

    def record(self, work: Callable[[], Tensor]) -> Tensor:
        """Record what `work` starts on the device; return the tensor that every replay fills."""

    def replay(self) -> None:
        """Do the work again, on the tensors that it was recorded with."""


class CudaGraph:
    """A CUDA graph. All of a process share their memory, as they never run at the same time."""

    _recorded: ClassVar[WeakSet[CudaGraph]] = WeakSet()

    def __init__(self) -> None:
        self._graph = torch.cuda.CUDAGraph()

    def record(self, work: Callable[[], Tensor]) -> Tensor:
        """Record on a stream of its own, whatever other threads do with the card meanwhile (the flow)."""
        # The memory goes with the last graph in it, and PyTorch refuses to make another one there.
        shared = next((other._graph.pool() for other in CudaGraph._recorded), None)
        with torch.cuda.graph(self._graph, shared, capture_error_mode="thread_local"):
            result = work()
        CudaGraph._recorded.add(self)
        return result

    def replay(self) -> None:
        """Start the graph on the current stream."""
        self._graph.replay()


@dataclass
class _Recording:
    """A recorded pass and the tensors that it reads and writes."""

    recorder: Recorder
    pixels: Tensor
    scales: tuple[Tensor, ...]
    maps: dict[str, Tensor]
    terms: Sequence[Term]
    gradient: Tensor

    def play(self, pixels: Tensor, scales: Sequence[float], maps: Maps) -> Tensor:
        self.pixels.copy_(pixels)
        for kept, scale in zip(self.scales, scales, strict=True):
            kept.fill_(scale)
        for name, kept in self.maps.items():
            kept.copy_(maps[name])
        self.recorder.replay()
        return self.gradient.clone()


class Recordings:
    """Runs passes, and plays those back that come again and again."""

    def __init__(self, run: Pass, new_recorder: Callable[[], Recorder] = CudaGraph) -> None:
        self.why_not = ""
        """Why nothing is recorded any more; empty as long as it is."""
        self._run, self._new_recorder = run, new_recorder
        self._runs: dict[object, int] = {}
        self._kept: dict[object, _Recording] = {}

    def __len__(self) -> int:
        """Return how many sizes are played back."""
        return len(self._kept)

    def clear(self) -> None:
        """Let all recordings go."""
        self._runs.clear()
        self._kept.clear()

    def __call__(
        self, pixels: Tensor, scales: tuple[float, ...], maps: Maps, terms: Sequence[Term]
    ) -> Tensor:
        """Return the gradient of the terms, as `run` would."""
        key = (
            pixels.shape,
            tuple(map(bool, scales)),
            tuple((name, maps[name].shape) for name in sorted(maps)),
        )
        kept = self._kept.get(key)
        if kept is not None and _same(kept.terms, terms):
            return kept.play(pixels, scales, maps)
        gradient = self._run(pixels, scales, maps)
        if kept is not None:  # for the terms of another picture
            del self._kept[key]
            self._runs[key] = 0
        self._runs[key] = self._runs.get(key, 0) + 1
        if self._runs[key] > _RUNS_BEFORE and len(self._kept) < _MOST and not self.why_not:
            self._record(key, pixels, scales, maps, terms, gradient)
        return gradient

    def _record(
        self,
        key: object,
        pixels: Tensor,
        scales: tuple[float, ...],
        maps: Maps,
        terms: Sequence[Term],
        gradient: Tensor,
    ) -> None:
        """Keep a recording of a pass whose gradient is known, unless it fails or gives another one."""
        own = pixels.detach().clone()
        own_scales = tuple(torch.tensor(scale, device=pixels.device) for scale in scales)
        own_maps = {name: whole.clone() for name, whole in maps.items()}
        try:
            recorder = self._new_recorder()
            # A term that has no say is left out of the pass, which it could not be for a number on the card.
            told = tuple(kept if scale else 0.0 for kept, scale in zip(own_scales, scales, strict=True))
            result = recorder.record(lambda: self._run(own, told, own_maps))
            recording = _Recording(recorder, own, own_scales, own_maps, tuple(terms), result)
            off = float((recording.play(pixels, scales, maps) - gradient).abs().max())
        except (
            RuntimeError,
            LucidreelError,
        ) as error:  # a network tells of its layers' errors in its own words
            self._stop(str(error))
            return
        if not off <= _TOLERANCE * float(gradient.abs().max()):
            self._stop(f"a recorded pass gave a gradient that is {off:.3g} off")
            return
        self._kept[key] = recording

    def _stop(self, why: str) -> None:
        self.clear()
        self.why_not = why


def _same(some: Sequence[Term], others: Sequence[Term]) -> bool:
    return len(some) == len(others) and all(map(lambda one, other: one is other, some, others))

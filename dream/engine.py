"""The dreamer: one picture in, the same picture lucidly dreaming out.

    picture -> octaves, small to large:
                   lay the detail dreamt so far over this octave's picture
                   climb the objective (`ascent`)
                   keep what was added as detail for the next octave
            -> dream

This is google/deepdream's octave loop. It works with class targets because the dense network (see
`models.network`) scores every window of a frame of any size; the seed's tiles had one size and so no octaves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from ..models.network import Network
from .ascent import Shift, ascend
from .config import DreamConfig, OctavePlan, Targets
from .device import choose_dtype, half_of_memory_mib
from .gradient import GradientField
from .objective import aim
from .octaves import octave_sizes, resize
from .targets import resolve_targets

Frame = NDArray[np.float32]


class Dreamer:
    """Dreams pictures towards fixed targets on one network and device.

    `on_step`, where set, is called after every step with the steps done and the steps of the whole picture.
    """

    on_step: Callable[[int, int], None] | None = None

    def __init__(self, network: Network, targets: Targets, config: DreamConfig, device: torch.device) -> None:
        """Prepare the network; raises TargetError when it has no such target."""
        resolved = resolve_targets(targets, network, config.seed)
        dtype = choose_dtype(config.precision, device)
        self.config = config
        self.description = resolved.describe(network)
        self._device = device
        self._smallest = network.input_size
        dense, objective = aim(resolved, network)
        self.field = GradientField(
            dense.to(device, dtype),
            objective,
            itemsize=dtype.itemsize,
            memory_mib=config.memory_mib or half_of_memory_mib(device),
        )

    def dream(self, frame: Frame, init: Frame | None = None, iterations_share: float = 1.0) -> Frame:
        """Return the dream of one picture.

        Arrays are (3, h, w) RGB float32 in 0..1. `init`, where given, takes the frame's place: a picture of
        the same size that already holds something of the dream, such as what the last frame left.
        `iterations_share` scales every octave's iterations (rounded up), since a start that already dreams
        needs fewer. The same start and seed give the same dream: shifts are drawn from the seed anew for
        each picture, so they do not flicker.
        """
        start = torch.from_numpy(np.ascontiguousarray(frame if init is None else init))[None]
        return self._through_octaves(start.to(self._device), iterations_share)[0].cpu().numpy()

    @torch.no_grad()
    def _through_octaves(self, base: torch.Tensor, iterations_share: float) -> torch.Tensor:
        random = np.random.default_rng(self.config.seed)
        height, width = base.shape[-2:]
        steps = [_shifts(random, plan, iterations_share) for plan in self.config.schedule()]
        done, total = 0, sum(map(len, steps))
        sizes = octave_sizes(height, width, self.config.octaves, self.config.octave_scale)
        detail = torch.zeros_like(resize(base, sizes[0]))
        for size, plan, shifts in zip(sizes, self.config.schedule(), steps, strict=True):
            octave = resize(base, size)
            picture = (octave + resize(detail, size)).clamp_(0.0, 1.0)
            picture = ascend(
                picture,
                self.field,
                plan,
                self._told(shifts, done, total),
                self.config.border_px,
                self._smallest,
                self.config.spectrum,
            )
            detail = picture - octave
            done += len(shifts)
        return picture

    def _told(self, shifts: Iterable[Shift], done: int, total: int) -> Iterator[Shift]:
        """Yield the shifts, and tell `on_step` whenever the step of one is over."""
        for number, shift in enumerate(shifts, done + 1):
            yield shift
            if self.on_step is not None:
                self.on_step(number, total)


def _shifts(random: np.random.Generator, plan: OctavePlan, iterations_share: float) -> list[Shift]:
    """Draw one (y, x) shift in 0..jitter_px per step of an octave."""
    steps = math.ceil(plan.iterations * iterations_share)
    return [(int(y), int(x)) for y, x in random.integers(0, plan.jitter_px, (steps, 2), endpoint=True)]

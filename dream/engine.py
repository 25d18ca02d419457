"""The dreamer: one picture in, the same picture lucidly dreaming out.

    picture -> octaves, small to large:
                   lay the detail dreamt so far over this octave's picture
                   climb the objective (`ascent`)
                   keep what was added as detail for the next octave
            -> dream

This is google/deepdream's octave loop. It works with class targets because the dense network (see
`models.network`) scores every window of a picture of any size; the tiles of
spikelynch/deepdream had one size and so no octaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..models.network import Network
from .allocator import keep_freed_memory
from .ascent import Ascent, ascend
from .compositing import composite
from .config.dream import DreamConfig
from .config.schedule import OctavePlan
from .device import choose_dtype
from .ensemble import Ensemble
from .objective import Maps
from .octave_objectives import objectives_per_octave
from .octaves import octave_sizes, resize
from .targets.targets import Targets
from .transforms.jitter import StepTransform, draw_transforms

Picture = NDArray[np.float32]
"""(3, h, w) RGB in 0..1; maps are (h, w)."""


class Dreamer:
    """Dreams pictures towards fixed targets, with one network or several, on one device.

    `on_step`, where set, is called after every step with the steps done and the steps of the whole picture.
    `objectives` says, coarsest octave first, what each octave climbs; `idle` names
    those of several networks that have nothing to dream of. `precision` is
    the number format that the network computes in, such as "float32".
    """

    on_step: Callable[[int, int], None] | None = None

    def __init__(
        self,
        network: Network | Sequence[Network] | Ensemble[Network],
        targets: Targets,
        config: DreamConfig,
        device: torch.device,
    ) -> None:
        """Prepare the network, or the networks; raises TargetError where there is no such target."""
        self.config = config
        self.device = device
        keep_freed_memory()  # pictures between dreams lie in the CPU's memory, whatever the device
        self.precision = str(choose_dtype(config.precision, device)).removeprefix("torch.")
        ensemble = Ensemble.of(network)
        self.objectives = objectives_per_octave(ensemble, targets, config, device)
        dreaming = frozenset[str]().union(*(octave.dreaming for octave in self.objectives))
        self.idle = [member.name for member in ensemble if member.name not in dreaming]
        self.gradient = self.objectives[-1].tiling.gradient
        self.description = ", then ".join(dict.fromkeys(octave.description for octave in self.objectives))

    def dream(
        self,
        picture: Picture,
        init: Picture | None = None,
        iterations_share: float | str = 1.0,
        maps: Mapping[str, Picture] | None = None,
        where: Picture | None = None,
        spectrum_added: float = 0.0,
        sigma_added_px: float = 0.0,
        evenness: float = 0.0,
    ) -> Picture:
        """Return the dream of one picture.

        Arrays are (3, h, w) RGB float32 in 0..1. `init`, where given, takes the picture's place: a picture of
        the same size that already holds something of the dream, such as what the last frame left.
        `iterations_share` scales every octave's iterations (rounded up), since a start that already dreams
        needs fewer; "0.1..0.5" runs from the coarsest octave to the finest. The same start and seed give the
        same dream: shifts are drawn from the seed anew for each picture, so they do not flicker. `maps` are
        those that targets and the mask name (`masks`), (h, w) float32, 0..1. `where`, another (h, w) map,
        scales every step, beside the mask. `spectrum_added` is added to the configured spectrum, a blur of
        `sigma_added_px` comes after the configured one of the gradient, and `evenness` spreads steps over the
        picture (`update.equalise`), where no target keeps to a map.
        """
        plans = self.config.plans(iterations_share, spectrum_added, sigma_added_px, evenness)
        return self._dream(picture, init, plans, maps, where)

    def test_steps(
        self, picture: Picture, iterations: Sequence[int], maps: Mapping[str, Picture] | None = None
    ) -> None:
        """Dream with so many steps in each octave, coarsest first, and throw the dream away.

        It does what a dream does, for `estimate` to time by `on_step`, and changes no dream after it.
        """
        pairs = zip(self.config.plans(), iterations, strict=True)
        self._dream(picture, None, tuple(replace(plan, iterations=count) for plan, count in pairs), maps)

    def _dream(
        self,
        picture: Picture,
        init: Picture | None,
        plans: Sequence[OctavePlan],
        maps: Mapping[str, Picture] | None,
        where: Picture | None = None,
    ) -> Picture:
        source = self._tensor(picture)[None]
        start = source if init is None else self._tensor(init)[None]
        given = {name: self._tensor(whole)[None, None] for name, whole in (maps or {}).items()}
        mask = self._mask(given)
        if mask is not None and init is not None:  # a mask that moves lets go of what it no longer covers
            start = source + mask * (start - source)
        steps_at = mask
        if where is not None:
            part = self._tensor(where)[None, None]
            steps_at = part if mask is None else part * mask
        dream = self._through_octaves(start, source, plans, given, steps_at)
        return composite(dream, source, self.config, mask)[0].cpu().numpy()

    def _mask(self, maps: dict[str, Tensor]) -> Tensor | None:
        """Take the mask out of the maps, unless a target reads it too. Raises ValueError if it is missing."""
        if self.config.mask is None:
            return None
        name = self.config.mask.name
        if name not in maps:
            raise ValueError(f"the mask {name} was not supplied")
        read = any(name in octave.tiling.gradient.objective.map_names for octave in self.objectives)
        return maps[name] if read else maps.pop(name)

    @torch.no_grad()
    def _through_octaves(
        self, base: Tensor, source: Tensor, plans: Sequence[OctavePlan], maps: Maps, mask: Tensor | None
    ) -> Tensor:
        config = self.config
        steps = self._steps(plans)
        sizes = octave_sizes(base.shape[-2], base.shape[-1], [plan.ratio for plan in plans])
        read = {each: each.tiling.gradient.prepare(base, maps) for each in dict.fromkeys(self.objectives)}
        picture = octave = resize(base, sizes[0])
        for size, plan, objective, transforms in zip(sizes, plans, self.objectives, steps, strict=True):
            detail = picture - octave
            octave = resize(base, size)
            picture = resize(detail, size) + octave
            if config.clip:
                picture.clamp_(0.0, 1.0)
            at_size = {name: resize(whole, size).clamp(0.0, 1.0) for name, whole in read[objective].items()}
            origin = resize(source, size) if config.tv or config.pull or config.admix else None
            where = None if mask is None else resize(mask, size).clamp(0.0, 1.0)
            ascent = Ascent(objective.tiling, config, plan, at_size, origin, where, config.keep_colour)
            ascend(picture, ascent, transforms)
        return picture.clamp_(0.0, 1.0)

    def _steps(self, plans: Sequence[OctavePlan]) -> Iterator[Iterator[StepTransform]]:
        """Yield the transforms of each octave, which report to `on_step` whenever the step of one is over."""
        random = np.random.default_rng(self.config.seed)
        done, total = 0, sum(plan.iterations for plan in plans)
        for plan in plans:
            jitter = (self.config.rotate_jitter_deg, self.config.scale_jitter, self.config.admix > 0)
            yield self._reporting(
                draw_transforms(random, plan.iterations, plan.jitter_px, *jitter), done, total
            )
            done += plan.iterations

    def _reporting(
        self, transforms: Iterable[StepTransform], done: int, total: int
    ) -> Iterator[StepTransform]:
        for number, transform in enumerate(transforms, done + 1):
            yield transform
            if self.on_step is not None:
                self.on_step(number, total)

    def _tensor(self, array: Picture) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)

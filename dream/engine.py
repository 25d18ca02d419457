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
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..models.network import Network
from .ascent import Ascent, ascend
from .compositing import composite
from .config.dream import DreamConfig
from .config.schedule import OctavePlan
from .device import choose_device, choose_dtype
from .ensemble import Ensemble
from .maps import computed_map, regions_wanted
from .memory import keep_freed_memory
from .objective import Maps
from .objectives.per_octave import objectives_per_octave
from .octaves import octave_sizes, resize
from .pictures import AnyPicture, Planes, in_form_of, to_map, to_planes
from .targets.regions import RegionFile
from .targets.targets import Targets
from .transforms.jitter import StepTransform, draw_transforms


class Dreamer:
    """Dreams pictures towards fixed targets, with one network or several, on one device.

        dreamer = Dreamer(load_network("bestiary"), Targets(classes={"butterfly": 1}), iterations=5)
        dreamer.dream(picture)

    Settings have the names that presets and `DreamConfig` have.

    `on_step`, where set, is called after every step with the steps done and the steps of the whole picture;
    `on_octave` after every octave with the picture as it is there, in that octave's size and in the form of
    the picture that is dreamt. `objectives` says, coarsest octave first, what each octave climbs; `idle`
    names those of several networks that have nothing to dream of. `precision` is the number format that the
    network computes in, such as "float32".
    """

    on_step: Callable[[int, int], None] | None = None
    on_octave: Callable[[Any], None] | None = None

    def __init__(
        self,
        network: Network | Sequence[Network] | Ensemble[Network],
        targets: Targets,
        config: DreamConfig | None = None,
        device: torch.device | str = "auto",
        **settings: Any,
    ) -> None:
        """Prepare the network, or the networks, on a device: "auto", "cpu", "cuda" or "mps".

        Settings by name count before those of `config`, and those before the defaults. Raises TargetError
        where there is no such target, ConfigError for bad settings, DeviceError without such a device.
        """
        given = {} if config is None else config.model_dump(exclude_none=True)
        self.config = (
            DreamConfig.read({**given, **settings}, "settings") if settings or not config else config
        )
        ensemble = Ensemble.of(network)
        backends = sorted({member.network.backend for member in ensemble})  # a real Caffe decides for all
        self.device = choose_device(device, backends[0]) if isinstance(device, str) else device
        keep_freed_memory()  # pictures between dreams lie in the CPU's memory, whatever the device
        dtypes = [choose_dtype(self.config.precision, self.device, backend) for backend in backends]
        self.precision = " and ".join(str(dtype).removeprefix("torch.") for dtype in dtypes)
        self.objectives = objectives_per_octave(ensemble, targets, self.config, self.device)
        dreaming = frozenset[str]().union(*(octave.dreaming for octave in self.objectives))
        self.idle = [member.name for member in ensemble if member.name not in dreaming]
        self.gradient = self.objectives[-1].tiling.gradient
        self.description = ", then ".join(dict.fromkeys(octave.description for octave in self.objectives))
        self._regions = regions_wanted(targets, self.config)

    def dream(
        self,
        picture: AnyPicture,
        /,
        init: AnyPicture | None = None,
        iterations_share: float | str = 1.0,
        maps: Mapping[str, Any] | None = None,
        where: Any | None = None,
        spectrum_added: float = 0.0,
        sigma_added_px: float = 0.0,
        evenness: float = 0.0,
    ) -> AnyPicture:
        """Return the dream of one picture, in the form it came in.

        A picture is a Pillow image or an array (h, w, 3), RGB, float 0..1 or uint8; the program's own are
        (3, h, w) float32 (`pictures`). `init`, where given, takes the picture's place: one of
        the same size that already holds something of the dream, such as what the last frame left.
        `iterations_share` scales every octave's iterations (rounded up), since a start that already dreams
        needs fewer; "0.1..0.5" runs from the coarsest octave to the finest. The same start and seed give the
        same dream: shifts are drawn from the seed anew for each picture, so they do not flicker. `maps` are
        those that targets and the mask name (`maps`), (h, w), 0..1; those computed from the picture need not
        be given. `where`, another (h, w) map,
        scales every step, beside the mask. `spectrum_added` is added to the configured spectrum, a blur of
        `sigma_added_px` comes after the configured one of the gradient, and `evenness` spreads steps over the
        picture (`update.equalise`), where no target keeps to a map. Raises UsageError for what is no picture
        or map.
        """
        plans = self.config.plans(iterations_share, spectrum_added, sigma_added_px, evenness)
        listener = self.on_octave
        dream = self._dream(
            to_planes(picture),
            None if init is None else to_planes(init),
            plans,
            {name: to_map(whole) for name, whole in (maps or {}).items()},
            None if where is None else to_map(where),
            None if listener is None else lambda planes: listener(in_form_of(picture, planes)),
        )
        return in_form_of(picture, dream)

    def test_steps(
        self, picture: Planes, iterations: Sequence[int], maps: Mapping[str, Planes] | None = None
    ) -> None:
        """Dream with so many steps in each octave, coarsest first, and throw the dream away.

        It does what a dream does, for `estimate` to time by `on_step`, and changes no dream after it.
        """
        pairs = zip(self.config.plans(), iterations, strict=True)
        plans = tuple(replace(plan, iterations=count) for plan, count in pairs)
        self._dream(picture, None, plans, maps or {})

    def _dream(
        self,
        picture: Planes,
        init: Planes | None,
        plans: Sequence[OctavePlan],
        maps: Mapping[str, Planes],
        where: Planes | None = None,
        on_octave: Callable[[Planes], None] | None = None,
    ) -> Planes:
        source = self._tensor(picture)[None]
        start = source if init is None else self._tensor(init)[None]
        computed = self._computed_maps(picture, maps)
        given = {name: self._tensor(whole)[None, None] for name, whole in {**computed, **maps}.items()}
        mask = self._mask(given)
        if mask is not None and init is not None:  # a mask that moves lets go of what it no longer covers
            start = source + mask * (start - source)
        steps_at = mask
        if where is not None:
            part = self._tensor(where)[None, None]
            steps_at = part if mask is None else part * mask
        dream = self._through_octaves(start, source, plans, given, steps_at, on_octave)
        return composite(dream, source, self.config, mask)[0].cpu().numpy()

    def _computed_maps(self, picture: Planes, maps: Mapping[str, Planes]) -> dict[str, Planes]:
        """Return the maps that nobody gave, of those that need nothing but the picture."""
        missing = [region for region in self._regions if region.name not in maps]
        return {
            region.name: computed_map(region, picture)
            for region in missing
            if not isinstance(region, RegionFile)
        }

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
        self,
        base: Tensor,
        source: Tensor,
        plans: Sequence[OctavePlan],
        maps: Maps,
        mask: Tensor | None,
        on_octave: Callable[[Planes], None] | None,
    ) -> Tensor:
        config = self.config
        steps = self._steps(plans)
        sizes = octave_sizes(base.shape[-2], base.shape[-1], [plan.ratio for plan in plans])
        read = {each: each.tiling.gradient.prepare(base, maps) for each in dict.fromkeys(self.objectives)}
        picture = octave = resize(base, sizes[0])
        for size, plan, objective, transforms in zip(sizes, plans, self.objectives, steps, strict=True):
            detail = picture - octave
            if octave.shape[-2:] != size:
                octave = resize(base, size)
            picture = resize(detail, size) + octave
            if config.clip:
                picture.clamp_(0.0, 1.0)
            at_size = {name: resize(whole, size).clamp(0.0, 1.0) for name, whole in read[objective].items()}
            origin = resize(source, size) if config.tv or config.pull or config.admix else None
            where = None if mask is None else resize(mask, size).clamp(0.0, 1.0)
            ascent = Ascent(objective.tiling, config, plan, at_size, origin, where, config.keep_colour)
            ascend(picture, ascent, transforms)
            if on_octave is not None:
                on_octave(picture.clamp(0.0, 1.0)[0].cpu().numpy())
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

    def _tensor(self, array: Planes) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)

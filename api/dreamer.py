"""The dreamer as Python programs have it: networks by name, files as maps, pictures that notebooks show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..dream.config.dream import DreamConfig
from ..dream.engine import Dreamer as Engine
from ..dream.ensemble import Ensemble
from ..dream.maps import regions_wanted
from ..dream.pictures import AnyPicture, in_form_of, to_planes
from ..dream.targets.targets import Targets
from ..errors import UsageError
from ..models.backend import BackendName
from ..render.maps import MapSupply
from .pictures import Image, outside, shown
from .settings import AnyNetwork, loaded_all, several


class Dreamer:
    """Dreams pictures towards fixed targets.

        dreamer = Dreamer(load_network("bestiary"), Targets(classes={"butterfly": 1}), iterations=5)
        dream = dreamer.dream(picture)

    `network` is a network, its name or its folder, or a list of several that dream together. `targets` are
    `Targets`, or what [targets] of a preset holds ({"classes": {"butterfly": 1}}); without any, the seed
    chooses. `device` is "auto", "cpu", "cuda" or "mps"; `backend` what runs networks that are not loaded yet,
    as in `load_network`. All other keywords are settings by the names that
    [dream] of a preset has for them, laid over `config` where that is given.

    Raises ModelFileError or TargetError for what the network is or has not, ConfigError for a setting,
    DeviceError for a device that is not there.
    """

    def __init__(
        self,
        network: AnyNetwork | Sequence[AnyNetwork] = "bestiary",
        targets: Targets | Mapping[str, Any] | None = None,
        *,
        config: DreamConfig | None = None,
        device: str = "auto",
        backend: BackendName = "torch",
        caffe_python: str | Path | None = None,
        **settings: Any,
    ) -> None:
        self.targets = targets if isinstance(targets, Targets) else Targets.read(targets or {}, "targets")
        loaded = Ensemble.of(loaded_all(several(network), backend, caffe_python))
        self._engine = Engine(loaded, self.targets, config, device, **settings)
        self.config = self._engine.config
        self._maps = MapSupply(regions_wanted(self.targets, self.config), self.config.mask)

    @property
    def description(self) -> str:
        """What it dreams of, in words."""
        return self._engine.description

    def __repr__(self) -> str:
        return f"<Dreamer of {self.description} on {self._engine.device}>"

    def dream(
        self,
        picture: AnyPicture,
        init: AnyPicture | None = None,
        *,
        on_step: Callable[[int, int], None] | None = None,
    ) -> AnyPicture:
        """Return the dream of a picture, of the same size and kind: Pillow, uint8 or float array.

        `picture` is (height, width, 3) RGB, float in 0..1 or uint8, or a Pillow image. `init` is what to
        start changing from in its place, of the same size. `on_step` is called after every step with how many
        are done, and of how many. The same picture and seed give the same dream. Raises UsageError for what
        is no picture.
        """
        source = to_planes(picture)
        start = None if init is None else to_planes(init)
        if start is not None and start.shape != source.shape:
            raise UsageError(
                f"init is {start.shape[2]}x{start.shape[1]} pixels and the picture {source.shape[2]}x"
                f"{source.shape[1]}: they must be of one size."
            )
        self._engine.on_step = on_step
        try:
            dream = self._engine.dream(source, start, maps=self._maps.at(source))
        finally:
            self._engine.on_step = None
        return shown(in_form_of(picture, dream))

    def octaves(self, picture: AnyPicture) -> list[Image]:
        """Return how the dream grows: a picture for every octave, coarsest first, each of that octave's size.

        Arrays (height, width, 3) RGB float32 in 0..1. The last one is what `dream` returns, but for what is
        done at the end (`colours`, `amount`, `mask`).
        """
        source = to_planes(picture)
        grown: list[Image] = []
        self._engine.on_octave = lambda planes: grown.append(outside(planes))
        try:
            self._engine.dream(source, maps=self._maps.at(source))
        finally:
            self._engine.on_octave = None
        return grown

"""lucidreel turns video into lucid deep dreams.

    import lucidreel as lr

    dreamer = lr.Dreamer("bestiary", lr.Targets(classes={"butterfly": 1}), iterations=5)
    lr.write_image("dream.png", dreamer.dream(lr.read_image("look.png")))
    lr.render("clip.mp4", "dream.mp4", preset="lucid")

Whatever is offered here is loaded when it is first asked for, so importing lucidreel takes no time. All of it
is in docs/python.md. Inside, `models` knows network files, `dream` one image, `render` time; `api` is what
Python sees of them, `commands` and `cli` know words.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api.dreamer import Dreamer as Dreamer
    from .api.films import Film as Film
    from .api.films import preview as preview
    from .api.films import render as render
    from .api.films import render_job as render_job
    from .api.films import still as still
    from .api.films import zoom as zoom
    from .api.films import zoom_job as zoom_job
    from .api.pictures import Image as Image
    from .api.pictures import noise as noise
    from .api.pictures import read_image as read_image
    from .api.pictures import side_by_side as side_by_side
    from .api.pictures import write_image as write_image
    from .api.video import Video as Video
    from .api.video import VideoFrame as VideoFrame
    from .api.video import open_video as open_video
    from .api.video import sample_clip as sample_clip
    from .dream.config.dream import DreamConfig as DreamConfig
    from .dream.targets.targets import Targets as Targets
    from .errors import LucidreelError as LucidreelError
    from .models.zoo.registry import list_networks as list_networks
    from .models.zoo.registry import load_network as load_network
    from .presets.catalogue import list_presets as list_presets
    from .render.events import events as events
    from .render.job.job import RenderJob as RenderJob
    from .render.settings.settings import Settings as Settings

__version__ = "0.1.0"

# Where each name lives: the module is imported when the name is first asked for.
_HOMES = {
    "DreamConfig": "dream.config.dream",
    "Dreamer": "api.dreamer",
    "Film": "api.films",
    "Image": "api.pictures",
    "LucidreelError": "errors",
    "RenderJob": "render.job.job",
    "Settings": "render.settings.settings",
    "Targets": "dream.targets.targets",
    "Video": "api.video",
    "VideoFrame": "api.video",
    "list_networks": "models.zoo.registry",
    "list_presets": "presets.catalogue",
    "load_network": "models.zoo.registry",
    "noise": "api.pictures",
    "open_video": "api.video",
    "preview": "api.films",
    "read_image": "api.pictures",
    "render_job": "api.films",
    "sample_clip": "api.video",
    "side_by_side": "api.pictures",
    "still": "api.films",
    "write_image": "api.pictures",
    "zoom": "api.films",
    "zoom_job": "api.films",
}
_MODULES = {"events": "render.events.events", "render": "render"}

__all__ = ["__version__", *sorted([*_HOMES, *_MODULES])]


class _CallablePackage(ModuleType):
    """The package `lucidreel.render`, which can be called too: `lucidreel.render("clip.mp4", "dream.mp4")`.

    The name belongs to both. Importing anything below `lucidreel.render` makes the package this name's value,
    whatever stood there before; so it is the package that answers to a call.
    """

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return import_module(".api.films", __package__).render(*args, **keywords)

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        """What `help(lucidreel.render)` says first: how to call it."""
        doc: str | None = import_module(".api.films", __package__).render.__doc__
        return doc

    @property
    def __signature__(self) -> Any:
        from inspect import signature

        return signature(import_module(".api.films", __package__).render)


class _Face(ModuleType):
    """This module: it makes its package `render` callable when that is imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "render" and isinstance(value, ModuleType):
            value.__class__ = _CallablePackage
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f".{_MODULES[name]}", __package__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f".{_HOMES[name]}", __package__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Maps: where in a picture something happens, 0 nowhere to 1 fully, as greyscale.

    water.png  rain.mp4        a picture or a video, white is where; its luminance, laid over black
    luminance  dark            where the frame is bright, where it is dark
    hue:200  hue:200±30        where the frame has that hue, in degrees (0 red, 120 green, 240 blue), the
                               stronger the more saturated
    band:0-0.33                from the left edge to a third of the width
    row:0.5-1                  the lower half
    centre                     an ellipse in the middle
    !water.png  !hue:200       where it is not

Edges of computed maps are soft. This module knows how maps are written and computes the ones that need
nothing but the frame; files are for `render.map_supply` to open, since they may play along with a clip.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError, suggestion
from .config.dream import DreamConfig
from .targets.syntax import is_map_file, split_guide, split_map
from .targets.targets import Targets

Picture = NDArray[np.float32]
Map = NDArray[np.float32]

# Rec. 709's weights of red, green and blue in brightness, here of the coded values, as in video.
LUMA = (0.2126, 0.7152, 0.0722)

_WORDS = ("luminance", "dark", "centre", "hue:200", "band:0-0.33", "row:0.5-1")
_HUE = re.compile(r"(\d+(?:\.\d+)?)(?:(?:±|\+-)(\d+(?:\.\d+)?))?", re.ASCII)
_SHARES = re.compile(r"(\d*\.?\d+)-(\d*\.?\d+)", re.ASCII)
_HUE_WIDTH_DEG = 30.0
_EDGE = 0.1  # width of a band's soft edge, as a share of the picture


@dataclass(frozen=True)
class MapSpec:
    """One map as it was named: a file to open, or a word to compute."""

    name: str
    """The whole name, "!" included: what targets and masks call it."""
    file: str | None
    """Path of the picture or video; None for a map that is computed from the frame."""
    inverted: bool
    compute: Callable[[Picture], Map] | None = None
    """Computes the map from a (3, h, w) RGB picture, not yet inverted."""

    def of(self, picture: Picture) -> Map:
        """Return a computed map of this picture, (h, w) float32, 0..1."""
        assert self.compute is not None
        return self.finished(self.compute(picture))

    def finished(self, whole: Map) -> Map:
        """Return the map within 0..1, inverted where the name says so."""
        kept = np.clip(whole, 0, 1, dtype=np.float32)
        return np.ascontiguousarray(1 - kept if self.inverted else kept)


def parse_map(name: str) -> MapSpec:
    """Return what a map's name means. Raises UsageError with the nearest word for one that means nothing."""
    word = name.removeprefix("!").strip()
    inverted = name.startswith("!")
    if is_map_file(word):
        return MapSpec(name, word, inverted)
    kind, _, value = word.partition(":")
    if word in _PLAIN:
        return MapSpec(name, None, inverted, _PLAIN[word])
    if kind in _MEASURED and value:
        return MapSpec(name, None, inverted, _MEASURED[kind](value, name))
    raise UsageError(
        f"there is no map {name!r}: a map is a picture or video file with its ending (water.png, rain.mp4), "
        f"or one of {', '.join(_WORDS)}; with ! before it, where that is not.{suggestion(word, _WORDS)}"
    )


def maps_wanted(targets: Targets, config: DreamConfig) -> tuple[str, ...]:
    """Return the names of all maps that a dream asks for, each once: those of its targets, and the mask."""
    names = [name for each in (targets, *config.octave_targets) for name in _named_by(each)]
    return tuple(dict.fromkeys([*names, *([config.mask] if config.mask else [])]))


def luminance(picture: Picture) -> Map:
    """Return the brightness of a (3, h, w) RGB picture, (h, w), 0..1."""
    red, green, blue = (channel * np.float32(weight) for channel, weight in zip(picture, LUMA, strict=True))
    bright: Map = red + green + blue
    return bright


def _named_by(targets: Targets) -> Iterable[str]:
    tables: tuple[Mapping[str, float], ...] = (
        targets.classes,
        targets.palette,
        targets.layers,
        targets.channels,
    )
    yield from (name for table in tables for spec in table if (name := split_map(spec)[1]))
    yield from (name for spec in targets.guides if (name := split_guide(spec)[2]))


def _dark(picture: Picture) -> Map:
    return 1 - luminance(picture)


def _centre(picture: Picture) -> Map:
    """Return an ellipse: 1 up to a third of the way to the picture's edges, 0 from the edges on."""
    height, width = picture.shape[-2:]
    across, down = _places(width) * 2 - 1, _places(height) * 2 - 1
    radius = np.sqrt(down[:, None] ** 2 + across[None, :] ** 2)
    return _smooth((1 - radius) * 1.5)


def _hue(value: str, name: str) -> Callable[[Picture], Map]:
    """Read "200" or "200±30": half of the strength is left at that distance, none at half as far again."""
    found = _HUE.fullmatch(value)
    width_deg = float(found[2] or _HUE_WIDTH_DEG) if found else 0.0
    if found is None or not float(found[1]) <= 360 or not 1 <= width_deg <= 180:
        raise UsageError(
            f"the map {name!r} is no hue: write degrees from 0 to 360 (0 red, 120 green, 240 blue), and how "
            "far around them, from 1 to 180, like hue:200 or hue:200±30."
        )
    centre_deg = float(found[1])

    def compute(picture: Picture) -> Map:
        angle_deg, colourful = _hue_and_saturation(picture)
        away_deg = np.abs((angle_deg - centre_deg + 180) % 360 - 180)
        return _smooth((1.5 * width_deg - away_deg) / width_deg) * colourful

    return compute


def _hue_and_saturation(picture: Picture) -> tuple[Map, Map]:
    """Return the hue in degrees and how colourful each pixel is, 0..1.

    The hue is that of the colour hexagon. Saturation counts in full from a half on, and less in the dark,
    where noise has a hue too.
    """
    red, green, blue = picture
    highest, chroma = picture.max(0), np.ptp(picture, axis=0)
    safe = np.maximum(chroma, np.float32(1e-6))
    sixths = np.where(
        highest == red,
        (green - blue) / safe,
        np.where(highest == green, (blue - red) / safe + 2, (red - green) / safe + 4),
    )
    return sixths * 60 % 360, np.minimum(2.2 * chroma / (highest + np.float32(0.1)), 1)


def _stretch(axis: int) -> Callable[[str, str], Callable[[Picture], Map]]:
    def read(value: str, name: str) -> Callable[[Picture], Map]:
        found = _SHARES.fullmatch(value)
        first, last = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
        if not 0 <= first < last <= 1:
            kind = name.removeprefix("!").partition(":")[0]
            raise UsageError(
                f"the map {name!r} is no part of the picture: write two rising shares of its "
                f"{'width' if axis else 'height'}, from 0 to 1, like {kind}:0-0.33."
            )

        def compute(picture: Picture) -> Map:
            line = _ramps(_places(picture.shape[1 + axis]), first, last)
            shape = picture.shape[-2:]
            return np.broadcast_to(line[None, :] if axis else line[:, None], shape).copy()

        return compute

    return read


def _ramps(place: Map, first: float, last: float) -> Map:
    """Return 1 between two places and 0 outside; each edge is soft around its place, but for the frame's own.

    Neighbouring bands (0-0.33 and 0.33-1) add up to 1 wherever both have room for the soft edge.
    """
    edge = min(_EDGE, last - first)
    up = _smooth((place - first) / edge + 0.5) if first > 0 else np.ones_like(place)
    down = _smooth((last - place) / edge + 0.5) if last < 1 else np.ones_like(place)
    return up * down


def _places(count: int) -> Map:
    """Return where the centres of `count` pixels lie, as shares 0..1."""
    return ((np.arange(count) + 0.5) / count).astype(np.float32)


def _smooth(ramp: NDArray[np.floating]) -> Map:
    """Return 3x^2 - 2x^3 of a ramp cut to 0..1: it leaves 0 and reaches 1 without a kink."""
    cut = np.clip(ramp, 0, 1)
    smooth: Map = (cut * cut * (3 - 2 * cut)).astype(np.float32)
    return smooth


_PLAIN: dict[str, Callable[[Picture], Map]] = {"luminance": luminance, "dark": _dark, "centre": _centre}
_MEASURED: dict[str, Callable[[str, str], Callable[[Picture], Map]]] = {
    "hue": _hue,
    "band": _stretch(axis=1),
    "row": _stretch(axis=0),
}

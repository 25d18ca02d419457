"""Maps computed from a frame: where it is bright or dark, has a hue, or what part of it.

How such regions are written is in `targets.regions`. Edges are soft. Files are for `render.maps` to open,
since they may play along with a clip.
"""

from __future__ import annotations

from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from .config.dream import DreamConfig
from .targets.regions import Band, Centre, Dark, Hue, Luminance, Region, Row
from .targets.targets import Targets

Picture = NDArray[np.float32]
Map = NDArray[np.float32]

# Rec. 709's weights of red, green and blue in brightness, here of the coded values, as in video.
LUMA = (0.2126, 0.7152, 0.0722)

_EDGE = 0.1  # width of a band's soft edge, as a share of the picture


def computed_map(region: Region, picture: Picture) -> Map:
    """Return the map of a region that needs nothing but the picture, (3, h, w) RGB: (h, w) float32, 0..1."""
    return inverted_if(region, _compute(region, picture))


def inverted_if(region: Region, whole: Map) -> Map:
    """Return a region's map within 0..1, inverted where it is what the region is not."""
    kept = np.clip(whole, 0, 1, dtype=np.float32)
    return np.ascontiguousarray(1 - kept if region.inverted else kept)


def regions_wanted(targets: Targets, config: DreamConfig) -> tuple[Region, ...]:
    """Return all regions whose maps a dream asks for, each once: those of its targets, and the mask."""
    regions = [region for each in (targets, *config.octave_targets) for region in each.regions]
    return tuple(dict.fromkeys([*regions, *([config.mask] if config.mask else [])]))


def luminance(picture: Picture) -> Map:
    """Return the brightness of a (3, h, w) RGB picture, (h, w), 0..1."""
    red, green, blue = (channel * np.float32(weight) for channel, weight in zip(picture, LUMA, strict=True))
    bright: Map = red + green + blue
    return bright


@singledispatch
def _compute(region: Region, picture: Picture) -> Map:
    raise NotImplementedError(f"{region} is not computed from the picture")


@_compute.register
def _(region: Luminance, picture: Picture) -> Map:
    return luminance(picture)


@_compute.register
def _(region: Dark, picture: Picture) -> Map:
    return 1 - luminance(picture)


@_compute.register
def _(region: Centre, picture: Picture) -> Map:
    """Return an ellipse: 1 up to a third of the way to the picture's edges, 0 from the edges on."""
    height, width = picture.shape[-2:]
    across, down = _places(width) * 2 - 1, _places(height) * 2 - 1
    radius = np.sqrt(down[:, None] ** 2 + across[None, :] ** 2)
    return _smooth((1 - radius) * 1.5)


@_compute.register
def _(region: Hue, picture: Picture) -> Map:
    """Return half of the strength at the hue's width from it, none at half as far again."""
    angle_deg, colourful = _hue_and_saturation(picture)
    away_deg = np.abs((angle_deg - region.hue_deg + 180) % 360 - 180)
    return _smooth((1.5 * region.width_deg - away_deg) / region.width_deg) * colourful


@_compute.register
def _(region: Band, picture: Picture) -> Map:
    line = _ramps(_places(picture.shape[2]), region.first, region.last)
    return np.broadcast_to(line[None, :], picture.shape[-2:]).copy()


@_compute.register
def _(region: Row, picture: Picture) -> Map:
    line = _ramps(_places(picture.shape[1]), region.first, region.last)
    return np.broadcast_to(line[:, None], picture.shape[-2:]).copy()


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

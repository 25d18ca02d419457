"""The maps of every frame: opened and checked before anything is dreamt, then handed out frame by frame.

    MapReader.at(time)       files, on the thread that decodes the clip
    MapSupply.of(picture)    those, and the ones computed from the picture that is dreamt about

A map video runs on the clip's own clock: a clip rendered from its fifth second on meets the fifth second of
the map. Its first frame holds until it begins, its last one after it has ended. Maps of another shape are
stretched to the frame, without the ringing that sharper filters draw beside an edge: black stays black.

What decodes files is loaded when a map is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image

from ..dream.maps import computed_map, inverted_if, luminance, regions_wanted
from ..dream.targets.regions import Region, RegionFile
from ..errors import InputNotFoundError, MediaError
from .frames.frames import Map, Picture
from .outputs import check_not_read
from .settings.settings import ClipConfig, Settings

if TYPE_CHECKING:
    from .media.clip_info import ClipInfo
    from .media.pictures.animation import AnimationSource

SizePx = tuple[int, int]
"""Width and height."""

MapFrame: TypeAlias = tuple[Fraction, Callable[[], Picture]]
"""When a frame of a map begins, and what converts it to a picture if that is wanted."""

OpenMap: TypeAlias = Callable[[Fraction], Iterator[MapFrame]]
"""Yields the frames of a map that moves, the first one at or before a time, or the map's very first."""

# Two clocks put the same moment up to their ticks apart: a webm counts milliseconds.
_SAME_MOMENT_S = Fraction(1, 1000)

# Enough to find out whether a map is black all over.
_LOOKED_AT_PX = (512, 512)

# Lossy video leaves traces in what was black, and where the mask is black not a bit may change.
_NEARLY = 1.0001 / 255


class MapSupply:
    """All maps that a run needs, by their regions' names. Holds no open file, no picture; `reader` does."""

    def __init__(self, regions: Sequence[Region] = (), mask: Region | None = None) -> None:
        """Check every file. `mask` is the one of the regions outside which nothing is dreamt.

        Raises InputNotFoundError or MediaError for a file that is not there, is no picture or video, or is
        black all over.
        """
        self.mask = None if mask is None else mask.name
        self._computed = [region for region in regions if not isinstance(region, RegionFile)]
        self._pictures: list[RegionFile] = []
        self._videos: list[tuple[RegionFile, OpenMap]] = []
        for region in regions:
            if isinstance(region, RegionFile):
                self._check(region, Path(region.path))

    def reader(self) -> MapReader:
        """Return what reads the files of the maps, for one thread, and for times that mostly rise."""
        return MapReader(self._pictures, self._videos)

    def of(self, picture: Picture, from_files: Mapping[str, Map]) -> dict[str, Map]:
        """Return all maps of one picture: the computed ones, and those that were read for it."""
        return {**from_files, **{region.name: computed_map(region, picture) for region in self._computed}}

    def at(self, picture: Picture, time_s: Fraction = Fraction(0)) -> dict[str, Map]:
        """Return all maps of a single picture, at a time of the clip's own clock."""
        return self.of(picture, self.reader().at(time_s, (picture.shape[2], picture.shape[1])))

    def _check(self, region: RegionFile, path: Path) -> None:
        from .media.pictures.pictures import read_map
        from .media.sources import is_animated, is_picture

        _require_file(path)
        if is_animated(path):
            from .media.pictures.animation import AnimationSource

            self._videos.append(
                (region, partial(_animation_frames, AnimationSource(path, ClipConfig(), True)))
            )
            return
        if not is_picture(path):
            from .media.clip.probe import probe

            self._videos.append((region, partial(_clip_frames, probe(path))))
            return
        if not inverted_if(region, _drawn(read_map(path, _LOOKED_AT_PX))).any():
            raise MediaError(
                f"the map {region} is black all over, so nothing would be dreamt there. White is where to "
                "dream (transparent is black); ! before its name inverts it."
            )
        self._pictures.append(region)


def settings_maps(settings: Settings, output: Path | None) -> MapSupply:
    """Return the maps that a run's settings name, checked.

    Raises as `MapSupply` does, and OutputError where the output would replace them, or else what is named.
    """
    if output is not None:
        check_not_read(output, settings)
    return MapSupply(regions_wanted(settings.targets, settings.dream), settings.dream.mask)


class MapReader:
    """Reads the maps that are files, at the size of the frames; to be used by one thread at a time."""

    def __init__(self, pictures: Sequence[RegionFile], videos: Sequence[tuple[RegionFile, OpenMap]]) -> None:
        self._pictures = pictures
        self._videos = {region: _MapVideo(open_map) for region, open_map in videos}
        self._still: dict[str, Map] = {}

    def at(self, time_s: Fraction, size_px: SizePx) -> dict[str, Map]:
        """Return the maps at a time of the clip's own clock. Raises MediaError for a video that is damaged.

        Maps are shared between calls: nobody may write into them.
        """
        if self._pictures:
            from .media.pictures.pictures import read_map
        for region in self._pictures:
            if region.name not in self._still or self._still[region.name].shape[::-1] != size_px:
                drawn = _fitted(_drawn(read_map(Path(region.path), size_px)), size_px)
                self._still[region.name] = inverted_if(region, drawn)
        moving = {
            region.name: inverted_if(region, video.at(time_s, size_px))
            for region, video in self._videos.items()
        }
        return {**self._still, **moving}


class _MapVideo:
    """One map video, decoded forward as time goes on, and from anew when it goes back."""

    def __init__(self, open_map: OpenMap) -> None:
        self._open = open_map
        self._coming: Iterator[MapFrame] | None = None
        self._next: MapFrame | None = None
        self._shown: MapFrame | None = None
        self._map: tuple[Fraction, SizePx, Map] | None = None

    def at(self, time_s: Fraction, size_px: SizePx) -> Map:
        """Return the luminance of the frame on the screen at that time."""
        start_s, picture = self._frame(time_s + _SAME_MOMENT_S)
        if self._map is None or self._map[:2] != (start_s, size_px):
            self._map = start_s, size_px, _fitted(_drawn(picture()), size_px)
        return self._map[2]

    def _frame(self, time_s: Fraction) -> MapFrame:
        if self._coming is None or self._shown is None or time_s < self._shown[0]:
            self._coming = self._open(time_s)
            self._shown = next(self._coming)  # the decoder raises when it finds no frame
            self._next = next(self._coming, None)
        while self._next is not None and self._next[0] <= time_s:
            self._shown, self._next = self._next, next(self._coming, None)
        return self._shown


def _clip_frames(info: ClipInfo, time_s: Fraction) -> Iterator[MapFrame]:
    from .media.clip.decode import Decoder
    from .media.colour.to_rgb import ToRGB

    pictures = ToRGB(info)
    begins = min(max(time_s, Fraction(0)), info.packet_times_s[-1])
    for start_s, frame in Decoder(info).frames(begins):
        yield start_s, partial(pictures.convert, frame)


def _animation_frames(animation: AnimationSource, _: Fraction) -> Iterator[MapFrame]:
    for frame in animation.frames():
        yield frame.time_s, partial(_same, frame.picture)


def _same(picture: Picture) -> Picture:
    return picture


def _drawn(picture: Picture) -> Map:
    """Return the brightness of a map's picture; a level of 255 away from black or white is meant to be it."""
    stretched = (luminance(picture) - _NEARLY) / (1 - 2 * _NEARLY)
    drawn: Map = np.clip(stretched, 0, 1, dtype=np.float32)
    return drawn


def _fitted(whole: Map, size_px: SizePx) -> Map:
    """Return a map at another size; Pillow widens the filter when it shrinks."""
    if whole.shape[::-1] == size_px:
        return whole
    resized = Image.fromarray(whole).resize(size_px, Image.Resampling.BILINEAR)
    return np.asarray(resized, dtype=np.float32)


def _require_file(path: Path) -> None:
    try:
        what = None if path.is_file() else "is not a file" if path.exists() else "does not exist"
    except OSError as error:  # a name too long, a folder that may not be entered
        what = f"cannot be read ({error.strerror})"
    if what is not None:
        raise InputNotFoundError(f"the map {path} {what}. Check the path.")

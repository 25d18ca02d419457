"""Regions: where in a picture something happens. Each is a map, 0 nowhere to 1 fully.

    water.png  rain.mp4        a picture or a video, white is where; its luminance, laid over black
    luminance  dark            where the frame is bright, where it is dark
    hue:200  hue:200±30        where the frame has that hue, in degrees (0 red, 120 green, 240 blue), the
                               stronger the more saturated
    band:0-0.33                from the left edge to a third of the width
    row:0.5-1                  the lower half
    centre                     an ellipse in the middle
    !water.png  !hue:200       where it is not

These are the values and how they are written; `dream.maps` computes those that need nothing but the frame,
`render.maps` opens files, since they may play along with a clip.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic_core import CoreSchema, core_schema

from ...errors import ConfigError, suggestion
from .files import absolute_path, ends_like_a_file
from .syntax import NOT, PART, Quote, cut, decimals, is_quoted, name_in, plain, shortest

_WORDS = ("luminance", "dark", "centre", "hue:200", "band:0-0.33", "row:0.5-1")
_HUE = re.compile(r"(\d+(?:\.\d+)?)(?:(?:±|\+-)(\d+(?:\.\d+)?))?", re.ASCII)
_SHARES = re.compile(r"(\d*\.?\d+)-(\d*\.?\d+)", re.ASCII)
_HUE_WIDTH_DEG = 30.0


@dataclass(frozen=True)
class Region:
    """Where in a picture, or with `inverted`, where not."""

    inverted: bool = field(default=False, kw_only=True)

    @property
    def name(self) -> str:
        """The region as it is written, and what its map is called by."""
        return shortest(self.text, read_region, self)

    def text(self, quote: Quote) -> str:
        """Return the region as it is written, a file's name by `quote`."""
        return f"{NOT if self.inverted else ''}{self.word(quote)}"

    def word(self, quote: Quote) -> str:
        """Return what stands behind the sign of what is inverted."""
        raise NotImplementedError

    def with_files(self, change: Callable[[str], str]) -> Self:
        """Return the region with the path of its file, if it has one, changed."""
        return self

    def absolute(self, folder: Path) -> Self:
        """Return the region with an absolute path, a relative one's from a folder."""
        return self.with_files(lambda path: absolute_path(path, folder))

    def __str__(self) -> str:
        return self.name

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        """Have settings read a region's name, and write it."""
        return core_schema.no_info_before_validator_function(
            _from_settings,
            core_schema.is_instance_schema(cls),
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        """Say that it is a word."""
        return {"type": "string"}


@dataclass(frozen=True)
class RegionFile(Region):
    """Where a picture, or a video at the same moment, is white."""

    path: str

    def word(self, quote: Quote) -> str:
        return quote(self.path)

    def with_files(self, change: Callable[[str], str]) -> Self:
        return replace(self, path=change(self.path))


@dataclass(frozen=True)
class Luminance(Region):
    """Where the frame is bright."""

    def word(self, quote: Quote) -> str:
        return "luminance"


@dataclass(frozen=True)
class Dark(Region):
    """Where the frame is dark."""

    def word(self, quote: Quote) -> str:
        return "dark"


@dataclass(frozen=True)
class Centre(Region):
    """The middle of the frame."""

    def word(self, quote: Quote) -> str:
        return "centre"


@dataclass(frozen=True)
class Hue(Region):
    """Where the frame has a hue: half as much at `width_deg` from it, none at half as far again."""

    hue_deg: float
    width_deg: float = _HUE_WIDTH_DEG

    def __post_init__(self) -> None:
        if not (0 <= self.hue_deg <= 360 and 1 <= self.width_deg <= 180):
            raise ConfigError(_no_hue(self.text(plain)))

    def word(self, quote: Quote) -> str:
        width = "" if self.width_deg == _HUE_WIDTH_DEG else f"±{decimals(self.width_deg)}"
        return f"hue:{decimals(self.hue_deg)}{width}"


@dataclass(frozen=True)
class Stretch(Region):
    """What lies between two shares of the frame's width or height."""

    first: float
    last: float

    kind: ClassVar[str]
    side: ClassVar[str]

    def __post_init__(self) -> None:
        if not 0 <= self.first < self.last <= 1:
            raise ConfigError(_no_stretch(self.text(plain), type(self)))

    def word(self, quote: Quote) -> str:
        return f"{self.kind}:{decimals(self.first)}-{decimals(self.last)}"


@dataclass(frozen=True)
class Band(Stretch):
    """From one share of the width to another."""

    kind, side = "band", "width"


@dataclass(frozen=True)
class Row(Stretch):
    """From one share of the height to another."""

    kind, side = "row", "height"


def read_region(text: str) -> Region:
    """Return the region that is written so. Raises ConfigError with the nearest word for what means none."""
    word = text.strip()
    inverted = word.startswith(NOT)
    word = word.removeprefix(NOT).strip()
    if is_quoted(word) or ends_like_a_file(word):
        return RegionFile(name_in(word), inverted=inverted)
    if word in _PLAIN:
        return _PLAIN[word](inverted=inverted)
    kind, _, value = cut(word, PART)
    if kind == "hue" and value:
        return _read_hue(value, inverted, text)
    if kind in _STRETCHES and value:
        return _read_stretch(_STRETCHES[kind], value, inverted, text)
    raise ConfigError(
        f"there is no map {text!r}: a map is a picture or video file with its ending (water.png, rain.mp4), "
        f"or one of {', '.join(_WORDS)}; with ! before it, where that is not.{suggestion(word, _WORDS)}"
    )


def region_printed_anew(name: object) -> object:
    """Return a region's name as it is printed now: "band:.5-1" is "band:0.5-1". What is none stays."""
    try:
        return read_region(name).name if isinstance(name, str) else name
    except ConfigError:
        return name


def _read_hue(value: str, inverted: bool, text: str) -> Hue:
    if (found := _HUE.fullmatch(value)) is None:
        raise ConfigError(_no_hue(text))
    return Hue(float(found[1]), float(found[2] or _HUE_WIDTH_DEG), inverted=inverted)


def _read_stretch(kind: type[Stretch], value: str, inverted: bool, text: str) -> Stretch:
    if (found := _SHARES.fullmatch(value)) is None:
        raise ConfigError(_no_stretch(text, kind))
    return kind(float(found[1]), float(found[2]), inverted=inverted)


def _no_hue(text: str) -> str:
    return (
        f"the map {text!r} is no hue: write degrees from 0 to 360 (0 red, 120 green, 240 blue), and how far "
        "around them, from 1 to 180, like hue:200 or hue:200±30."
    )


def _no_stretch(text: str, kind: type[Stretch]) -> str:
    return (
        f"the map {text!r} is no part of the picture: write two rising shares of its {kind.side}, from 0 to "
        f"1, like {kind.kind}:0-0.33."
    )


def _from_settings(value: object) -> object:
    try:
        return read_region(value) if isinstance(value, str) else value
    except ConfigError as error:
        raise ValueError(str(error).removesuffix(".")) from None


_PLAIN: dict[str, type[Region]] = {"luminance": Luminance, "dark": Dark, "centre": Centre}
_STRETCHES: dict[str, type[Stretch]] = {kind.kind: kind for kind in (Band, Row)}

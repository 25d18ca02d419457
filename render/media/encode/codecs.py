"""The codecs a film's picture can be encoded with: their encoders, containers, quality, speed and bits.

docs/media.md shows them as a table. Which container holds which is chosen by what players understand, as for
sounds (`containers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_SPEEDS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
_MP4 = (".mp4", ".m4v")


@dataclass(frozen=True)
class Crf:
    """A constant rate factor: its range, low is good and large, and a value that is visually clean."""

    lowest: int
    highest: int
    clean: int


@dataclass(frozen=True)
class Codec:
    """One way of encoding moving pictures, and the software encoder that does it."""

    name: str
    title: str
    encoder: str
    suffixes: tuple[str, ...]
    """Suffixes of the containers that hold it."""
    pixel_formats: Mapping[int, str]
    """FFmpeg's pixel format for each number of bits per channel; the first is the usual one."""
    options: tuple[str, ...] = ()
    """What the encoder is always told."""
    crf: Crf | None = None
    presets: tuple[str, ...] = ()
    preset: str = ""
    """The usual one of `presets`."""
    preset_option: str = "-preset:v"
    preset_pixel_formats: Mapping[str, str] = field(default_factory=dict)
    """Presets that bring a pixel format of their own."""
    takes_odd_sizes: bool = True
    """Whether it can halve the chroma of an odd width or height."""

    @property
    def is_rgb(self) -> bool:
        """True where red, green and blue are stored as they are."""
        return next(iter(self.pixel_formats.values())).startswith(("gbr", "bgr", "rgb"))


_YUV = {8: "yuv420p", 10: "yuv420p10le"}

CODECS = {
    codec.name: codec
    for codec in (
        Codec(
            *("h264", "H.264", "libx264", (*_MP4, ".mov", ".mkv"), _YUV),
            # On a thread of its own it looks ahead as far as frames have come by then: of the same frames, a
            # busy machine made another film in one of eight runs.
            options=("-x264-params:v", "sync-lookahead=0"),
            crf=Crf(0, 51, 16),
            presets=(*_SPEEDS, "placebo"),
            preset="medium",
            takes_odd_sizes=False,
        ),
        Codec(
            *("h265", "H.265", "libx265", (*_MP4, ".mov", ".mkv"), _YUV),
            options=("-x265-params:v", "log-level=error"),
            crf=Crf(0, 51, 18),
            presets=(*_SPEEDS, "placebo"),
            preset="medium",
            takes_odd_sizes=False,
        ),
        Codec(
            *("prores", "ProRes", "prores_ks", (".mov", ".mkv"), {10: "yuv422p10le"}),
            options=("-vendor:v", "apl0"),  # some editors open no other
            presets=("proxy", "lt", "standard", "hq", "4444"),
            preset="hq",
            preset_option="-profile:v",
            preset_pixel_formats={"4444": "yuv444p10le"},
        ),
        Codec(
            *("vp9", "VP9", "libvpx-vp9", (".webm", ".mkv", *_MP4), _YUV),
            options=("-b:v", "0", "-row-mt:v", "1", "-deadline:v", "good"),
            crf=Crf(0, 63, 22),
            presets=tuple("012345"),
            preset="4",
            preset_option="-cpu-used:v",
        ),
        Codec(
            *("av1", "AV1", "libsvtav1", (*_MP4, ".mkv", ".webm"), _YUV),
            crf=Crf(1, 63, 22),
            presets=tuple(str(speed) for speed in range(14)),
            preset="8",
        ),
        Codec(
            *("ffv1", "FFV1", "ffv1", (".mkv",), {8: "bgr0", 10: "gbrp10le", 16: "gbrp16le"}),
            options=("-level:v", "3", "-g:v", "1", "-slicecrc:v", "1"),  # as archives ask for: RFC 9043
        ),
        Codec("gif", "GIF", "gif", (".gif",), {8: "pal8"}),
    )
}

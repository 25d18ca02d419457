"""The containers a film can be written to, by suffix, and what each can hold.

`copied_sounds` and `copied_subtitles` are codecs that go in untouched, chosen by what players understand
rather than by what a muxer accepts: Vorbis in mp4 is legal and silent almost everywhere. But a clip in the
same kind of container plays where its film is meant to, so all that it holds may be copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...errors import OutputError, suggestion

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
"""Of pictures that are written, and read."""
READ_SUFFIXES = (*PICTURE_SUFFIXES, ".apng", ".avif")
"""Of pictures that are read; a GIF, animated or not, is a clip."""


@dataclass(frozen=True)
class Container:
    """A kind of film file: ffmpeg's muxer, the picture codec, and the sounds it may hold."""

    suffix: str
    muxer: str
    video: str
    """Name of the picture's usual codec (`codecs`)."""
    copied_sounds: frozenset[str] | None
    """Sound codecs that are copied; None for all of them."""
    sound_encoder: str | None
    """ffmpeg's encoder for the other sounds; None when the container is silent."""
    copied_subtitles: frozenset[str]
    text_encoder: str | None
    """ffmpeg's encoder for other subtitles that are text; None when the container holds none."""
    front_index: bool = False
    """Whether the index moves to the front, so that a browser can play while it loads."""

    def is_like(self, format_name: str, brand: str) -> bool:
        """Tell whether a file of FFmpeg's format name and of this brand is a container of the same kind.

        A webm cannot be told from an mkv; what a webm may hold is in the table.
        """
        if "mov" in format_name.split(","):
            return self.muxer == ("mov" if brand in ("qt", "") else "mp4")
        return self.muxer == "matroska" and "matroska" in format_name.split(",")


_MP4_SOUNDS = frozenset({"aac", "mp3", "ac3", "eac3", "alac", "flac", "opus"})
_MOV_SOUNDS = frozenset(
    {"aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_f32le"}
)
_WEBM_SOUNDS = frozenset({"opus", "vorbis"})
_MKV_SUBTITLES = frozenset(
    {"subrip", "ass", "ssa", "webvtt", "dvd_subtitle", "dvb_subtitle", "hdmv_pgs_subtitle"}
)
_TIMED_TEXT = frozenset({"mov_text"})
TEXT_SUBTITLES = frozenset({"subrip", "ass", "ssa", "webvtt", "mov_text", "text"})
"""Subtitles that can be turned into each other; the others are pictures."""

CONTAINERS = {
    container.suffix: container
    for container in (
        Container(".mp4", "mp4", "h264", _MP4_SOUNDS, "aac", _TIMED_TEXT, "mov_text", front_index=True),
        Container(".m4v", "mp4", "h264", _MP4_SOUNDS, "aac", _TIMED_TEXT, "mov_text", front_index=True),
        Container(".mov", "mov", "h264", _MOV_SOUNDS, "aac", _TIMED_TEXT, "mov_text", front_index=True),
        Container(".mkv", "matroska", "h264", None, "aac", _MKV_SUBTITLES, "subrip"),
        Container(".webm", "webm", "vp9", _WEBM_SOUNDS, "libopus", frozenset({"webvtt"}), "webvtt"),
        Container(".gif", "gif", "gif", frozenset(), None, frozenset(), None),
    )
}


def container_for(path: Path) -> Container:
    """Return the container that `path`'s suffix names. Raises OutputError listing the known ones."""
    suffix = path.suffix.lower()
    if suffix in CONTAINERS:
        return CONTAINERS[suffix]
    if suffix in PICTURE_SUFFIXES:
        raise OutputError(
            f"{path.name} names a single picture, but a film was asked for. Name a film ({known_suffixes()}) "
            "or a folder for numbered pictures, or use `lucidreel preview` or `lucidreel still`."
        )
    raise OutputError(
        f"{path.name}: films cannot be written as {suffix}.{suggestion(suffix, CONTAINERS)} "
        f"Use {known_suffixes()}, or a folder name (without a suffix) for numbered pictures."
    )


def require_picture_suffix(path: Path) -> None:
    """Raise OutputError, listing the known ones, unless `path`'s suffix names a kind of picture."""
    if path.suffix.lower() not in PICTURE_SUFFIXES:
        raise OutputError(
            f"{path.name}: pictures cannot be written as {path.suffix or 'a file without a suffix'}. "
            f"Use one of {', '.join(PICTURE_SUFFIXES)}."
        )


def known_suffixes() -> str:
    """Return the known suffixes as words: ".mp4, .mov, .mkv, .webm or .gif"."""
    *first, last = [suffix for suffix in CONTAINERS if suffix != ".m4v"]
    return f"{', '.join(first)} or {last}"

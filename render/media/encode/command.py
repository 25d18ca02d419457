"""The ffmpeg command line that turns timed raw frames, and a clip's sound, into a film.

    input 0   raw RGB with timestamps (NUT) on the pipe      -> picture
    input 1   the clip itself, shifted so that times agree   -> sound, subtitles, metadata
    input 2   the film's chapters in a file, on its clock    -> chapters
    input 3   where the clip's clock jumps: its sounds       -> sound

`-copyts` leaves every time as it is given: without it ffmpeg moves each input's start to zero by itself,
and a sound that began before the picture would slip. `-fps_mode passthrough` keeps every frame at its own
time, and the encoder runs on the film's own clock. Every option of the picture names its stream (`:v`):
without that it is the sound's as well, and sound encoded on the picture's clock is torn to pieces.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from ...frames.frames import FilmFormat
from ..containers import Container
from ..film_formats import input_arguments
from ..sound.track import SoundTrack
from .encoding import Encoding

# swscale writes BT.601 unless told otherwise, and does not tag what it writes.
_TO_BT709 = (
    "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int,format={pixels},"
    "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709,setsar={aspect}"
)
# A palette of its own for every frame: one for the whole film would need the whole film in memory.
_TO_PALETTE = (
    "split[frames][samples];[samples]palettegen=stats_mode=single[palette];"
    "[frames][palette]paletteuse=new=1:dither=sierra2_4a"
)
# What both AAC and Opus encode; other layouts, such as 5.1 with side speakers, go to the nearest of these.
_ANY_LAYOUT = "aformat=channel_layouts=mono|stereo|3.0|quad|5.0|5.1|7.1"
# Where parts were joined, silence as short as a packet of sound may be between them.
_FILL_GAPS = "aresample=async=1:min_hard_comp=0.002"
# By itself ffmpeg looks for 5 s; a sound that begins later has no sample rate then, and cannot be copied.
_SOON_S, _LATE_S = 4, 300
_MOST_BYTES = "100M"
# RGB goes in as it is, its levels only shifted to the format's bits.
_TO_RGB = (
    "format={pixels},setparams=range=pc:colorspace=gbr:color_primaries=bt709:color_trc=bt709,setsar={aspect}"
)


def encode_arguments(
    film: FilmFormat,
    container: Container,
    encoding: Encoding,
    track: SoundTrack | None,
    chapters: Path,
    sounds: Path,
    output: Path,
    tags: Mapping[str, str] | None = None,
) -> list[str]:
    """Return ffmpeg's arguments (without the program) to write `output` from NUT on its stdin.

    `chapters` is read where there is a track: a file in FFmpeg's metadata format. `sounds` is read where the
    track's clock jumps: the clip's sounds in its order, on the clip's clock. `tags` go before the clip's.
    """
    return [
        *("-y", "-hide_banner", "-nostats", "-loglevel", "error", "-copyts"),
        *("-max_error_rate", "1"),  # a stretch of sound that does not decode must not end the film
        *("-f", "nut", "-i", "pipe:0"),
        *_track_input(track, chapters, sounds),
        *_repeatable(container),
        *("-map", "0:v"),
        *_track_output(track),
        *(word for key, value in (tags or {}).items() for word in ("-metadata:g", f"{key}={value}")),
        *_picture_arguments(film, encoding),
        *("-fps_mode:v", "passthrough", "-enc_time_base:v", _ratio(film.time_base)),
        *_muxer_arguments(film, container, encoding),
        *("-f", container.muxer, _as_file(output)),
    ]


def trial_arguments(track: SoundTrack, container: Container, sounds: Path) -> list[str]:
    """Return ffmpeg's arguments to write the side streams, or tags alone, as in a film but to nowhere.

    `sounds` is read as for a film.
    """
    has_streams = track.sounds or track.subtitles
    return [
        *("-y", "-hide_banner", "-nostats", "-nostdin", "-loglevel", "error", "-copyts"),
        *clip_input(track),
        *_spliced_input(track, sounds),
        *_side_streams(track, 0, 1 if track.is_rewritten else None),
        *("-f", container.muxer if has_streams else "ffmetadata", _as_file(Path(os.devnull))),
    ]


def _repeatable(container: Container) -> list[str]:
    """Keep Matroska from writing numbers of its own, drawn at random every time."""
    return ["-fflags", "+bitexact"] if container.muxer in ("matroska", "webm") else []


def _track_input(track: SoundTrack | None, chapters: Path, sounds: Path) -> list[str]:
    if track is None:
        return []
    told = ["-f", "ffmetadata", "-i", _as_file(chapters)]
    return [*clip_input(track), *told, *_spliced_input(track, sounds)]


def _spliced_input(track: SoundTrack, sounds: Path) -> list[str]:
    if not track.is_rewritten:
        return []
    return ["-itsoffset", _seconds(track.shift_s + track.origin_s), "-f", "nut", "-i", _as_file(sounds)]


def clip_input(track: SoundTrack) -> list[str]:
    """Return ffmpeg's arguments to read the clip, its times moved to the film's clock."""
    return ["-itsoffset", _seconds(track.shift_s), *_patience(track), *input_arguments(track.path)]


def _patience(track: SoundTrack) -> list[str]:
    """Have ffmpeg look for facts up to where the last sound begins; it keeps in memory what it reads."""
    begins_s = [s.span_s[0] - track.origin_s for s in track.sounds if s.span_s is not None]
    if not _SOON_S < max(begins_s, default=Fraction(0)) < _LATE_S:
        return []
    looked_at_us = round((max(begins_s) + _SOON_S) * 1_000_000)
    return ["-analyzeduration", str(looked_at_us), "-probesize", _MOST_BYTES]


def _track_output(track: SoundTrack | None) -> list[str]:
    """Take tags, chapters and side streams; a time code would be wrong as soon as the clip is cut."""
    if track is None:
        return []
    streams = _side_streams(track, 1, 3 if track.is_rewritten else None)
    return ["-map_metadata", "1", "-metadata", "timecode=", "-map_chapters", "2", *streams]


def _side_streams(track: SoundTrack, clip: int, spliced: int | None) -> list[str]:
    """Map streams of the inputs `clip` and, for sounds whose clock jumps, `spliced`.

    `-ss 0` and `-t` drop copied packets that begin outside the film.
    """
    arguments = []
    for position, (sound, encoder) in enumerate(zip(track.sounds, track.encoders, strict=True)):
        source = f"{clip}:{sound.index}" if spliced is None else f"{spliced}:{position}"
        arguments += ["-map", source, f"-c:a:{position}", encoder or "copy"]
        if encoder is not None:
            filters = _ANY_LAYOUT if spliced is None else f"{_FILL_GAPS},{_ANY_LAYOUT}"
            arguments += [f"-b:a:{position}", "160k", f"-filter:a:{position}", filters]
    for position, (text, encoder) in enumerate(zip(track.subtitles, track.subtitle_encoders, strict=True)):
        arguments += ["-map", f"{clip}:{text.index}", f"-c:s:{position}", encoder or "copy"]
        if track.length_s is not None:  # or the last words would make the film longer than its picture
            left = f"{_seconds(track.length_s)}/TB-PTS"
            arguments += [f"-bsf:s:{position}", f"setts=duration=min(DURATION\\,{left})"]
    if track.cuts_start:
        arguments += ["-ss", "0"]
    if track.length_s is not None:
        arguments += ["-t", _seconds(track.length_s)]
    return arguments


def _picture_arguments(film: FilmFormat, encoding: Encoding) -> list[str]:
    if encoding.codec.name == "gif":
        return ["-filter:v", _TO_PALETTE, *encoding.arguments]
    conversion = _TO_RGB if encoding.codec.is_rgb else _TO_BT709
    filters = conversion.format(pixels=encoding.pixel_format_for(film), aspect=_ratio(film.pixel_aspect))
    return ["-filter:v", filters, *encoding.arguments]


def _muxer_arguments(film: FilmFormat, container: Container, encoding: Encoding) -> list[str]:
    if not container.front_index:
        return []
    # Apple's players open H.265 under this name only.
    tag = ["-tag:v", "hvc1"] if encoding.codec.name == "h265" else []
    # The track's clock ticks at least as finely as the film's; its own default may not divide it.
    return [
        *tag,
        "-video_track_timescale",
        str(film.time_base.denominator),
        "-movflags",
        "+faststart",
        "-write_tmcd",
        "0",
    ]


def _as_file(path: Path) -> str:
    """Spell a path so that ffmpeg cannot take it for an option or a protocol ("a:b.mp4")."""
    return f"file:{path}"


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _seconds(value: Fraction) -> str:
    return f"{float(value):.6f}"

"""The ffmpeg command line that turns timed raw frames, and a clip's sound, into a film.

    input 0   raw RGB with timestamps (NUT) on the pipe      -> picture
    input 1   the clip itself, shifted so that times agree   -> sound, subtitles, metadata

`-copyts` leaves every time as it is given: without it ffmpeg moves each input's start to zero by itself,
and a sound that began before the picture would slip. `-fps_mode passthrough` keeps every frame at its own
time, and the encoder runs on the film's own clock.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from ..frames import FilmFormat
from ..settings import OutputConfig
from .containers import Container
from .sound import SoundTrack

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
_CODECS = {
    "h264": "libx264 -preset medium",
    "vp9": "libvpx-vp9 -b:v 0 -row-mt 1 -deadline good -cpu-used 4",
}
_DEFAULT_CRF = {"h264": 16, "vp9": 22}


def encode_arguments(
    film: FilmFormat, container: Container, config: OutputConfig, track: SoundTrack | None, output: Path
) -> list[str]:
    """Return ffmpeg's arguments (without the program) to write `output` from NUT on its stdin."""
    return [
        *("-y", "-hide_banner", "-nostats", "-loglevel", "error", "-copyts"),
        *("-f", "nut", "-i", "pipe:0"),
        *_track_input(track),
        *("-map", "0:v"),
        *_track_output(track),
        *_picture_arguments(film, container, config),
        *("-fps_mode", "passthrough", "-enc_time_base", _ratio(film.time_base)),
        *_muxer_arguments(film, container),
        *("-f", container.muxer, _as_file(output)),
    ]


def _track_input(track: SoundTrack | None) -> list[str]:
    if track is None:
        return []
    return ["-itsoffset", _seconds(track.shift_s), "-i", _as_file(track.path)]


def _track_output(track: SoundTrack | None) -> list[str]:
    """Map and copy the side streams; `-ss 0` and `-t` drop copied packets that begin outside the film."""
    if track is None:
        return []
    arguments = ["-map_metadata", "1"]
    for position, (sound, encoder) in enumerate(zip(track.sounds, track.encoders, strict=True)):
        arguments += ["-map", f"1:{sound.index}", f"-c:a:{position}", encoder or "copy"]
        if encoder is not None:
            arguments += [f"-b:a:{position}", "160k", f"-filter:a:{position}", _ANY_LAYOUT]
    for subtitle in track.subtitles:
        arguments += ["-map", f"1:{subtitle.index}", "-c:s", "copy"]
    if track.cuts_start:
        arguments += ["-ss", "0"]
    if track.length_s is not None:
        arguments += ["-t", _seconds(track.length_s)]
    return arguments


def _picture_arguments(film: FilmFormat, container: Container, config: OutputConfig) -> list[str]:
    if container.video == "gif":
        return ["-vf", _TO_PALETTE, "-c:v", "gif"]
    crf = _DEFAULT_CRF[container.video] if config.crf is None else config.crf
    filters = _TO_BT709.format(pixels=_pixel_format(film, container), aspect=_ratio(film.pixel_aspect))
    return ["-vf", filters, "-c:v", *_CODECS[container.video].split(), "-crf", str(crf)]


def _pixel_format(film: FilmFormat, container: Container) -> str:
    """Return 4:2:0, which every player knows, unless H.264 cannot hold the size with it: it halves both."""
    odd = film.width_px % 2 or film.height_px % 2
    return "yuv444p" if odd and container.video == "h264" else "yuv420p"


def _muxer_arguments(film: FilmFormat, container: Container) -> list[str]:
    if not container.front_index:
        return []
    # The track's clock ticks at least as finely as the film's; its own default may not divide it.
    return ["-video_track_timescale", str(film.time_base.denominator), "-movflags", "+faststart"]


def _as_file(path: Path) -> str:
    """Spell a path so that ffmpeg cannot take it for an option or a protocol ("a:b.mp4")."""
    return f"file:{path}"


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _seconds(value: Fraction) -> str:
    return f"{float(value):.6f}"

"""Which part of a clip, which way the camera goes, how the film is encoded. Defaults as in `dream_flags`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from .completion import offered
from .flag_groups import Sets, flag
from .parsing import parse_frame_rate, parse_shift, parse_size, parse_speed, parse_time

DREAM = "How to dream"
CLIP = "Which part of the clip"
CAMERA = "The camera"
FILM = "The film file"


@dataclass(frozen=True)
class ClipFlags:
    """Which part of a clip is dreamt, at what size and rate."""

    start: Annotated[
        str | None,
        flag(
            "--start",
            everyday=True,
            metavar="TIME",
            panel=CLIP,
            default="the clip's first frame",
            help="First moment: 2s, 350ms, 1:02.5.",
        ),
        Sets("clip.start_s", parse_time),
    ] = None

    end: Annotated[
        str | None,
        flag(
            "--end",
            everyday=True,
            metavar="TIME",
            panel=CLIP,
            default="the clip's end",
            help="Stop before this moment.",
        ),
        Sets("clip.end_s", parse_time),
    ] = None

    size: Annotated[
        str | None,
        flag(
            "--size",
            everyday=True,
            metavar="WxH",
            panel=CLIP,
            default="the clip's own",
            help="Size of the result in pixels: 960x540.",
        ),
        Sets("clip.size_px", parse_size),
    ] = None

    fps: Annotated[
        str | None,
        flag(
            "--fps",
            metavar="RATE",
            panel=CLIP,
            default="every frame at its own time",
            help="Resample to a constant rate: 24, 23.976, 30000/1001.",
        ),
        Sets("clip.fps", parse_frame_rate),
    ] = None


@dataclass(frozen=True)
class PictureFlags:
    """The size of a single picture."""

    size: Annotated[
        str | None,
        flag(
            "--size",
            everyday=True,
            metavar="WxH",
            panel=DREAM,
            default="the picture's own",
            help="Size to dream at, in pixels: 960x540.",
        ),
        Sets("clip.size_px", parse_size),
    ] = None


@dataclass(frozen=True)
class CameraFlags:
    """A camera that moves at constant speed into a dream."""

    duration: Annotated[
        str | None,
        flag(
            "--duration",
            "-d",
            everyday=True,
            metavar="TIME",
            panel=CAMERA,
            default="10.0",
            help="Length of the film: 10s, 1:30.",
        ),
        Sets("zoom.duration_s", parse_time),
    ] = None

    fps: Annotated[
        str | None,
        flag(
            "--fps",
            metavar="RATE",
            panel=CAMERA,
            default="24",
            help="Frame rate: 24, 23.976, 30000/1001.",
        ),
        Sets("zoom.fps", parse_frame_rate),
    ] = None

    size: Annotated[
        str | None,
        flag(
            "--size",
            everyday=True,
            metavar="WxH",
            panel=CAMERA,
            default="the picture's own",
            help="Size of the film in pixels: 960x540.",
        ),
        Sets("zoom.size_px", parse_size),
    ] = None

    zoom: Annotated[
        str | None,
        flag(
            "--zoom",
            everyday=True,
            metavar="FACTOR/s",
            panel=CAMERA,
            default="1.5",
            help="Magnification per second: 1/s stands still, 2/s doubles, 0.5/s moves away.",
        ),
        Sets("zoom.zoom_per_s", parse_speed),
    ] = None

    rotate: Annotated[
        str | None,
        flag(
            "--rotate",
            everyday=True,
            metavar="DEG/s",
            panel=CAMERA,
            default="0.0",
            help="Rotation in degrees per second, counter-clockwise.",
        ),
        Sets("zoom.rotate_deg_per_s", parse_speed),
    ] = None

    shift: Annotated[
        str | None,
        flag(
            "--shift",
            everyday=True,
            metavar="X,Y/s",
            panel=CAMERA,
            default="0.0,0.0",
            help="Pixels to the right and down per second: 0,5/s.",
        ),
        Sets("zoom.shift_px_per_s", parse_shift),
    ] = None

    tone_hold: Annotated[
        float | None,
        flag(
            "--tone-hold",
            metavar="0..1",
            panel=CAMERA,
            default="1.0",
            help="How firmly colours, contrast and sharpness are held to the first frame's: 0 lets them "
            "drift, to neon in the end.",
        ),
        Sets("zoom.tone_hold"),
    ] = None

    births: Annotated[
        float | None,
        flag(
            "--births",
            metavar="LEVELS",
            panel=CAMERA,
            default="16.0",
            help="Newborn detail where the camera moves in, for new creatures to grow from: 0 is none.",
        ),
        Sets("zoom.births"),
    ] = None


@dataclass(frozen=True)
class FilmFlags:
    """How a film is encoded."""

    codec: Annotated[
        str | None,
        flag(
            "--codec",
            complete=offered(("h264", "h265", "vp9", "av1", "prores", "ffv1")),
            metavar="NAME",
            panel=FILM,
            default="h264, in a webm vp9",
            help="h264, h265, vp9, av1, prores (mov, mkv) or ffv1 (lossless, mkv).",
        ),
        Sets("output.codec"),
    ] = None

    crf: Annotated[
        int | None,
        flag(
            "--crf",
            metavar="N",
            panel=FILM,
            default="visually clean for the codec",
            help="Constant rate factor: lower is larger and better.",
        ),
        Sets("output.crf"),
    ] = None

    encoder_preset: Annotated[
        str | None,
        flag(
            "--encoder-preset",
            metavar="NAME",
            panel=FILM,
            default="a middling one",
            help="The encoder's speed (slow, fast; vp9 0 to 5, av1 0 to 13); the profile of prores.",
        ),
        Sets("output.encoder_preset"),
    ] = None

    bit_depth: Annotated[
        int | None,
        flag(
            "--bit-depth",
            metavar="8|10|16",
            panel=FILM,
            default="8, for prores 10",
            help="Bits per channel; 16 for ffv1 and pictures.",
        ),
        Sets("output.bit_depth"),
    ] = None

    encoder: Annotated[
        str | None,
        flag(
            "--encoder",
            metavar="NAME",
            panel=FILM,
            default="the codec's software encoder",
            help="An encoder of ffmpeg by name, such as h264_nvenc or hevc_videotoolbox.",
        ),
        Sets("output.encoder"),
    ] = None


@dataclass(frozen=True)
class SoundFlags:
    """Whether a clip's sound comes along."""

    no_sound: Annotated[
        bool,
        flag("--no-sound", panel=FILM, help="Leave the clip's sound out; else it is copied."),
        Sets("output.sound", lambda _: False),
    ] = False

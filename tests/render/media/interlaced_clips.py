"""Interlaced clips of several kinds: a bright bar moves on from field to field."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, SPEED_PX = 128, 48, 3


def upright_bar(place: float) -> NDArray[np.uint8]:
    """Return a frame with a soft bright bar across its whole height, its middle at that column."""
    profile = np.exp(-(((np.arange(WIDTH) - place) / 5) ** 2)) * 180 + 30
    return np.repeat(np.rint(profile).astype(np.uint8)[None, :, None], HEIGHT, axis=0).repeat(3, axis=2)


def encoded(path: Path, frames: list[NDArray[np.uint8]], *arguments: str) -> Path:
    """Encode the frames, 25 per second, with these arguments to ffmpeg."""
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", "25", "-i", "-"),
        *(*arguments, str(path)),
    ]
    subprocess.run(command, input=b"".join(frame.tobytes() for frame in frames), check=True)
    return path


def woven(count: int, order: str) -> list[NDArray[np.uint8]]:
    """Weave 2 * count moments into frames; the earlier of two is on the even lines if the top comes first."""
    frames = []
    for number in range(count):
        early, late = (upright_bar(20 + SPEED_PX * moment) for moment in (2 * number, 2 * number + 1))
        top, bottom = (early, late) if order == "tff" else (late, early)
        frame = bottom.copy()
        frame[::2] = top[::2]
        frames.append(frame)
    return frames


X264 = ["-c:v", "libx264", "-qp", "0", "-flags", "+ildct+ilme", "-pix_fmt", "yuv444p", "-x264-params"]
MPEG2 = ["-c:v", "mpeg2video", "-q:v", "1", "-flags", "+ildct+ilme", "-pix_fmt", "yuv422p"]
PRORES = ["-c:v", "prores_ks", "-flags", "+ildct", "-pix_fmt", "yuv422p10le"]
UTVIDEO = ["-c:v", "utvideo", "-pix_fmt", "yuv444p", "-field_order", "tt"]
KINDS: dict[str, tuple[str, str, list[str]]] = {
    "H.264, top first": ("clip.mp4", "tff", [*X264, "tff=1"]),
    "H.264, bottom first": ("clip.mkv", "bff", [*X264, "bff=1"]),
    "MPEG-2, bottom first": ("clip.mpg", "bff", MPEG2),
    "ProRes, 10 bits": ("clip.mov", "tff", PRORES),
    "utvideo, which only the header calls interlaced": ("clip.mkv", "tff", UTVIDEO),
}


def interlaced_clip(kind: str, folder: Path, count: int = 10) -> Path:
    """Make a clip of so many interlaced frames, of one of the `KINDS`."""
    name, order, arguments = KINDS[kind]
    return encoded(folder / name, woven(count, order), "-vf", f"setfield={order}", *arguments)

"""Clips to measure whether sound is in step: 1.2 s, black and silent but for two flashes and chirps."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg

from lucidreel.tests.render.media.sound_meter import CHIRP_S

FRAMES, RATE, LENGTH_S = 30, 25, 1.2
EVENTS_S = (0.4, 0.8)


def made(path: Path, words: str, picture_late_s: float = 0, sound_late_s: float = 0) -> Path:
    """Make a clip with ffmpeg, whose words say how it is encoded; picture or sound may begin later."""
    flashes = "+".join(f"eq(N,{round(event * RATE)})" for event in EVENTS_S)
    sweeps = "+".join(
        f"between(t,{event},{event + CHIRP_S})*0.7*sin(2*PI*(400*(t-{event})+25000*pow(t-{event},2)))"
        for event in EVENTS_S
    )
    picture = f"color=black:s=64x48:r={RATE}:d={LENGTH_S},geq=lum='if({flashes},235,16)':cb=128:cr=128"
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y"),
        *("-itsoffset", str(picture_late_s), "-f", "lavfi", "-i", picture),
        *("-itsoffset", str(sound_late_s), "-f", "lavfi"),
        *("-i", f"aevalsrc='{sweeps}':s=48000:d={LENGTH_S}"),
        *words.split(),
        str(path),
    ]
    subprocess.run(command, check=True)
    return path

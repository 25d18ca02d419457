"""Transparent clips: their colours are kept, their alpha is dropped, and the user is told."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from lucidreel.render.events.events import Summary
from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.preview.moments import source_moments
from lucidreel.render.settings.settings import ClipConfig, Settings

SIZE_PX = 48
ORANGE = (230, 120, 40)


def _clip(path: Path, opacity: int, *arguments: str) -> Path:
    """Write three frames of one colour, the left half of them as opaque as is said, the rest wholly."""
    frame = np.full((SIZE_PX, SIZE_PX, 4), (*ORANGE, 255), dtype=np.uint8)
    frame[:, : SIZE_PX // 2, 3] = opacity
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgba"),
        *("-s", f"{SIZE_PX}x{SIZE_PX}", "-r", "25", "-i", "-", *arguments, str(path)),
    ]
    subprocess.run(command, input=frame.tobytes() * 3, check=True)
    return path


KINDS = {
    "ProRes 4444": ("clip.mov", "-c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le"),
    "PNG in mov": ("clip.mov", "-c:v png -pix_fmt rgba"),
    "FFV1": ("clip.mkv", "-c:v ffv1 -pix_fmt bgra"),
    "VP9": ("clip.webm", "-c:v libvpx-vp9 -lossless 1 -pix_fmt yuva420p"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("opacity", [0, 128])
def test_alpha_is_dropped_with_a_note_and_colours_are_kept(
    kind: str, opacity: int, tmp_path: Path, rendered: Callable[..., Summary]
) -> None:
    name, arguments = KINDS[kind]
    clip = _clip(tmp_path / name, opacity, *arguments.split())
    picture = next(ClipSource(probe(clip), ClipConfig()).frames()).picture
    for column in (SIZE_PX // 4, SIZE_PX * 3 // 4):
        assert picture[:, SIZE_PX // 2, column] * 255 == pytest.approx(ORANGE, abs=3)
    summary = rendered(clip, "film.mp4")
    assert summary.frames == 3
    assert summary.notes == (
        "the clip is transparent in places: alpha was dropped, its colours taken as opaque",
    )


def test_previews_say_of_a_clip_what_renders_say(tmp_path: Path) -> None:
    name, arguments = KINDS["FFV1"]
    heard: list[str] = []
    source_moments(_clip(tmp_path / name, 128, *arguments.split()), [0.04], Settings(), heard.append)
    assert heard == ["the clip is transparent in places: alpha was dropped, its colours taken as opaque"]


def test_gifs_are_only_called_transparent_when_they_are(
    tmp_path: Path,
) -> None:
    palette = ("-vf", "split[a][b];[a]palettegen[p];[b][p]paletteuse")
    assert not probe(_clip(tmp_path / "opaque.gif", 255, *palette)).has_alpha
    assert probe(_clip(tmp_path / "clear.gif", 0, *palette)).has_alpha


def test_opaque_clips_are_not_called_transparent(short_clip: Path) -> None:
    assert not probe(short_clip).has_alpha

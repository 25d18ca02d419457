"""The last line of a run: what was made, how long it is, how long it took."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import one_line
from ..render.events import Summary
from .progress import clock


def film_summary(summary: Summary) -> str:
    """Return "dream.mp4: 96 frames, 4 s, in 1:12 (1.33 fps)", and a line for every note.

    The rate counts what was made in this run, not what was kept from before.
    """
    frames = "1 frame" if summary.frames == 1 else f"{summary.frames} frames"
    line = (
        f"{one_line(str(summary.output))}: {frames}, {summary.duration_s:.4g} s, in {clock(summary.wall_s)}"
    )
    if summary.made:
        line += f" ({summary.made / max(summary.wall_s, 1e-6):.2f} fps)"
    return "\n".join([line, *(f"  {one_line(note)}" for note in summary.notes)])


def picture_summary(output: Path, picture: NDArray[np.float32]) -> str:
    """Return "dream.png: 640x480"."""
    _, height_px, width_px = picture.shape
    return f"{one_line(str(output))}: {width_px}x{height_px}"

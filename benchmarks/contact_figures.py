"""Figures of dreams that lie in folders of numbered frames, and a table of two versions' figures.

mean         brightness of all channels, levels of 255
saturation   mean distance between a pixel's strongest and weakest channel, levels of 255
sharpness    mean difference between neighbours in a row, levels of 255
clipped      share of pixels with a channel at 0 or 255
psnr_db      how near the dream is to its source; not for zooms, which leave it behind
flicker      what the dream adds to the source's own restlessness since the frame before (`flicker.py`)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from lucidreel.benchmarks.flicker import flicker
from lucidreel.benchmarks.measures import clipped, levels, psnr_db
from lucidreel.render.frames.frames import Picture
from lucidreel.render.media.pictures.pictures import read_picture
from lucidreel.render.motion.choose import choose_estimator
from lucidreel.render.settings.flow import FlowConfig

Figures = dict[str, float]
_COLUMNS = ("saturation", "sharpness", "clipped", "psnr_db", "flicker")
# Below this, too little of the picture was there before to tell flicker from news.
_COMMON = 0.1
_SURE = 0.99


def pictures_in(folder: Path) -> list[Picture]:
    """Return the numbered frames of a folder, in order; none where there is no such folder."""
    return [read_picture(path) for path in sorted(folder.glob("*.png"))]


def frame_figures(picture: Picture) -> Figures:
    """Return what one frame says by itself."""
    eight = levels(picture)
    return {
        "mean": float(eight.mean()),
        "saturation": float((eight.max(axis=0) - eight.min(axis=0)).mean()),
        "sharpness": float(np.abs(np.diff(eight.mean(axis=0), axis=1)).mean()),
        "clipped": float(clipped(eight).mean()),
    }


def film_figures(pictures: Sequence[Picture], sources: Sequence[Picture]) -> list[Figures]:
    """Return the figures of every frame; those that need a source only where there are as many of them."""
    told = [frame_figures(picture) for picture in pictures]
    if len(sources) != len(pictures) or not pictures:
        return told
    for figures, picture, source in zip(told, pictures, sources, strict=True):
        figures["psnr_db"] = psnr_db(levels(picture), levels(source))
    estimator = choose_estimator(FlowConfig(), "cpu")
    pairs = zip(told[1:], pairwise(pictures), pairwise(sources), strict=True)
    for figures, dreams, before_and_now in pairs:
        flow = estimator.between(*before_and_now)
        if (flow.confidence > _SURE).mean() > _COMMON:
            figures["flicker"] = flicker(dreams, [flow]) - flicker(before_and_now, [flow])
    return told


def table(before: Path, after: Path, names: Sequence[str]) -> str:
    """Return a Markdown table: of every job the mean over its frames, before and after."""
    lines = [f"| | {' | '.join(_COLUMNS)} |", f"|---|{'---|' * len(_COLUMNS)}"]
    for name in names:
        old, new = _read(before / name), _read(after / name)
        if old or new:
            cells = [f"{_mean(old, column)} → {_mean(new, column)}" for column in _COLUMNS]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _read(folder: Path) -> list[Figures]:
    file = folder / "figures.json"
    frames: list[Figures] = json.loads(file.read_text())["frames"] if file.is_file() else []
    return frames


def _mean(frames: Sequence[Figures], column: str) -> str:
    values = [figures[column] for figures in frames if column in figures]
    if not values:
        return "–"
    mean = float(np.mean(values))
    return f"{mean:.1%}" if column == "clipped" else f"{mean:.1f}" if column != "flicker" else f"{mean:.2f}"


def write_figures(folder: Path, told: dict[str, Any]) -> None:
    """Write a job's figures beside its frames."""
    (folder / "figures.json").write_text(json.dumps(told, indent=1) + "\n")

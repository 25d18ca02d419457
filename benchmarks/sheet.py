"""A contact sheet with a caption on every picture: the source and its dreams side by side, a row per case."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lucidreel.render.frames.frames import Picture
from lucidreel.render.preview.contact_sheet import contact_sheet

_CAPTION_PX = 22
_PAPER, _INK = 20, 235
_MOST_BYTES = 350_000


def captioned_sheet(
    rows: Sequence[Sequence[tuple[str, Picture]]], cell_width_px: int, columns: int | None = None
) -> Picture:
    """Return one picture of all (caption, picture) pairs, every row as long as the longest.

    Rows longer than `columns` go on below: with half a row's length, every row takes two lines.
    """
    lengths = {len(row) for row in rows}
    if len(lengths) != 1:
        raise ValueError(f"rows of {sorted(lengths)} pictures: give every row the same number")
    cells = [_captioned(caption, picture, cell_width_px) for row in rows for caption, picture in row]
    return contact_sheet(cells, columns or lengths.pop())


def write_sheet(path: Path, sheet: Picture, most_bytes: int = _MOST_BYTES) -> None:
    """Write a sheet as JPEG for a page, at the best quality from 92 to 44 with which it is small enough."""
    image = Image.fromarray(np.rint(sheet.clip(0, 1).transpose(1, 2, 0) * 255).astype(np.uint8))
    for quality in range(92, 40, -4):
        image.save(path, format="JPEG", quality=quality, optimize=True)
        if path.stat().st_size <= most_bytes:
            return


def _captioned(caption: str, picture: Picture, width_px: int) -> Picture:
    """Return the picture at a width, with its caption on a strip above."""
    bytes_ = np.rint(picture.clip(0, 1).transpose(1, 2, 0) * 255).astype(np.uint8)
    image = Image.fromarray(bytes_)
    height_px = round(image.height * width_px / image.width)
    cell = Image.new("RGB", (width_px, height_px + _CAPTION_PX), (_PAPER,) * 3)
    cell.paste(image.resize((width_px, height_px), Image.Resampling.LANCZOS), (0, _CAPTION_PX))
    ImageDraw.Draw(cell).text((4, 3), caption, (_INK,) * 3, ImageFont.load_default(14))
    levels = np.asarray(cell, dtype=np.float32) / np.float32(255)
    return np.ascontiguousarray(levels.transpose(2, 0, 1))

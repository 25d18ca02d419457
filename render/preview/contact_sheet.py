"""Several pictures on one sheet, to look at moments of a clip side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..frames.frames import Picture

_GAP_PX = 4
_BACKGROUND = 0.08


def contact_sheet(pictures: Sequence[Picture], columns: int | None = None) -> Picture:
    """Return the pictures in rows of `columns` (default: about as many as rows), a thin gap between them.

    Every cell has the size of the largest picture; smaller ones are centred. One picture is its own sheet.
    Raises ValueError without pictures.
    """
    if not pictures:
        raise ValueError("a contact sheet needs at least one picture")
    if len(pictures) == 1:
        return pictures[0]
    columns = min(columns or math.ceil(math.sqrt(len(pictures))), len(pictures))
    rows = math.ceil(len(pictures) / columns)
    height = max(picture.shape[1] for picture in pictures)
    width = max(picture.shape[2] for picture in pictures)
    shape = (3, rows * (height + _GAP_PX) - _GAP_PX, columns * (width + _GAP_PX) - _GAP_PX)
    sheet = np.full(shape, _BACKGROUND, dtype=np.float32)
    for index, picture in enumerate(pictures):
        top = index // columns * (height + _GAP_PX) + (height - picture.shape[1]) // 2
        left = index % columns * (width + _GAP_PX) + (width - picture.shape[2]) // 2
        sheet[:, top : top + picture.shape[1], left : left + picture.shape[2]] = picture
    return sheet

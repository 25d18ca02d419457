"""Frames that show the same picture as the one before, so that its dream can be shown again.

Animation drawn on twos, film brought to a video rate, a still shot, a slide show: the same picture comes
twice, and an encoder adds noise that differs every time. Dreamt again, it costs as much as any frame and
flickers.

Every frame is compared with the last one that was dreamt, so that slow change adds up until it is seen
and is never lost. Noise is told from change by what it averages to: it is strong in a few pixels, nothing
over many, and does not follow the edges as movement does. It is a repeat when everywhere in the picture

    what                                        is at most     or else, seen
    difference over 6x6 px, grey                8   of 255     small things that move
    difference over 32x32 px, each colour       1.5 of 255     soft things, changes of colour
    difference over 64x64 px, each colour       0.6 of 255     fades, light
    shift of what is in a block of 128x128 px   0.1 px         slow pans, whatever their contrast

So a dot of 4x4 px is seen from 18 levels of contrast on, and a fade makes steps of 0.6 levels.
A repeat that is not found is dreamt once more, which costs time and nothing else: the limits err that way.
What they were chosen by is in `docs/video-measurements.md`.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frames.frames import Picture

Plane: TypeAlias = NDArray[np.float32]
"""One plane of a picture: (height, width)."""

_EDGE_LIMIT, _SOFT_LIMIT, _LIGHT_LIMIT = 8 / 255, 1.5 / 255, 0.6 / 255
_SHIFT_LIMIT_PX = 0.1
_FAINT_GRADIENT = 0.5 / 255  # per 4 px
_SOFT_HALVINGS = 4  # from frames halved, as they are kept, to 32 px of the picture; once more is 64 px
_BLOCK_HALVINGS = 5  # from a quarter of the size to 128 px


class Repeats:
    """Tells of pictures whether they repeat the one that is kept."""

    def __init__(self) -> None:
        self._kept = self._newest = self._difference = np.empty((3, 0, 0), dtype=np.float32)

    def is_repeat(self, picture: Picture) -> bool:
        """Tell whether `picture` (3, height, width), 0..1, shows the same as the kept one.

        It does not where none is kept, or one of another size.
        """
        shape = _half_shape(picture)
        if self._newest.shape != shape:  # memory taken anew for every frame would cost twice the arithmetic
            self._newest, self._difference = (np.empty(shape, np.float32) for _ in range(2))
        _halve(picture, self._newest)
        if self._kept.shape != shape:
            return False
        np.subtract(self._newest, self._kept, out=self._difference)
        return not _is_change(self._kept, self._difference)

    def keep(self) -> None:
        """Keep the picture that was last asked about: the next ones are compared with it."""
        self._kept, self._newest = self._newest, self._kept


def _is_change(kept: Picture, difference: Picture) -> bool:
    """Tell whether a halved picture that differs from the halved `kept` one is beyond any of the limits."""
    grey = _grey(difference)
    soft = _averaged(difference, _SOFT_HALVINGS)
    return (
        _peak(_averaged(soft, 1)) > _LIGHT_LIMIT
        or _peak(soft) > _SOFT_LIMIT
        or _peak(np.asarray(cv2.blur(grey, (3, 3)), np.float32)) > _EDGE_LIMIT
        or _shift_px(_grey(kept), grey) > _SHIFT_LIMIT_PX
    )


def _shift_px(grey: Plane, difference: Plane) -> float:
    """Return how far what is in halved `grey` has moved, at most over all blocks, in pixels of the picture.

    For each block the shift that explains the difference best in the least squares sense, from the gradients:
    Lucas and Kanade 1981, one step without warping, which is exact enough for a fraction of a pixel. The
    faintest gradients are damped, so that noise in flat blocks is no movement.
    """
    grey, change = _averaged(np.stack([grey, difference]), 1)
    right = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    products = np.stack([right * right, right * down, down * down, change * right, change * down])
    xx, xy, yy, x, y = _averaged(products, _BLOCK_HALVINGS)
    xx, yy = xx + _FAINT_GRADIENT**2, yy + _FAINT_GRADIENT**2
    squares = (yy * x - xy * y) ** 2 + (xx * y - xy * x) ** 2
    return 4 * float(np.sqrt(squares / (xx * yy - xy * xy) ** 2).max())


def _grey(planes: Picture) -> Plane:
    grey: Plane = planes[0] + planes[1] + planes[2]
    grey *= np.float32(1 / 3)
    return grey


def _averaged(planes: Picture, halvings: int) -> Picture:
    for _ in range(halvings):
        planes = _halved(planes)
    return planes


def _halved(planes: Picture) -> Picture:
    """Return every plane averaged over squares of two pixels; a single row or column stays."""
    return _halve(planes, np.empty(_half_shape(planes), dtype=np.float32))


def _halve(planes: Picture, out: Picture) -> Picture:
    for plane, into in zip(planes, out, strict=True):
        cv2.resize(plane, into.shape[::-1], dst=into, interpolation=cv2.INTER_AREA)
    return out


def _half_shape(planes: Picture) -> tuple[int, int, int]:
    count, height, width = planes.shape
    return count, max(1, height // 2), max(1, width // 2)


def _peak(planes: NDArray[np.float32]) -> float:
    return float(max(planes.max(), -planes.min()))

"""Cutting a view that is too big for memory into tiles whose gradients join without a seam.

Every objective sums over positions, so the gradient at a pixel depends only on the positions whose receptive
field holds that pixel. A tile that reaches one halo further than the part it is responsible for (its core)
contains all of them whole; the halo's own gradient is wrong and thrown away. Tiles start on multiples of the
network's stride, so that each position of the tile is a position of the whole view.

        0        |<--------- outer -------->|       length
        |--------[ halo |     core    | halo ]-------|
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...errors import OutOfMemoryError

# Above this, halos are nearly all there is to compute, and a frame takes minutes instead of seconds.
_MOST_WORK = 8


@dataclass(frozen=True)
class Span:
    """One tile along one axis, in pixels: the network sees outer, the core of its gradient is kept."""

    outer: slice
    core: slice

    @property
    def core_in_outer(self) -> slice:
        """The core, counted from the start of outer."""
        return slice(self.core.start - self.outer.start, self.core.stop - self.outer.start)


@dataclass(frozen=True)
class Tile:
    """One tile of a view."""

    rows: Span
    columns: Span

    @property
    def pixels(self) -> int:
        """How many pixels the network sees of it."""
        rows, columns = self.rows.outer, self.columns.outer
        return int((rows.stop - rows.start) * (columns.stop - columns.start))


def cut(height: int, width: int, max_pixels: int, stride: int, halo: int) -> list[Tile]:
    """Cover a view with as few tiles as fit `max_pixels` each, halo included.

    All lengths in pixels. Raises OutOfMemoryError when not even a core of one stride fits.
    """
    if height * width <= max_pixels:
        return [Tile(_whole(height), _whole(width))]
    margin = math.ceil(halo / stride) * stride
    rows_choices = _splits(height, stride, margin)
    columns_choices = _splits(width, stride, margin)
    best = min(
        (
            (rows.work * columns.work, rows.core, columns.core)
            for rows in rows_choices
            for columns in columns_choices
            if rows.largest * columns.largest <= max_pixels
        ),
        default=None,
    )
    if best is None:
        least = (2 * margin + stride) ** 2
        raise OutOfMemoryError(
            f"a tile of this network needs at least {least / 1e6:.2f} megapixels with its halo of {halo} px, "
            f"but the memory allowed holds {max_pixels / 1e6:.2f}: allow more (--memory) "
            "or pick a shallower layer"
        )
    work = best[0] / (height * width)
    if work > _MOST_WORK:
        raise OutOfMemoryError(
            f"tiles of {max_pixels / 1e6:.2f} megapixels, halos of {halo} px included, would compute every "
            f"pixel {work:.0f} times over: allow more memory (--memory) or pick a shallower layer"
        )
    _, core_rows, core_columns = best
    return [
        Tile(rows, columns)
        for rows in _spans(height, core_rows, margin)
        for columns in _spans(width, core_columns, margin)
    ]


def _whole(length: int) -> Span:
    return Span(slice(0, length), slice(0, length))


@dataclass(frozen=True)
class _Split:
    """One way to split an axis: its core length, its largest outer length, the pixels computed along it."""

    core: int
    largest: int
    work: int


def _splits(length: int, stride: int, margin: int) -> list[_Split]:
    """Return the splits of an axis into 1, 2, 3, … equal cores, rounded up to the stride."""
    parts = math.ceil(length / stride)
    cores = {math.ceil(parts / count) * stride for count in range(1, parts + 1)}
    splits = []
    for core in cores:
        outers = [span.outer.stop - span.outer.start for span in _spans(length, core, margin)]
        splits.append(_Split(core, max(outers), sum(outers)))
    return splits


def _spans(length: int, core: int, margin: int) -> list[Span]:
    return [
        Span(
            slice(max(0, start - margin), min(length, start + core + margin)),
            slice(start, min(length, start + core)),
        )
        for start in range(0, length, core)
    ]

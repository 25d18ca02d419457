"""Large pictures in strips: what is done pixel by pixel needs no copies of the whole picture."""

from __future__ import annotations

from collections.abc import Iterator

# A strip of a picture of 7680 pixels across, three channels of float32, is 45 MiB.
_ROWS = 512


def strips(height: int) -> Iterator[slice]:
    """Yield the rows of a picture of `height` rows, in order, some hundred at a time."""
    for top in range(0, height, _ROWS):
        yield slice(top, min(top + _ROWS, height))

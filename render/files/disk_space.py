"""How much disk space a ledger takes, known before it is begun: frames are stored uncompressed."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

from ..frames import FilmFormat

# A PNG's own share: 12 bytes of frame per 8 KiB chunk, block headers, the filter byte of each row.
_PNG_SHARE = 1 / 400
_PNG_HEAD = 2048
_BLOCK = 4096
# Three channels of 16 bits, and the history's two maps of 32 bits at a quarter of the size.
_STATE_BYTES_PER_PX = 3 * 2 + 2 * 4 / 4**2
# The one in place, and the next one until it takes that place.
_STATES = 2


def frame_bytes(film: FilmFormat, depth_bits: int) -> int:
    """Return the disk space of one kept frame, at most 1 % and a few blocks too much."""
    raw = film.height_px * (film.width_px * 3 * depth_bits // 8 + 1)
    return _in_blocks(int(raw * (1 + _PNG_SHARE)) + _PNG_HEAD)


def store_bytes(film: FilmFormat, depth_bits: int = 8, carries: bool = True) -> int | None:
    """Return the disk space of a whole film's frames, and of the dream that it carries along.

    It is None where nobody knows how many frames there are.
    """
    if film.frame_count is None:
        return None
    state = _in_blocks(math.ceil(film.width_px * film.height_px * _STATE_BYTES_PER_PX)) if carries else 0
    return film.frame_count * frame_bytes(film, depth_bits) + _STATES * state


def free_bytes(path: Path) -> int:
    """Return the free disk space where `path` is, or would be made. Raises OSError."""
    place = path.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


def size_words(count: float) -> str:
    """Return a number of bytes as a person reads it: "5.9 MiB"."""
    units = ("bytes", "KiB", "MiB", "GiB", "TiB")
    power = 0
    while count >= 1024 and power < len(units) - 1:
        count, power = count / 1024, power + 1
    return f"{count:.1f} {units[power]}" if power else f"{count:.0f} bytes"


def _in_blocks(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK

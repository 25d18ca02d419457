"""The carried dream: the picture that the next frame starts from, kept so that nothing of it is lost.

A frame is kept with 8 bits, but the next one grows out of the dream itself. A float picture is four times the
size and its last bits matter to nobody, so a render carries pictures rounded to 16 bits (`dream.quantize`),
killed or not: what is read back is exactly what an uninterrupted run would have carried. What the carry knows
of the shot so far (its history) lies behind it, to the bit.
"""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...dream.quantize import WHITE_16, uint16_levels
from ...models.reading.files import is_file
from ..files.atomic import replace_file
from ..frames.frames import Picture
from ..motion.shrink import shrunk_size

_WORD = "lucidreel-carry"
_HEAD = re.compile(
    rb"(?P<facts>lucidreel-carry (?P<kept>\d{1,12}) (?P<dreamt>\d{1,12}) (?P<height>[1-9]\d{0,5}) "
    rb"(?P<width>[1-9]\d{0,5})) (?P<checksum>[0-9a-f]{8})\n"
)
_LONGEST_HEAD = 128
_MAPS = 2  # of a history, `render.carry.history`


class Carried(NamedTuple):
    """What the frame after `kept_index` starts from."""

    kept_index: int
    picture: Picture
    """The settled dream of that frame: (3, height, width), 0..1."""
    dreamt_index: int
    """The frame whose dream it is: an earlier one, where frames repeat it."""
    history: NDArray[np.float32] | None = None
    """What the carry had found out about its shot by then, (2, h, w) of a quarter of the size."""


def save_state(path: Path, carried: Carried) -> None:
    """Write the carried dream atomically and durably. Raises OSError.

    Raises ValueError for a picture that was not settled: it would come back as another.
    """
    levels = uint16_levels(carried.picture)
    if not np.array_equal(_from_levels(levels), carried.picture):
        raise ValueError(f"the carried dream of frame {carried.kept_index} must be settled before it is kept")
    pixels = levels.astype("<u2", copy=False).tobytes()
    _, height, width = levels.shape
    history = b"" if carried.history is None else carried.history.astype("<f4", copy=False).tobytes()
    facts = f"{_WORD} {carried.kept_index} {carried.dreamt_index} {height} {width}"
    checksum = zlib.crc32(history, zlib.crc32(pixels, zlib.crc32(facts.encode("ascii"))))
    replace_file(path, [f"{facts} {checksum:08x}\n".encode("ascii"), pixels, history], durable=True)


def begins_a_state(path: Path) -> bool:
    """Tell whether a file begins as a carried dream does. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_WORD)) == _WORD.encode("ascii")


def load_state(path: Path) -> Carried | None:
    """Return the carried dream, or None when the file is missing, torn or damaged."""
    try:
        if not is_file(path):
            return None
        with path.open("rb") as file:
            head, behind = _HEAD.fullmatch(file.readline(_LONGEST_HEAD)), file.read()
    except OSError:
        return None
    if head is None or int(head["checksum"], 16) != zlib.crc32(behind, zlib.crc32(head["facts"])):
        return None
    kept, dreamt, height, width = (int(head[number]) for number in ("kept", "dreamt", "height", "width"))
    pixels, maps = behind[: 6 * height * width], behind[6 * height * width :]
    small_height, small_width = shrunk_size(height, width)
    if len(pixels) != 6 * height * width or len(maps) not in (0, _MAPS * 4 * small_height * small_width):
        return None
    picture = _from_levels(np.frombuffer(pixels, dtype="<u2").reshape(3, height, width).astype(np.uint16))
    if not maps:
        return Carried(kept, picture, dreamt)
    history = np.frombuffer(maps, dtype="<f4").reshape(_MAPS, small_height, small_width)
    return Carried(kept, picture, dreamt, history.astype(np.float32))


def _from_levels(levels: NDArray[np.uint16]) -> Picture:
    picture: Picture = levels.astype(np.float32)
    picture /= np.float32(WHITE_16)
    return picture

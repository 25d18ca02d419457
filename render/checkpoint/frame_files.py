"""One finished frame as a file: a PNG that anybody can look at, uncompressed, with a checksum in the journal.

Dreams are noise to a compressor (docs/resume.md has the figures), so frames are stored: ten times as fast for
half as much again, and a film's disk space is known exactly.
"""

from __future__ import annotations

import struct
import zlib
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from ...dream.picture_files.png_chunks import claims_too_much
from ...errors import OutputError
from ...models.reading.files import FileKind, read_bytes
from ..files.atomic import replace_file
from ..frames.frames import Picture
from .folder import frame_path
from .journal import Entry
from .plan import CheckpointPlan

Pixels: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]
"""One kept frame: (height, width, 3), RGB, 0..255 or 0..65535."""

_PNG, _RGB = b"\x89PNG\r\n\x1a\n", 2


def store_frame(folder: Path, index: int, time_s: Fraction, pixels: Pixels) -> Entry:
    """Write a frame under its name and return its line for the journal. Raises OSError."""
    data = _encoded(pixels)
    replace_file(frame_path(folder, index), [data])
    return Entry(index, time_s, len(data), _checksum(index, time_s, data))


def load_frame(folder: Path, entry: Entry, plan: CheckpointPlan) -> Pixels | None:
    """Return a frame's pixels, or None when its file is not the one that was kept, or none of such a film."""
    data = _sound_data(folder, entry)
    return None if data is None or not _is_of(data, plan) or claims_too_much(data) else _decoded(data)


def same_picture(folder: Path, one: int, other: int) -> bool:
    """Tell whether two kept frames show the same: the same pixels make the same file. Raises OSError."""
    return frame_path(folder, one).read_bytes() == frame_path(folder, other).read_bytes()


def fault(folder: Path, entry: Entry, plan: CheckpointPlan) -> str | None:
    """Say what is wrong with a kept frame, or return None; reads the file, but decodes nothing."""
    try:
        size = frame_path(folder, entry.index).stat().st_size
    except OSError:
        return "is missing"
    if size != entry.size:
        return f"is torn ({size} of {entry.size} bytes)"
    data = _sound_data(folder, entry)
    if data is None:
        return "is damaged (its checksum differs)"
    return None if _is_of(data, plan) else "is no frame of this film"


def picture_of(pixels: Pixels) -> Picture:
    """Return kept pixels (height, width, 3) as a picture that becomes the same pixels again."""
    white = np.float32(np.iinfo(pixels.dtype).max)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=np.float32) / white


def _sound_data(folder: Path, entry: Entry) -> bytes | None:
    try:
        data = read_bytes(frame_path(folder, entry.index), FileKind("frame", OutputError, entry.size))
    except OutputError:
        return None
    return data if _checksum(entry.index, entry.time_s, data) == entry.crc32 else None


def _is_of(data: bytes, plan: CheckpointPlan) -> bool:
    """Tell by its header whether a file is a picture as the plan's frames are: a checksum is no signature."""
    film = plan.film
    header = struct.pack(">4sIIBB", b"IHDR", film.width_px, film.height_px, plan.depth_bits, _RGB)
    return data.startswith(_PNG) and data[12 : 12 + len(header)] == header


def _checksum(index: int, time_s: Fraction, data: bytes) -> int:
    """Cover what the journal says of the frame too, so that a rotten journal is found out as well."""
    return zlib.crc32(data, zlib.crc32(f"{index} {time_s}".encode()))


def _encoded(pixels: Pixels) -> bytes:
    import cv2

    stored = [cv2.IMWRITE_PNG_COMPRESSION, 0, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE]
    _, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), stored)
    return bytes(data)


def _decoded(data: bytes) -> Pixels | None:
    import cv2

    picture: object = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if not isinstance(picture, np.ndarray) or picture.ndim != 3:
        return None
    return cast(Pixels, cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))

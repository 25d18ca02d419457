"""The chunks of a PNG by name and place: those that Pillow passes over, or only meets behind the pixels."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

_SIGNATURE_BYTES = 8
_MOST_CHUNKS = 100_000


def png_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield each chunk's name and size up to the end; the file stands at the chunk's data."""
    place = _SIGNATURE_BYTES
    for _ in range(_MOST_CHUNKS):
        file.seek(place)
        head = file.read(8)
        if len(head) < 8:
            return
        size, kind = struct.unpack(">I4s", head)
        yield kind, size
        place += size + 12  # name, size and checksum


def claims_too_much(data: bytes) -> bool:
    """Tell whether a chunk of a PNG says it is longer than the file: OpenCV would set that much aside."""
    place, kind = _SIGNATURE_BYTES, b""
    while place + 8 <= len(data) and kind != b"IEND":
        size, kind = struct.unpack_from(">I4s", data, place)
        place += size + 12
    return place > len(data)


@contextmanager
def kept_place(file: BinaryIO) -> Iterator[None]:
    """Put the file back to where it stood, for whoever else reads it."""
    before = file.tell()
    try:
        yield
    finally:
        file.seek(before)

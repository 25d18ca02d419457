"""Bytes that are on the disk, and not only on their way there, when a power cut comes."""

from __future__ import annotations

import os
from pathlib import Path


def write_all(handle: int, data: bytes) -> None:
    """Write all of `data`: a disk that is nearly full takes a part, and only says so when asked again."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def sync_path(path: Path) -> None:
    """Have a file, or a folder's list of names, on the disk; Windows has no way to open a folder."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

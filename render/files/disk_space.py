"""Disk space in words: how much is free, and how much is needed and missing where a disk is full.

ffmpeg ends with the system's number of the error, or is ended by a signal where files may only be so large;
both look like a broken film, and are none.
"""

from __future__ import annotations

import errno
import shutil
import signal
from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SAID = ("No space left on device", "Disk quota exceeded", "Disc quota exceeded", "File too large")
_TOO_LARGE_A_FILE = getattr(signal, "SIGXFSZ", None)


def is_full(error: OSError) -> bool:
    """Tell whether a file could not be written for want of disk space, or of leave to use more."""
    return error.errno in _FULL


def ended_on_full_disk(exit_code: int | None, last_words: str) -> bool:
    """Tell the same of an ffmpeg process, from how it ended."""
    by_signal = _TOO_LARGE_A_FILE is not None and exit_code == -_TOO_LARGE_A_FILE
    by_number = exit_code is not None and 256 - exit_code in _FULL
    return by_signal or by_number or any(words in last_words for words in _SAID)


def why_not_written(error: OSError, place: Path, needed: int) -> str:
    """Return why a file of `needed` bytes could not be written at `place`, and what space is missing."""
    said = error.strerror or str(error)
    return f"{said}: {space_words(place, needed)}" if is_full(error) else said


def space_words(place: Path, needed: int, about: str = "") -> str:
    """Return "it takes about 3.1 MiB, and 1.2 MiB is free: make another 1.9 MiB free".

    Where the disk itself has enough, it is another limit that was met.
    """
    takes = f"it takes {about}{size_words(needed)}"
    try:
        free = free_bytes(place)
    except OSError:
        return f"{takes}: free disk space"
    if free >= needed:
        return f"{takes}, and {size_words(free)} is free, but not to you: raise your limit, or free more"
    return f"{takes}, and {size_words(free)} is free: make another {size_words(needed - free)} free"


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

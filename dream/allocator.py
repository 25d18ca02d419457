"""Keeping memory that is let go, instead of handing it back and asking for it again at every step.

The C library gives large pieces back to the system as soon as they are free. The next step's maps are then
new pages, which the system fills with zeros one by one: a tenth of the time of a pass over 1280 x 720. A
dream needs the same pieces again and again, so it is better to keep them.

Pieces of more than 32 MiB go back all the same: kept, they save half as much time again, but among pieces of
many sizes they leave holes, and a picture of 3840 x 2160 took a fifth more memory (docs/performance.md).
"""

from __future__ import annotations

import ctypes
import platform
from functools import cache

# From malloc.h of the GNU C library, and the largest threshold that it takes.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGEST_KEPT = 32 * 2**20
_MOST_KEPT = 2**30


@cache
def keep_freed_memory() -> bool:
    """Let this process keep up to 1 GiB of freed memory; return whether its C library can (GNU's can)."""
    if platform.libc_ver()[0] != "glibc":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    return bool(mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT)) and bool(mallopt(_TRIM_THRESHOLD, _MOST_KEPT))

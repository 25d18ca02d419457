"""What a render is told when its frames cannot be kept: why, what disk space is missing, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import OutputError
from ..files.disk_space import frame_bytes, free_bytes, size_words
from .plan import LedgerPlan

# What is free on a disk says nothing of a user's own share, or of the largest file (FAT has 4 GiB).
_LIMITS = (errno.EDQUOT, errno.EFBIG)


@contextmanager
def refusals(folder: Path, plan: LedgerPlan, what: str, kept: int = 0) -> Iterator[None]:
    """Turn the system's refusal to do `what` in a ledger's folder, of `kept` frames, into OutputError."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            advice = _missing(folder, plan, kept)
        elif error.errno in _LIMITS:
            advice = f"{_needed(plan, kept)[0]}: raise the limit, or free disk space"
        else:
            advice = "See to it that the folder can be written"
        raise OutputError(
            f"{folder}: {what}: {error.strerror or error}. {advice}, then give the same command again: it "
            "goes on with what is kept."
        ) from error


def _missing(folder: Path, plan: LedgerPlan, kept: int) -> str:
    """Return "The 812 frames to come take 4.1 GiB, 0.3 GiB is free: make another 3.8 GiB free"."""
    words, needed = _needed(plan, kept)
    try:
        free = free_bytes(folder)
    except OSError:
        return f"{words}: free disk space"
    if free >= needed:  # nobody knows how many frames will come, or no more files fit, however small
        return f"{words}, {size_words(free)} is free: free more disk space, or remove files"
    return f"{words}, {size_words(free)} is free: make another {size_words(needed - free)} free"


def _needed(plan: LedgerPlan, kept: int) -> tuple[str, int]:
    """Return what disk space is needed from now on, in words and in bytes."""
    one = frame_bytes(plan.film, plan.depth_bits)
    count = 1 if plan.film.frame_count is None else max(1, plan.film.frame_count - kept)
    if count == 1:
        return f"A frame takes {size_words(one)}", one
    return f"The {count} frames to come take {size_words(count * one)}", count * one

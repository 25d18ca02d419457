"""How much disk space a checkpoint takes, known before it is begun, and what is said when there is none left.

Frames are stored uncompressed, so each takes the same.
"""

from __future__ import annotations

import errno
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import OutputError
from ..files.disk_space import free_bytes, size_words
from ..frames.frames import FilmFormat
from .plan import CheckpointPlan

# A PNG's own share: 12 bytes of frame per 8 KiB chunk, block headers, the filter byte of each row.
_PNG_SHARE = 1 / 400
_PNG_HEAD = 2048
_BLOCK = 4096
# Three channels of 16 bits, and the history's two maps of 32 bits at a quarter of the size.
_STATE_BYTES_PER_PX = 3 * 2 + 2 * 4 / 4**2
# The one in place, and the next one until it takes that place.
_STATES = 2
# What is free on a disk says nothing of a user's own share, or of the largest file (FAT has 4 GiB).
_LIMITS = (errno.EDQUOT, errno.EFBIG)


def frame_bytes(film: FilmFormat, depth_bits: int) -> int:
    """Return the disk space of one kept frame, at most 1 % and a few blocks too much."""
    raw = film.height_px * (film.width_px * 3 * depth_bits // 8 + 1)
    return _in_blocks(int(raw * (1 + _PNG_SHARE)) + _PNG_HEAD)


def checkpoint_bytes(film: FilmFormat, depth_bits: int = 8, carries: bool = True) -> int | None:
    """Return the disk space of a whole film's frames, and of the dream that it carries along.

    It is None where nobody knows how many frames there are.
    """
    if film.frame_count is None:
        return None
    state = _in_blocks(math.ceil(film.width_px * film.height_px * _STATE_BYTES_PER_PX)) if carries else 0
    return film.frame_count * frame_bytes(film, depth_bits) + _STATES * state


@contextmanager
def disk_errors(folder: Path, plan: CheckpointPlan, what: str, kept: int = 0) -> Iterator[None]:
    """Turn the system's refusal to do `what` in a checkpoint's folder, of `kept` frames, into OutputError."""
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


def _missing(folder: Path, plan: CheckpointPlan, kept: int) -> str:
    """Return "The 812 frames to come take 4.1 GiB, 0.3 GiB is free: make another 3.8 GiB free"."""
    words, needed = _needed(plan, kept)
    try:
        free = free_bytes(folder)
    except OSError:
        return f"{words}: free disk space"
    if free >= needed:  # nobody knows how many frames will come, or no more files fit, however small
        return f"{words}, {size_words(free)} is free: free more disk space, or remove files"
    return f"{words}, {size_words(free)} is free: make another {size_words(needed - free)} free"


def _needed(plan: CheckpointPlan, kept: int) -> tuple[str, int]:
    """Return what disk space is needed from now on, in words and in bytes."""
    one = frame_bytes(plan.film, plan.depth_bits)
    count = 1 if plan.film.frame_count is None else max(1, plan.film.frame_count - kept)
    if count == 1:
        return f"A frame takes {size_words(one)}", one
    return f"The {count} frames to come take {size_words(count * one)}", count * one


def _in_blocks(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK

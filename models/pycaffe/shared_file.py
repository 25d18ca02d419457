"""Memory that two processes see: a file that both map, and that loses its name before anything is in it.

multiprocessing's shared memory needs Python 3.8 on both sides, and leaves its blocks behind when a process is
killed. A file works everywhere. In /dev/shm, where there is one, it never meets a disk.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import prod
from pathlib import Path

import torch
from torch import Tensor

from ...errors import BackendError

_ALIGNED = 64
_IN_MEMORY = Path("/dev/shm")


class SharedFile:
    """So many bytes of memory."""

    def __init__(self, size: int, show: Callable[[Path, int], object]) -> None:
        """`show` has the other side map a file, so many bytes long, which has no name any more afterwards."""
        self.size = max(size, _ALIGNED)
        for folder in (_IN_MEMORY, Path(tempfile.gettempdir())):
            try:
                self._map = _mapped(folder, self.size, show)
            except OSError as error:
                fault = error
            else:
                return
        raise BackendError(
            f"{size / 2**20:,.0f} MiB to share with Caffe fit neither /dev/shm nor {tempfile.gettempdir()}: "
            f"{fault.strerror}. Make room, or name another folder in TMPDIR."
        )

    def array(self, shape: Sequence[int], offset: int) -> Tensor:
        """Return the float32 array of a shape that begins at an offset."""
        flat = torch.frombuffer(self._map, dtype=torch.float32, count=prod(shape), offset=offset)
        return flat.reshape(tuple(shape))


def bytes_of(shape: Sequence[int]) -> int:
    """Return how many bytes a float32 array takes, up to where the next may begin."""
    return -(-4 * prod(shape) // _ALIGNED) * _ALIGNED


def _mapped(folder: Path, size: int, show: Callable[[Path, int], object]) -> mmap.mmap:
    """Return a map of a new file that the other side maps too."""
    number, name = tempfile.mkstemp(prefix="lucidreel-caffe-", dir=folder)
    try:
        try:
            os.truncate(number, size)
            mapped = mmap.mmap(number, size)
            show(Path(name), size)
        finally:
            with suppress(OSError):  # not every system lets what is mapped live on
                Path(name).unlink()
        _reserve(number, size)
        return mapped
    finally:
        os.close(number)


def _reserve(number: int, size: int) -> None:
    """Have room for a file that is there: writing to a map of it must not fail later."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(number, 0, size)
        return
    with os.fdopen(os.dup(number), "wb") as file:
        for begin in range(0, size, 2**24):
            file.write(bytes(min(2**24, size - begin)))

"""Memory that two processes see: a file that both map, and that has no name any more once both have it.

multiprocessing's shared memory needs Python 3.8 on both sides, and leaves its blocks behind when a process is
killed. A file works everywhere. In /dev/shm, where there is one, it never meets a disk.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from math import prod
from pathlib import Path

import torch
from torch import Tensor

from ...errors import BackendError

_ALIGNED = 64
_IN_MEMORY = Path("/dev/shm")


class SharedFile:
    """So many bytes of memory, as a file at `path` until it is `unlink`ed."""

    def __init__(self, size: int) -> None:
        self.size = max(size, _ALIGNED)
        for folder in (_IN_MEMORY, Path(tempfile.gettempdir())):
            try:
                self.path, self._map = _reserved(folder, self.size)
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

    def unlink(self) -> None:
        """Take the file's name away, where the system lets what is mapped live on."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def bytes_of(shape: Sequence[int]) -> int:
    """Return how many bytes a float32 array takes, up to where the next may begin."""
    return -(-4 * prod(shape) // _ALIGNED) * _ALIGNED


def _reserved(folder: Path, size: int) -> tuple[Path, mmap.mmap]:
    """Return a new file of a size, whose room is really there: writing to a map must not fail later."""
    number, name = tempfile.mkstemp(prefix="lucidreel-caffe-", dir=folder)
    path = Path(name)
    try:
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(number, 0, size)
            else:
                with os.fdopen(os.dup(number), "wb") as file:
                    for begin in range(0, size, 2**24):
                        file.write(bytes(min(2**24, size - begin)))
            return path, mmap.mmap(number, size)
        finally:
            os.close(number)
    except OSError:
        path.unlink(missing_ok=True)
        raise

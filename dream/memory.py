"""How much memory there is, how much is free, and how much this process takes.

psutil reads the machine's. A container may have less than its machine: Linux keeps each group of processes
(cgroup) to a limit of its own, which counts for all the groups inside it. Version 2 has one tree of groups,
version 1 one for memory alone; /proc/self/cgroup says where in either this process is:

    0::/user.slice/job       version 2      /sys/fs/cgroup/user.slice/job/memory.max
    4:memory:/docker/a1b2    version 1      /sys/fs/cgroup/memory/docker/a1b2/memory.limit_in_bytes

Inside a container the path may be the machine's, and the group itself what is mounted at the top. So each
group along the path is looked at that is there, up to the top.

Freed memory is kept, too, instead of being handed back and asked for again at every step: the C library
gives large pieces back to the system as soon as they are free. The next step's activations are then new
pages, which the system fills with zeros one by one (docs/performance.md). A dream needs the same pieces again
and again.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil
import torch

_MIB = 2**20
# From malloc.h of the GNU C library, and the largest threshold that it takes.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
# Larger pieces go back all the same: among pieces of many sizes they would leave holes (docs/performance.md).
_LARGEST_KEPT = 32 * 2**20
_MOST_KEPT = 2**30


def taken_mib(device: torch.device) -> float:
    """Return the memory taken now: on a graphics card by this process's tensors, else its resident size."""
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device) / _MIB
    return float(psutil.Process().memory_info().rss) / _MIB


def peak_mib(device: torch.device) -> float:
    """Return the most memory taken so far, counted as `taken_mib` does."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / _MIB
    return _largest_resident_bytes() / _MIB


def free_mib(device: torch.device) -> float:
    """Return the memory that more could be taken of without swapping, or without a container's end."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0]) / _MIB
    return min([psutil.virtual_memory().available, *(limit.left for limit in container_limits())]) / _MIB


def total_mib(device: torch.device) -> float:
    """Return the memory of the device's machine, container or card."""
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory / _MIB
    return min([psutil.virtual_memory().total, *(limit.most for limit in container_limits())]) / _MIB


def half_of_memory_mib(device: torch.device) -> int:
    """Return half of the memory of the device's machine, container or card, in MiB.

    Half of what is there, not of what is free: the same machine cuts the same frame into the same tiles.
    """
    return int(total_mib(device) // 2)


@dataclass(frozen=True)
class MemoryLimit:
    """A group's limit in bytes, and what of it is in use."""

    most: int
    used: int

    @property
    def left(self) -> int:
        """The bytes that are left."""
        return max(0, self.most - self.used)


def container_limits(root: Path = Path("/")) -> Iterator[MemoryLimit]:
    """Yield the limits on memory of the groups that this process is in, innermost first; none but on Linux.

    `root` is where /proc and /sys are.
    """
    for line in _lines(root / "proc/self/cgroup"):
        tree, controllers, path = [*line.split(":", 2), "", ""][:3]
        if tree == "0" and not controllers:
            top, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            top = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        inside = [part for part in path.split("/") if part]
        if ".." in inside:  # a group outside of what this container is shown
            inside = []
        for depth in range(len(inside), -1, -1):
            if limit := _limit_of(top.joinpath(*inside[:depth]), *names):
                yield limit


def _limit_of(group: Path, most: str, used: str, cache: str) -> MemoryLimit | None:
    """Return the limit of one group; cached parts of files, let go when room is short, are not in use."""
    limit, usage = (_whole_number(_lines(group / name)) for name in (most, used))
    if limit is None or usage is None:  # "max" is no limit
        return None
    cached = (line.split() for line in _lines(group / "memory.stat"))
    spare = next((int(words[1]) for words in cached if words[:1] == [cache] and len(words) == 2), 0)
    return MemoryLimit(limit, max(0, usage - spare))


def _whole_number(lines: list[str]) -> int | None:
    return int(lines[0]) if lines and lines[0].isdecimal() else None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _largest_resident_bytes() -> float:
    """Return the largest resident size so far, which psutil tells on Windows alone."""
    taken = psutil.Process().memory_info()
    if sys.platform == "win32":
        return float(taken.peak_wset)
    if sys.platform == "linux":  # what `getrusage` says there includes the program that started this one
        marked = next((line for line in _lines(Path("/proc/self/status")) if line.startswith("VmHWM:")), None)
        if marked is not None:
            return float(marked.split()[1]) * 1024
    import resource

    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(max(taken.rss, largest if sys.platform == "darwin" else largest * 1024))


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

"""How much memory is free, and how much this process takes of it: its own, or a graphics card's."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch

# Where the system does not tell: what Python with torch and a small network takes.
_USUAL_MIB = 400.0


def taken_mib(device: torch.device) -> float:
    """Return the memory taken now: on a graphics card by this process's tensors, else its resident size."""
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device) / 2**20
    try:  # Linux
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return _largest_so_far_mib()


def peak_mib(device: torch.device) -> float:
    """Return the most memory taken so far, counted as `taken_mib` does."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    try:  # Linux; what `getrusage` says there includes the program that started this one
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return _largest_so_far_mib()
    kib = next((line.split()[1] for line in lines if line.startswith("VmHWM:")), None)
    return _largest_so_far_mib() if kib is None else int(kib) / 1024


def free_mib(device: torch.device) -> float | None:
    """Return the memory that more could be taken of, or None where the system does not tell.

    On the CPU, what Linux says is available without swapping, or what is left of the container's limit.
    """
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0]) / 2**20
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kib = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    if "MemAvailable" not in kib:
        return None
    return min([kib["MemAvailable"] / 1024, *_left_in_container_mib()])


def _left_in_container_mib(folder: Path = Path("/sys/fs/cgroup")) -> list[float]:
    """Return what is left of the limit of a container (cgroup version 2); nothing where there is none."""
    try:
        limit, used = (
            (folder / name).read_text(encoding="ascii") for name in ("memory.max", "memory.current")
        )
    except OSError:
        return []
    return [] if limit.strip() == "max" else [(int(limit) - int(used)) / 2**20]


def _largest_so_far_mib() -> float:
    try:
        import resource
    except ImportError:  # Windows
        return _USUAL_MIB
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest / (2**20 if sys.platform == "darwin" else 2**10)

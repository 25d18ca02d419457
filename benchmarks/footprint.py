"""What a dream asks of the memory: pages touched for the first time, and tensors made.

A page fault is the system's work for a page that the process has not touched since it was given it: it is
filled with zeros and entered into the tables, which takes longer than writing to it does. A dream that keeps
its memory has none in the steady state. Both counts are the same on any machine of the same page size, at any
load, so they tell what was gained where times cannot be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch.profiler import ProfilerActivity, profile


@dataclass(frozen=True)
class Allocated:
    """Tensors made, by whatever is PyTorch's: arrays of NumPy's are not seen."""

    tensors: int
    mib: float


def page_faults() -> int:
    """Return the page faults of this process so far that asked nothing of the disk; 0 where none are told."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def allocated(work: Callable[[], object]) -> Allocated:
    """Do the work and count the pieces of memory that its tensors were given."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watched:
        work()
    profiler: Any = watched.profiler
    events = profiler.kineto_results.events()
    sizes = [event.nbytes() for event in events if event.name() == "[memory]" and event.nbytes() > 0]
    return Allocated(len(sizes), sum(sizes) / 2**20)

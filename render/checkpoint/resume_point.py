"""Where a render goes on: the latest frame before which everything is sound and known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .folder import STATE_NAME, frame_path
from .frame_files import fault
from .journal import Entry
from .plan import CheckpointPlan


@dataclass(frozen=True)
class ResumePoint:
    """The index to go on with, and what damage it was chosen for, in words."""

    index: int
    notes: tuple[str, ...] = ()


def find_resume_point(
    folder: Path, entries: Sequence[Entry], state_index: int | None, plan: CheckpointPlan
) -> ResumePoint:
    """Return where to go on, having read every frame before it.

    A frame can be the next one when it carries nothing, or when the state is that of the frame before it.
    """

    def latest(count: int) -> int:
        """Return the last place that needs no more than the first `count` frames."""
        after_state = state_index + 1 if state_index is not None and state_index < count else 0
        return max(after_state, plan.shot_start(count))

    index = latest(len(entries))
    for entry in entries[:index]:
        wrong = fault(folder, entry, plan)
        if wrong is not None:
            index = latest(entry.index)
            return ResumePoint(index, (f"{frame_path(folder, entry.index)} {wrong}: {_from(index)}",))
    if state_index is not None and state_index >= len(entries):
        return ResumePoint(index, (f"the journal in {folder} has lost frames: {_from(index)}",))
    if state_index is None and (folder / STATE_NAME).exists():
        return ResumePoint(index, (f"{folder / STATE_NAME} is damaged: {_from(index)}",))
    return ResumePoint(index)


def _from(index: int) -> str:
    return f"dreamt again from frame {index + 1} on"

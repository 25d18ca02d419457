"""What a render is told when its frames cannot be kept: why, how much room there is, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import OutputError
from .disk_space import frame_bytes, free_bytes
from .files import PLAN_NAME, is_passing
from .plan import LedgerPlan

# EFBIG is the limit of one user, or of an old memory card.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def refusals(folder: Path, plan: LedgerPlan, what: str) -> Iterator[None]:
    """Turn the system's refusal to do `what` in a ledger's folder into OutputError."""
    try:
        yield
    except OSError as error:
        remedy = (
            "Free some disk space" if error.errno in _NO_ROOM else "See to it that the folder can be written"
        )
        raise OutputError(
            f"{folder}: {what}: {error.strerror or error} ({_room(folder, plan)}). {remedy}, then give the "
            "same command again: it goes on with what is kept."
        ) from error


def refuse_foreign_folder(folder: Path) -> None:
    """Raise OutputError where something else than a ledger is, which nothing here may touch."""
    if not folder.is_dir() or (folder / PLAN_NAME).exists():
        return
    foreign = next((path.name for path in folder.iterdir() if not is_passing(path)), None)
    if foreign is not None:
        raise OutputError(
            f"{folder} is where finished frames are kept, and it holds {foreign} but no {PLAN_NAME}. Move "
            "the folder away, or name another output."
        )


def _room(folder: Path, plan: LedgerPlan) -> str:
    needed = f"a frame takes {_size(frame_bytes(plan.film, plan.depth_bits))}"
    try:
        return f"{_size(free_bytes(folder))} free, {needed}"
    except OSError:
        return needed


def _size(count: float) -> str:
    """Return a number of bytes as a person reads it: "5.9 MiB"."""
    units = ("bytes", "KiB", "MiB", "GiB", "TiB")
    power = 0
    while count >= 1024 and power < len(units) - 1:
        count, power = count / 1024, power + 1
    return f"{count:.1f} {units[power]}" if power else f"{count:.0f} bytes"

"""The names in a checkpoint's folder, and how what has such a name is told and removed."""

from __future__ import annotations

import os
import re
from itertools import count
from pathlib import Path

PLAN_NAME = "ledger.toml"
JOURNAL_NAME = "journal.txt"
STATE_NAME = "carry.state"
LOCK_NAME = "lock"
HOLDER_NAME = "holder"
NOTE_NAME = "complete.txt"
_FRAME = re.compile(r"(\d{6,})\.png", re.ASCII)
_PARTIAL = re.compile(r"\..+-[0-9a-f]{8}\.part(\.\w+)?")


def partial_preview_path(folder: Path) -> Path:
    """Return where a film of the finished frames goes: "film.mp4.frames" has "so-far.mp4" in it."""
    return folder / f"so-far{Path(folder.stem).suffix}"


def frame_path(folder: Path, index: int) -> Path:
    """Return the name of a frame, counted from 1 as in a folder of numbered pictures."""
    return folder / f"{index + 1:06d}.png"


def is_plain_file(path: Path) -> bool:
    """Tell whether a file has this name, and no link, folder, pipe or device. Raises OSError."""
    return not path.is_symlink() and path.is_file()


def drop(path: Path) -> None:
    """Remove a file, or a link without what it leads to. Raises OSError.

    A folder is nothing that a checkpoint makes: it is moved aside, to "000001.png.aside-1".
    """
    if not path.is_dir() or path.is_symlink():
        path.unlink(missing_ok=True)
        return
    asides = (path.with_name(f"{path.name}.aside-{number}") for number in count(1))
    path.rename(next(aside for aside in asides if not os.path.lexists(aside)))


def drop_frames(folder: Path, first: int) -> None:
    """Remove the frames from index `first` on, and what a killed render was writing. Raises OSError."""
    for path in list(folder.iterdir()):
        number = _FRAME.fullmatch(path.name)
        if _PARTIAL.fullmatch(path.name) or (number and int(number[1]) > first):
            drop(path)


def drop_all(folder: Path) -> None:
    """Remove every file of a checkpoint but its lock and the note of a complete film. Raises OSError.

    The journal goes first and the plan last: cut off in between, it is a checkpoint without frames.
    """
    for name in (JOURNAL_NAME, STATE_NAME):
        drop(folder / name)
    drop_frames(folder, 0)
    if (film := partial_preview_path(folder)).suffix:
        drop(film)
    drop(folder / PLAN_NAME)


def is_passing(path: Path) -> bool:
    """Tell whether a file means nothing without a render at work: its lock, or something half-written."""
    passing = path.name in (LOCK_NAME, HOLDER_NAME) or _PARTIAL.fullmatch(path.name) is not None
    return passing and is_plain_file(path)


def is_frame(path: Path) -> bool:
    """Tell whether something has the name of a frame."""
    return _FRAME.fullmatch(path.name) is not None

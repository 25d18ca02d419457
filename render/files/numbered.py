"""Folders of numbered pictures as a render writes them: 000001.png and so on, and nothing else."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

_NUMBERED = re.compile(r"\d+\.png", re.ASCII)


def holds_only_numbered_pictures(folder: Path) -> bool:
    """Tell whether a folder is safe to replace: everything in it looks like what a render wrote."""
    return all(_is_numbered(path) for path in folder.iterdir())


def drop_numbered_pictures(folder: Path) -> None:
    """Remove a folder's numbered pictures, and it too unless more is in it; what cannot be removed stays."""
    with suppress(OSError):
        for path in folder.iterdir():
            if _is_numbered(path):
                path.unlink(missing_ok=True)
        folder.rmdir()


def _is_numbered(path: Path) -> bool:
    return _NUMBERED.fullmatch(path.name) is not None and not path.is_dir()

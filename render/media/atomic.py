"""Files that appear whole or not at all: written under a temporary name beside the final one and renamed."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from pathlib import Path

from ...errors import OutputError

_STEM_LENGTH = 40


def partial_path(final: Path) -> Path:
    """Return a fresh name beside `final`, hidden, with the same suffix: ".film-5f3a.part.mp4".

    Of a long stem it keeps the beginning: file systems end a name at 255 bytes or characters.
    """
    return final.with_name(f".{final.stem[:_STEM_LENGTH]}-{secrets.token_hex(4)}.part{final.suffix}")


def remove_stale(final: Path) -> None:
    """Remove what a killed process has left of `final`, which nobody else may be writing now.

    Where the name was too long to be kept whole, it may be another file's, and stays.
    """
    if len(final.stem) > _STEM_LENGTH:
        return
    ours = re.compile(rf"\.{re.escape(final.stem)}-[0-9a-f]{{8}}\.part{re.escape(final.suffix)}")
    for path in final.absolute().parent.iterdir():
        if ours.fullmatch(path.name):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def publish(partial: Path, final: Path) -> None:
    """Give a complete file (or a folder, where there is none yet) its final name, durably.

    The bytes reach the disk before the name does, so that after a power cut the name never means a torn file.
    Raises OutputError.
    """
    try:
        files = sorted(partial.iterdir()) if partial.is_dir() else [partial]
        for file in files:
            _sync(file)
        partial.replace(final)
        _sync_folder(final.parent)
    except OSError as error:
        raise OutputError(f"{final}: the finished film could not be given its name ({error}).") from error


def write_text(path: Path, text: str) -> None:
    """Write a small text file atomically. Raises OutputError."""
    partial = partial_path(path)
    try:
        partial.write_text(text, encoding="utf-8")
        publish(partial, path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error}).") from error
    finally:
        partial.unlink(missing_ok=True)


def _sync(file: Path) -> None:
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable; Windows has no way to open a folder, and needs none."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

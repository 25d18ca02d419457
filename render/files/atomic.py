"""Files that appear whole or not at all: written under a temporary name beside the final one and renamed.

    .dream-5f3a91c2.part.mp4  ->  dream.mp4    takes an older one's place only where that was asked for
    .dream-5f3a91c2.old                        an older folder, aside while the new one moves in

Hours may lie between the first frame and the last: what has appeared under the final name meanwhile is
somebody else's. Where the final name is a link, the file that it means is written, and the link stays.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ...errors import OutputError, OutputExistsError
from .disk_space import why_not_written
from .durable import sync_path, write_all
from .numbered import drop_numbered_pictures, holds_only_numbered_pictures
from .renames import exchange, rename_new

_STEM_LENGTH = 40


def followed(path: Path) -> Path:
    """Return where a file of this name is written: what a link means, whether that is there or not."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def partial_path(final: Path) -> Path:
    """Return a fresh name beside `final`, hidden, with the same suffix: ".film-5f3a.part.mp4".

    Of a long stem it keeps the beginning: file systems end a name at 255 bytes or characters.
    """
    return _hidden(final, "part")


def remove_stale(final: Path) -> None:
    """Remove what a killed process has left of `final`, which nobody else may be writing now.

    An older folder that was moved aside, and nothing has taken its place, comes back. Where the name was too
    long to be kept whole, it may be another file's, and stays; so does what another user has left.
    """
    final = followed(final)
    if len(final.stem) > _STEM_LENGTH:
        return
    for path in _left_over(final, "old"):
        if os.path.lexists(final):
            drop_numbered_pictures(path)
        else:
            with suppress(OSError):
                path.rename(final)
    for path in _left_over(final, "part"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def publish(partial: Path, final: Path, overwrite: bool = False) -> None:
    """Give a complete file or folder its final name, durably.

    The bytes reach the disk before the name does, so that after a power cut the name never means a torn file.
    With `overwrite`, it takes the place of an older file, or of an older folder of numbered pictures.
    Raises OutputError, OutputExistsError where something is there that may not be replaced.
    """
    try:
        files = sorted(partial.iterdir()) if partial.is_dir() else [partial]
        for file in files:
            sync_path(file)
        _place(partial, final, overwrite)
        sync_path(final.parent)
    except FileExistsError as error:
        raise OutputExistsError(
            f"{final} has appeared meanwhile, and nothing of it was overwritten. Move it away, or replace it "
            "with --overwrite (-y)."
        ) from error
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(f"{final}: the finished result could not be given its name ({reason}).") from error


def write_text(path: Path, text: str, overwrite: bool = False) -> None:
    """Write a small text file atomically. Raises OutputError."""
    path = followed(path)
    partial = partial_path(path)
    try:
        partial.write_text(text, encoding="utf-8")
        publish(partial, path, overwrite)
    except OSError as error:
        why = why_not_written(error, path, len(text.encode()))
        raise OutputError(f"{path}: cannot be written ({why}).") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def replace_file(path: Path, pieces: Iterable[bytes], durable: bool = False) -> None:
    """Write a file of our own in the place of an older one, atomically; raises OSError.

    `durable` has it on the disk first, so that after a power cut it is the old one or the new one.
    """
    partial = partial_path(path)
    try:
        with partial.open("wb", buffering=0) as file:
            for piece in pieces:
                write_all(file.fileno(), piece)
            if durable:
                os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def _place(partial: Path, final: Path, overwrite: bool) -> None:
    """Rename; raises FileExistsError where something is in the way."""
    if not overwrite or not os.path.lexists(final):
        rename_new(partial, final)
    elif partial.is_dir() and final.is_dir():
        _replace_folder(partial, final)
    elif partial.is_dir() or final.is_dir():
        raise FileExistsError
    else:
        partial.replace(final)


def _replace_folder(partial: Path, final: Path) -> None:
    """Put a folder in the place of an older one, which holds numbered pictures and nothing else.

    Where the two cannot change places at once, the older one is aside for a moment; a process that is killed
    in that moment leaves it there, and `remove_stale` brings it back.
    """
    if not holds_only_numbered_pictures(final):
        raise FileExistsError
    if exchange(partial, final):
        drop_numbered_pictures(partial)
        return
    aside = _hidden(final, "old")
    final.rename(aside)
    try:
        partial.rename(final)
    except OSError:
        aside.rename(final)
        raise
    drop_numbered_pictures(aside)


def _hidden(final: Path, kind: str) -> Path:
    return final.with_name(f".{final.stem[:_STEM_LENGTH]}-{secrets.token_hex(4)}.{kind}{final.suffix}")


def _left_over(final: Path, kind: str) -> list[Path]:
    """Return what a killed process has left; nothing where the folder may not be read."""
    ours = re.compile(rf"\.{re.escape(final.stem)}-[0-9a-f]{{8}}\.{kind}{re.escape(final.suffix)}")
    try:
        return [path for path in final.absolute().parent.iterdir() if ours.fullmatch(path.name)]
    except OSError:
        return []

"""One render at a time in a ledger's folder: a lock that the system takes back when its process dies.

Beside the locked file lies another one with the holder's process number, because where locks are mandatory
(Windows) the locked file itself cannot be read.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ...errors import LucidreelError, OutputError
from ...models.reading.files import FileKind, read_bytes
from ...models.reading.numerals import number_in
from .files import HOLDER_NAME, LOCK_NAME, drop, is_plain_file


def make_way_for_lock(folder: Path) -> None:
    """Drop what has the names of the lock's files and is none: folders, links, pipes. Raises OSError."""
    for path in (folder / LOCK_NAME, folder / HOLDER_NAME):
        if not is_plain_file(path):
            drop(path)


_KIND = FileKind("process number", OutputError, most_bytes=32)


class FolderLock:
    """The exclusive right to a folder, from when it is made until `release`.

    Raises OutputError naming the holder when another render has it, without waiting; OSError when the folder
    cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        from filelock import FileLock, Timeout  # loads asyncio, which `--help` need not wait for

        self._path, self._holder = folder / LOCK_NAME, folder / HOLDER_NAME
        # Frames are kept on one thread, and the ledger is closed on another.
        self._lock = FileLock(self._path, timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout:
            raise OutputError(
                f"{folder} is in use: {self._holder_words()} renders into it. Wait for it to end, or name "
                "another output."
            ) from None
        with suppress(OSError):  # a full disk, which `--restart` may be about to relieve
            self._holder.write_text(str(os.getpid()), encoding="ascii")

    @property
    def is_held(self) -> bool:
        """Whether the folder is still this render's."""
        return self._lock.is_locked

    def release(self) -> None:
        """Give the folder free and remove the lock's files; safe to call twice."""
        if not self._lock.is_locked:
            return
        # Removed while it is held, or a render that begins in between would lose its own.
        for path in (self._holder, self._path):
            with suppress(OSError):
                path.unlink(missing_ok=True)
        self._lock.release()

    def _holder_words(self) -> str:
        try:
            number = number_in(read_bytes(self._holder, _KIND).decode("ascii"))
        except (LucidreelError, UnicodeDecodeError):
            number = None
        return "another process" if number is None else f"process {number}"

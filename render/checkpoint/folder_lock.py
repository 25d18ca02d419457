"""One render at a time in a ledger's folder: a lock that the system takes back when its process dies.

Beside the locked file lies another one that names the holder (`holder`), because where locks are mandatory
(Windows) the locked file itself cannot be read, and because not every lock reaches another machine.
"""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path

from ...errors import OutputError
from .files import HOLDER_NAME, LOCK_NAME, drop, is_plain_file
from .holder import Beating, is_alive, read_holder, this_machine

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)


def make_way_for_lock(folder: Path) -> None:
    """Drop what has the names of the lock's files and is none: folders, links, pipes. Raises OSError."""
    for path in (folder / LOCK_NAME, folder / HOLDER_NAME):
        if not is_plain_file(path):
            drop(path)


class FolderLock:
    """The exclusive right to a folder, from when it is made until `release`.

    Raises OutputError naming the holder when another render has it: without waiting on this machine, after
    some seconds for one that has died on another. Raises OSError when the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        from filelock import FileLock, Timeout  # loads asyncio, which `--help` need not wait for

        self._folder, self._path, self._holder = folder, folder / LOCK_NAME, folder / HOLDER_NAME
        # Frames are kept on one thread, and the ledger is closed on another.
        self._lock = FileLock(self._path, timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout:
            raise self._in_use() from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        try:
            self._refuse_living()
        except BaseException:
            self._lock.release()
            raise
        self._beating = Beating(self._holder)
        self.is_held = True

    def release(self) -> None:
        """Give the folder free and remove the lock's files; safe to call twice."""
        if not self.is_held:
            return
        self.is_held = False
        # Removed while it is held, or a render that begins in between would lose its own.
        self._beating.stop()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        self._lock.release()

    def _refuse_living(self) -> None:
        """Refuse a holder that no lock has told of; one of this machine, with a lock to be had, is dead."""
        holder = read_holder(self._holder)
        if holder is None or (self._lock.is_locked and holder.machine == this_machine()):
            return
        if is_alive(self._holder, holder):
            raise self._in_use()

    def _in_use(self) -> OutputError:
        holder = read_holder(self._holder)
        words = "another process" if holder is None else holder.words
        return OutputError(
            f"{self._folder} is in use: {words} renders into it. Wait for it to end, or name another output."
        )

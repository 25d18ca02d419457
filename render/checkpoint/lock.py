"""One render at a time in a checkpoint's folder: a lock that the system takes back when its process dies.

Beside the locked file lies another one that names its holder, because where locks are mandatory (Windows) the
locked file itself cannot be read, and because not every lock reaches another machine:

    4711 workstation 12       process number, machine, beat: one more every five seconds

A lock on a shared folder may hold on one machine alone, and some file systems have no locks. So a render that
finds the file of another machine watches it for longer than a beat takes: one that does not change was left
by a process that is dead. Clocks of two machines are never compared.
"""

from __future__ import annotations

import errno
import platform
import time
from contextlib import suppress
from dataclasses import dataclass
from os import getpid
from pathlib import Path
from threading import Event, Thread

from ...errors import LucidreelError, OutputError
from ...models.reading.files import FileKind, read_bytes
from ...models.reading.numerals import number_in
from .folder import HOLDER_NAME, LOCK_NAME, drop, is_plain_file

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
BEAT_S = 5.0
_BEATS_WATCHED = 2.5
_LOOKS_A_BEAT = 10
_KIND = FileKind("process number", OutputError, most_bytes=1024)


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
        # Frames are kept on one thread, and the checkpoint is closed on another.
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


@dataclass(frozen=True)
class Holder:
    """What the file says."""

    process: int
    machine: str
    beat: int

    @property
    def words(self) -> str:
        """Say who it is: "process 4711", with the machine unless it is this one."""
        return f"process {self.process}" + ("" if self.machine == this_machine() else f" on {self.machine}")


def this_machine() -> str:
    """Return this machine's name, without spaces."""
    return "-".join(platform.node().split()) or "unnamed"


def read_holder(path: Path) -> Holder | None:
    """Return what the file says; None where it is missing, torn or none of ours."""
    try:
        process, machine, beat = read_bytes(path, _KIND).decode("utf-8").split()
    except (LucidreelError, ValueError):
        return None
    numbers = number_in(process), number_in(beat)
    if not isinstance(numbers[0], int) or not isinstance(numbers[1], int):
        return None
    return Holder(numbers[0], machine, numbers[1])


def is_alive(path: Path, holder: Holder) -> bool:
    """Watch the file of a holder for longer than a beat takes, and tell whether it changes."""
    until_s = time.monotonic() + BEAT_S * _BEATS_WATCHED
    while time.monotonic() < until_s:
        time.sleep(BEAT_S / _LOOKS_A_BEAT)
        if read_holder(path) not in (holder, None):
            return True
    return False


class Beating:
    """Keeps the file changing, on a thread of its own, until `stop`."""

    def __init__(self, path: Path) -> None:
        """Write the file; on a full disk there is none, which `--restart` may be about to relieve."""
        self._path, self._ended, self._beat = path, Event(), 0
        with suppress(OSError):
            path.write_bytes(self._line())
        self._thread = Thread(target=self._run, name="holder", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let it rest, and remove it."""
        self._ended.set()
        self._thread.join()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _run(self) -> None:
        while not self._ended.wait(BEAT_S):
            self._beat += 1
            with suppress(OSError), self._path.open("r+b") as file:  # one that was removed stays so
                file.write(self._line())

    def _line(self) -> bytes:
        return f"{getpid()} {this_machine()} {self._beat:09d}\n".encode()

"""Renames that replace nothing, and two folders that change places: what `os` has no name for.

                  Linux                        macOS                      else
    rename_new    renameat2, RENAME_NOREPLACE  renamex_np, RENAME_EXCL    a hard link; or an empty file first
    exchange      renameat2, RENAME_EXCHANGE   renamex_np, RENAME_SWAP    cannot

Not every file system knows these calls (NFS does not), and not every one has hard links (FAT, exFAT and many
shared folders have none): then an empty file of that name is made, which fails where there is one, and the
new one takes its place. A process that is killed between these two leaves the empty file.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

_UNKNOWN = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
_HERE = -100  # AT_FDCWD
_NO_REPLACE, _EXCHANGE = 1, 2
_MACOS_FLAGS = {_NO_REPLACE: 4, _EXCHANGE: 2}


def rename_new(source: Path, target: Path) -> None:
    """Rename a file, or a folder; an empty folder of that name may be there before, and nothing else.

    Raises FileExistsError where something has the name, whoever was first, and OSError.
    """
    if source.is_dir():
        _rename_folder(source, target)
    elif os.name == "nt":
        source.rename(target)  # replaces nothing there
    elif not renamed_with_flag(source, target, _NO_REPLACE):
        _link_or_claim(source, target)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change places at once; return False where the system cannot. Raises OSError."""
    return renamed_with_flag(one, other, _EXCHANGE)


def _rename_folder(source: Path, target: Path) -> None:
    """POSIX renames a folder onto an empty one alone; Windows onto none."""
    if os.name == "nt" and target.is_dir():
        target.rmdir()
    try:
        source.rename(target)
    except OSError as error:
        if os.path.lexists(target) and source.is_dir():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
        raise


def renamed_with_flag(source: Path, target: Path, flag: int) -> bool:
    """Have the system rename with a flag; return False where it, or this file system, does not know how."""
    names = (os.fsencode(source), os.fsencode(target))
    try:
        system = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "linux":
            failed = system.renameat2(_HERE, names[0], _HERE, names[1], flag)
        elif sys.platform == "darwin":
            failed = system.renamex_np(*names, _MACOS_FLAGS[flag])
        else:
            return False
    except (AttributeError, OSError, TypeError):  # a C library without it
        return False
    if failed and (number := ctypes.get_errno()) not in _UNKNOWN:
        raise OSError(number, os.strerror(number), str(target))
    return not failed


def _link_or_claim(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # no hard links here
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        try:
            source.replace(target)
        except OSError:
            with suppress(OSError):
                target.unlink()
            raise
    else:
        source.unlink()

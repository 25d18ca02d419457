"""Taking one file out of a downloaded `.tar.gz`, whatever the archive is.

The archive is read once from the front, through a reader that counts: what is packed in a few megabytes can
be terabytes, in the member itself or in others before it. Only a regular file is taken: links in an archive
may lead anywhere, or in circles.
"""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zlib
from pathlib import Path
from typing import IO, cast

from .connection import DownloadError

_CHUNK_BYTES = 1 << 20


def unpack_member(archive: Path, member: str, target: Path, largest_bytes: int) -> None:
    """Write a member of an archive to a file, whole or not at all. Raises DownloadError."""
    partial = target.with_name(f"{target.name}.part")
    try:
        with (
            gzip.open(archive) as packed,
            tarfile.open(fileobj=cast("IO[bytes]", _Counting(packed, 2 * largest_bytes)), mode="r|") as tar,
            partial.open("wb") as sink,
        ):
            _copy_member(tar, member, sink, largest_bytes)
        partial.rename(target)
    except (tarfile.TarError, EOFError, OSError, zlib.error, ValueError, RecursionError) as error:
        raise DownloadError(f"the archive cannot be unpacked ({error})") from error
    finally:
        partial.unlink(missing_ok=True)


def _copy_member(tar: tarfile.TarFile, member: str, sink: IO[bytes], largest_bytes: int) -> None:
    for found in tar:
        if found.name.removeprefix("./") != member:
            continue
        if not found.isreg():
            raise DownloadError(f"{member} in the archive is no regular file")
        if found.size > largest_bytes:
            raise DownloadError(f"{member} in the archive has {found.size:,} bytes, more than it can have")
        content = tar.extractfile(found)
        assert content is not None  # it is a regular file
        shutil.copyfileobj(content, sink, _CHUNK_BYTES)
        return
    raise DownloadError(f"the archive does not hold {member}")


class _Counting:
    """A file that refuses to give more than so many bytes."""

    def __init__(self, source: gzip.GzipFile, most_bytes: int) -> None:
        self._source = source
        self._left = most_bytes

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes. Raises ValueError beyond the limit."""
        self._left -= size
        if self._left < 0:
            raise ValueError("it holds much more than it should")
        return self._source.read(size)

"""One file over HTTP, onto a disk, from servers that may do anything.

What can go wrong before the first byte is refused before the first byte: a size beyond what the file can
have, a disk without the space, a web page where a file should be (the login page of a hotel's network), a
redirect to another protocol. What goes wrong later ends in a DownloadError too: a body that ends early or
never, a server that sends a byte now and then (connection.py).
"""

from __future__ import annotations

import http.client
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from ...errors import cut
from .connection import DownloadError, Timeouts, Watchdog, http_opener

CHUNK_BYTES = 1 << 18
SPARE_BYTES = 64 << 20
"""Disk space that a download leaves free."""

Progress = Callable[[int, int | None], None]
"""Called with the bytes so far, and in all if the server says."""


def download(
    url: str, part: Path, largest_bytes: int, progress: Progress, timeouts: Timeouts | None = None
) -> None:
    """Append what is missing to a partial file, or write it anew when the server cannot continue.

    Raises DownloadError. Nothing else is ever written, and never more than `largest_bytes`.
    """
    watchdog = Watchdog(timeouts or Timeouts())
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with watchdog, http_opener(watchdog).open(request, timeout=watchdog.timeouts.silence_s) as answer:
            start, total = _agreed(answer, url, have, largest_bytes)
            with part.open("ab" if start else "wb") as sink:
                _copy(answer, sink, start, total, largest_bytes, progress, watchdog)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and have:  # it does not have so much: what lies here is another version
            part.unlink()
            download(url, part, largest_bytes, progress, timeouts)
            return
        told = cut(" ".join(str(error.reason).split()))  # urllib's own has two lines where it goes in circles
        raise DownloadError(f"the server answers {error.code} {told}", resumable=True) from error
    except DownloadError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        if watchdog.expired:
            raise DownloadError(_too_slow(watchdog.timeouts), resumable=True) from error
        reason = getattr(error, "reason", None) or error
        words = str(reason) or type(reason).__name__
        if isinstance(reason, TimeoutError):
            words = f"no answer for {watchdog.timeouts.silence_s:g} s"
        if isinstance(error, http.client.HTTPException):
            words = f"the answer breaks off or is no HTTP: {words}"
        raise DownloadError(words, resumable=True) from error


def _agreed(answer: Any, url: str, have: int, largest_bytes: int) -> tuple[int, int | None]:
    """Return where in the file the answer begins and how long the file is; DownloadError for a wrong one."""
    start = 0
    if answer.status == 206:
        stated = re.fullmatch(
            r"bytes (\d{1,18})-\d+/(\d+|\*)", answer.headers.get("Content-Range", "").strip()
        )
        if not have or (stated is not None and int(stated[1]) != have):
            raise DownloadError("the server sends another part of the file than was asked for")
        start = have
    elif answer.status != 200:
        raise DownloadError(f"the server answers {answer.status} {answer.reason}")
    if answer.headers.get_content_type() == "text/html":
        raise DownloadError("the server sends a web page: does this network want you to log in?")
    encoding = answer.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "") and not url.endswith("gz"):
        raise DownloadError(f"the server sends it packed ({encoding}), which was not asked for")
    total = None if answer.length is None else start + answer.length
    if total is not None and total > largest_bytes:
        raise DownloadError(
            f"the server announces {total:,} bytes, more than the {largest_bytes:,} it can have"
        )
    return start, total


def _copy(
    answer: Any,
    sink: IO[bytes],
    done: int,
    total: int | None,
    largest_bytes: int,
    progress: Progress,
    watchdog: Watchdog,
) -> None:
    """Write the body; DownloadError where it has another length than it should have."""
    first = done
    while True:
        _check_space(Path(sink.name).parent, CHUNK_BYTES if total is None else total - done)
        chunk = answer.read1(CHUNK_BYTES)
        if not chunk:
            break
        done += len(chunk)
        if done > largest_bytes:
            raise DownloadError(f"more than the {largest_bytes:,} bytes that it can have keep coming")
        sink.write(chunk)
        watchdog.received = done - first
        progress(done, total)
    if watchdog.expired:
        raise DownloadError(_too_slow(watchdog.timeouts), resumable=True)
    if total is not None and done < total:
        raise DownloadError(f"the connection ended after {done:,} of {total:,} bytes", resumable=True)
    if not done:
        raise DownloadError("the server sends an empty file")


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise DownloadError(
            f"{needed / 1e6:,.0f} MB are to come, and {folder} has {free / 1e6:,.0f} MB of disk space left"
        )


def _too_slow(timeouts: Timeouts) -> str:
    return f"less than {timeouts.slowest_bytes_s:,.0f} bytes a second come"

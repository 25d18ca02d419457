"""One file from whichever of its servers has it, begun by one and gone on with by another.

Its SHA-256 is known, so nothing else need be: whoever sends these bytes sends the file, over http or a mirror
that nobody vouches for. What has come is kept however a download ends, unless it is found to be wrong.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

from .connection import DownloadError, Head, Patience, answer_of
from .events import BytesCame, Listener, ServerFails, Waits
from .published import ZooFile
from .recognise import checksum

_WORTH_GOING_ON_BYTES = 1 << 20
_FOR_NOW = (408, 425, 429)  # and all of 500 and above


class AllServersFailError(Exception):
    """No server sends the file; `reasons` says of each why not."""

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__("; ".join(f"{url}: {reason}" for url, reason in reasons.items()))
        self.reasons = reasons


def download(file: ZooFile, part: Path, tell: Listener, patience: Patience | None = None) -> None:
    """Complete a partial file, asking each of the file's servers, and all again after a pause.

    Raises AllServersFailError, and OSError where the disk takes no more. Nothing else is written, and never
    more than the file's size.
    """
    patience = patience or Patience()
    servers, reasons = list(file.urls), dict[str, str]()
    pauses = list(patience.pauses_s)
    while True:
        before = bytes_in(part)
        for url in tuple(servers):
            try:
                return _bring(file, url, part, tell, patience)
            except DownloadError as error:
                reasons[url] = str(error)
                tell(ServerFails(url, str(error)))
                if not error.for_now:
                    servers.remove(url)
        if bytes_in(part) - before >= _WORTH_GOING_ON_BYTES:
            pauses = list(patience.pauses_s)
        if not servers or not pauses:
            raise AllServersFailError(reasons)
        tell(Waits(pauses[0]))
        time.sleep(pauses.pop(0))


def bytes_in(part: Path) -> int:
    """Return how many bytes a partial file has: none where there is no file."""
    return part.stat().st_size if part.exists() else 0


def _bring(file: ZooFile, url: str, part: Path, tell: Listener, patience: Patience) -> None:
    """Complete the file from one server. Raises DownloadError where this server does not have it."""
    had = bytes_in(part)
    _append(file, url, part, tell, patience)
    if (found := checksum(part)) != file.sha256 and had:  # who knows from where the first part was
        part.unlink()
        _append(file, url, part, tell, patience)
        found = checksum(part)
    if found != file.sha256:
        part.unlink()
        raise DownloadError(f"its file has the checksum {found}, not {file.sha256}")


def _append(file: ZooFile, url: str, part: Path, tell: Listener, patience: Patience) -> None:
    """Write what is missing of the file. Raises DownloadError."""
    size_bytes = file.size_bytes
    assert size_bytes is not None
    have = had = bytes_in(part)
    if have > size_bytes:
        part.unlink()
        have = had = 0
    if have == size_bytes:
        return
    with answer_of(url, have, patience) as (head, pieces):
        place = _first_byte(head, have, size_bytes)
        with part.open("ab") as sink:
            for piece in pieces:
                missing = piece[max(have - place, 0) :]  # a server that knows no ranges sends all again
                place += len(piece)
                if place > size_bytes:
                    sink.truncate(had)
                    raise DownloadError(f"more bytes come than the {size_bytes:,} that the file has")
                if missing:
                    sink.write(missing)
                    have = place
                    tell(BytesCame(have))
    if place < size_bytes:
        raise DownloadError(f"the connection ended after {place:,} of {size_bytes:,} bytes", for_now=True)


def _first_byte(head: Head, have: int, size_bytes: int) -> int:
    """Return where in the file an answer's body begins. Raises DownloadError for what is not the file."""
    if head.status not in (200, 206):
        for_now = head.status >= 500 or head.status in _FOR_NOW
        raise DownloadError(f"the server answers {head.status} {head.reason}", for_now=for_now)
    if head.headers.get("Content-Type", "").lower().startswith("text/html"):
        raise DownloadError("the server sends a web page: does this network want you to log in?")
    first = 0
    if head.status == 206:
        stated = re.fullmatch(
            r"bytes (\d{1,18})-\d+/(?:\d+|\*)", head.headers.get("Content-Range", "").strip()
        )
        first = int(stated[1]) if stated else have
        if first > have:
            raise DownloadError("the server sends another part of the file than was asked for")
    length = head.headers.get("Content-Length", "")
    if re.fullmatch(r"\d{1,18}", length) and first + int(length) != size_bytes:
        raise DownloadError(f"the server has a file of {first + int(length):,} bytes, not {size_bytes:,}")
    return first

"""What a download tells while it is under way: frozen values, in the order in which things happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class FileBegins:
    """A file is about to come; `have_bytes` of it are here from an earlier attempt."""

    name: str
    size_bytes: int
    have_bytes: int


@dataclass(frozen=True)
class BytesCame:
    """So many bytes of the file are here now."""

    have_bytes: int


@dataclass(frozen=True)
class ServerFails:
    """A server does not send the file; the next one is asked."""

    url: str
    reason: str


@dataclass(frozen=True)
class Waits:
    """No server sends the file just now; they are asked again after a pause."""

    pause_s: float


DownloadEvent = FileBegins | BytesCame | ServerFails | Waits
Listener = Callable[[DownloadEvent], None]

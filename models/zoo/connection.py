"""What one server sends of a file, from some byte on, and when waiting for it is over.

`requests` speaks HTTP, finds the proxies that the environment names, and follows redirects. What it has no
limit for is a server that sends a byte now and then, in headers as in bodies: its timeouts begin anew with
each. So it works on a thread of its own, and whoever waits for what arrives there waits no longer than the
speed that `Patience` asks for.
"""

from __future__ import annotations

import http.client
import queue
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ... import __version__
from ...errors import cut

_PIECE_BYTES = 1 << 18
_PIECES_AHEAD = 8
_CONNECT_S = 10.0
_LOOK_EVERY_S = 0.2  # Windows hears of Ctrl-C between two waits


@dataclass(frozen=True)
class Patience:
    """How slow a server may be, and how long it is left alone before it is asked again."""

    silence_s: float = 30.0
    """Longest wait for the next byte."""
    grace_s: float = 60.0
    """Time that is allowed however little has come."""
    slowest_bytes_s: float = 2000.0
    """Speed below which a server is given up, once the grace is over."""
    pauses_s: tuple[float, ...] = (1.0, 4.0, 10.0)
    """Pauses after which all servers are asked again."""


class DownloadError(Exception):
    """A server from which the file, or the rest of it, does not come; `for_now` if it may come later."""

    def __init__(self, reason: str, *, for_now: bool = False) -> None:
        super().__init__(cut(" ".join(reason.split()), 200))
        self.for_now = for_now


@dataclass(frozen=True)
class Head:
    """How an answer begins."""

    status: int
    reason: str
    headers: Mapping[str, str]


@contextmanager
def answer_of(url: str, first_byte: int, patience: Patience) -> Iterator[tuple[Head, Iterator[bytes]]]:
    """Ask a server for a file from `first_byte` on; yield how it answers, and the body piece by piece.

    Nothing but http and https is spoken, also where a server leads elsewhere. Raises DownloadError, then and
    while the pieces come.
    """
    arrived: queue.Queue[Any] = queue.Queue(_PIECES_AHEAD)
    left_alone = threading.Event()
    work = (url, first_byte, patience.silence_s, arrived, left_alone)
    threading.Thread(target=_deliver, args=work, name="download", daemon=True).start()
    try:
        items = _in_time(arrived, patience)
        head: Head = next(items)
        yield head, items
    finally:
        left_alone.set()
        while not arrived.empty():  # the thread may be waiting for room
            arrived.get_nowait()


def _in_time(arrived: queue.Queue[Any], patience: Patience) -> Iterator[Any]:
    """Yield what arrives until None does. Raises DownloadError when it takes too long, or for an error."""
    begun, received = time.monotonic(), 0
    while True:
        until = begun + patience.grace_s + received / patience.slowest_bytes_s
        try:
            item = arrived.get(timeout=min(max(until - time.monotonic(), 0), _LOOK_EVERY_S))
        except queue.Empty:
            if time.monotonic() < until:
                continue
            slow = f"less than {patience.slowest_bytes_s:,.0f} bytes a second come"
            raise DownloadError(slow, for_now=True) from None
        if item is None:
            return
        if isinstance(item, Exception):
            raise _explained(item, patience) from item
        received += len(item) if isinstance(item, bytes) else 0
        yield item


def _deliver(
    url: str, first_byte: int, silence_s: float, arrived: queue.Queue[Any], left_alone: threading.Event
) -> None:
    """Put an answer's head, its pieces and None (or what went wrong) where someone waits for them."""
    headers = {"Accept-Encoding": "identity", "User-Agent": f"lucidreel/{__version__}"}
    if first_byte:
        headers["Range"] = f"bytes={first_byte}-"
    try:
        import requests

        with requests.get(
            url,
            headers=headers,
            timeout=(min(_CONNECT_S, silence_s), silence_s),
            stream=True,
            hooks={"response": _skip_body_of_redirect},
        ) as answer:
            answer.raw.enforce_content_length = False  # who waits counts the bytes
            arrived.put(Head(answer.status_code, answer.reason or "", answer.headers))
            # As it was sent: Content-Encoding is not undone, for the checksum is that of the file itself.
            while not left_alone.is_set() and (piece := answer.raw.read1(_PIECE_BYTES, decode_content=False)):
                arrived.put(piece)
        arrived.put(None)
    except Exception as error:  # told by the thread that waits
        arrived.put(error)


def _skip_body_of_redirect(answer: Any, **_: object) -> None:
    """Read nothing of a body that may have no end, where only the head is wanted."""
    if answer.is_redirect:
        answer.close()


def _explained(error: Exception, patience: Patience) -> Exception:
    """Return what went wrong in words; an error that no network makes is returned as it is."""
    import requests
    import urllib3

    if not isinstance(error, (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)):
        return error
    if isinstance(error, requests.TooManyRedirects):
        return DownloadError("the server leads in circles")
    if isinstance(error, requests.exceptions.InvalidSchema):
        return DownloadError(f"the server leads to where no file is taken from ({error})")
    root = _root(error)
    words = getattr(root, "strerror", None) or str(root) or type(root).__name__
    if isinstance(error, requests.ConnectTimeout):
        words = f"no connection within {min(_CONNECT_S, patience.silence_s):g} s"
    elif isinstance(root, TimeoutError):
        words = f"no answer for {patience.silence_s:g} s"
    elif isinstance(root, http.client.HTTPException):
        words = f"the answer breaks off or is no HTTP: {words}"
    if isinstance(error, requests.exceptions.ProxyError):
        words = f"the proxy that HTTP_PROXY or HTTPS_PROXY names does not connect: {words}"
    elif isinstance(error, requests.exceptions.SSLError):
        words = f"the server cannot be trusted: {words}. REQUESTS_CA_BUNDLE names a company's certificates"
    return DownloadError(words, for_now=True)


def _root(error: BaseException) -> BaseException:
    """Return the error that all others were raised for; of broken HTTP, the one that says so."""
    while not isinstance(error, http.client.HTTPException) and (
        cause := error.__cause__ or error.__context__
    ):
        error = cause
    return error

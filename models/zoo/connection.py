"""Connections over HTTP and nothing else, with a watchdog that cuts those that are too slow.

urllib opens files, ftp and data addresses as readily as web pages and follows redirects to some of them; and
its timeout counts from one byte to the next, so that a server which sends one now and then is waited for
without end, in headers as in bodies.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
import urllib.request
from dataclasses import dataclass
from typing import IO


@dataclass(frozen=True)
class Timeouts:
    """How slow a server may be."""

    silence_s: float = 30.0
    """Longest wait for the next byte."""
    grace_s: float = 60.0
    """Time that is allowed however little has come."""
    slowest_bytes_s: float = 2000.0
    """Speed below which a download is given up, once the grace is over."""


class DownloadError(Exception):
    """A download that failed; `resumable` where what has come so far may be gone on with."""

    def __init__(self, reason: str, *, resumable: bool = False) -> None:
        super().__init__(reason)
        self.resumable = resumable


class Watchdog:
    """Cuts the connection when less has come than the time since the beginning allows for."""

    def __init__(self, timeouts: Timeouts) -> None:
        self.timeouts = timeouts
        self.received = 0
        self.expired = False
        self.sockets: list[socket.socket] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watchdog:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        begun = time.monotonic()
        while True:
            allowed = self.timeouts.grace_s + self.received / self.timeouts.slowest_bytes_s
            left = begun + allowed - time.monotonic()
            if left <= 0:
                break
            if self._over.wait(min(left, 1.0)):
                return
        self.expired = True
        for each in self.sockets:
            with contextlib.suppress(OSError):  # it ended by itself just now
                each.shutdown(socket.SHUT_RDWR)


def http_opener(watchdog: Watchdog) -> urllib.request.OpenerDirector:
    """Return an opener whose connections the watchdog watches."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        _Plain(watchdog),
        _Secure(watchdog),
        urllib.request.HTTPDefaultErrorHandler(),
        _Redirects(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


class _Plain(urllib.request.HTTPHandler):
    """Opens http: and tells the watchdog of the connection."""

    def __init__(self, watchdog: Watchdog) -> None:
        super().__init__()
        self._watchdog = watchdog

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        watchdog = self._watchdog

        class Connection(http.client.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                watchdog.sockets.append(self.sock)

        return self.do_open(Connection, req)


class _Secure(urllib.request.HTTPSHandler):
    """Opens https: and tells the watchdog of the connection."""

    def __init__(self, watchdog: Watchdog) -> None:
        super().__init__()
        self._watchdog = watchdog

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        watchdog = self._watchdog

        class Connection(http.client.HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                watchdog.sockets.append(self.sock)

        return self.do_open(Connection, req)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but not to other protocols, and not from a proven server to one that is not."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        scheme = newurl.partition(":")[0].lower()
        if scheme not in ("http", "https") or (req.type == "https" and scheme == "http"):
            fp.close()
            raise DownloadError(
                f"the server leads from {req.type} to {scheme}, where nobody vouches for the file"
            )
        again = super().redirect_request(req, fp, code, msg, headers, newurl)
        if again is not None and (wanted := req.get_header("Range")):
            again.add_header("Range", wanted)
        return again

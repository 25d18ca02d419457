"""A server on this machine that answers as a test has prepared, byte for byte."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable


class Server:
    """Answers each request with bytes that a test has prepared for its path, then closes the connection.

    With TLS it speaks https.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, bytes | Callable[[str], bytes]] = {}
        self.endless: dict[str, bytes] = {}
        """Path -> what is sent again and again behind the answer, until the other side has enough."""
        self.pause_s = 0.0
        self.requests: list[str] = []
        self._closing = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._tls = tls
        scheme = "http" if tls is None else "https"
        self.address = f"{scheme}://127.0.0.1:{self._socket.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def asked_for(self, path: str) -> list[str]:
        """Return the first bytes that were asked for, in all requests for a path ("0" for the whole)."""
        asked = [request for request in self.requests if request.startswith(f"GET {path} ")]
        return [found[1] if (found := re.search(r"Range: bytes=(\d+)-", each)) else "0" for each in asked]

    def close(self) -> None:
        """Answer nobody any more."""
        self._closing.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._answer, args=(connection,)))
            self._threads[-1].start()

    def _answer(self, plain: socket.socket) -> None:
        with plain:
            try:
                connection = plain if self._tls is None else self._tls.wrap_socket(plain, server_side=True)
            except OSError:
                return
            self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        with connection:
            try:
                request = connection.recv(1 << 16).decode()
                self.requests.append(request)
                path = request.split(" ")[1]
                answer = self.answers[path]
                connection.sendall(answer(request) if callable(answer) else answer)
                while path in self.endless and not self._closing.wait(self.pause_s):
                    connection.sendall(self.endless[path])
            except OSError:
                return


def ok(body: bytes, *headers: str, length: int | str | None = None) -> bytes:
    """Return an answer with a body and its length, or another length."""
    stated = f"Content-Length: {len(body) if length is None else length}"
    return "\r\n".join(["HTTP/1.1 200 OK", stated, *headers, "", ""]).encode() + body


def part_of(content: bytes, first: int, stated: int | None = None) -> bytes:
    """Return an answer with a file's bytes from one on, whichever it states that this is."""
    at = first if stated is None else stated
    answer = ok(content[first:], f"Content-Range: bytes {at}-{len(content) - 1}/{len(content)}")
    return answer.replace(b"200 OK", b"206 Partial Content", 1)


def with_ranges(content: bytes) -> Callable[[str], bytes]:
    """Return what answers as a server does that knows ranges."""

    def answer(request: str) -> bytes:
        asked = re.search(r"Range: bytes=(\d+)-", request)
        return part_of(content, int(asked[1])) if asked else ok(content)

    return answer

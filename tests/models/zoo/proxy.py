"""A proxy on this machine: it fetches for others what they ask for, from one server whatever its name."""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Proxy:
    """Forwards requests for any host, and connections for TLS, to the one that it was made for."""

    def __init__(self, server: str) -> None:
        host = urlsplit(server).netloc
        self.asked: list[str] = []
        """The URLs that were asked for."""
        self.names: list[str | None] = []
        """What each who asked said of who it is."""
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                proxy.asked.append(self.path)
                proxy.names.append(self.headers.get("Proxy-Authorization"))
                origin = http.client.HTTPConnection(host, timeout=10)
                origin.request("GET", urlsplit(self.path).path)
                answer = origin.getresponse()
                body = answer.read()
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                origin.close()

            def do_CONNECT(self) -> None:
                proxy.asked.append(self.path)
                self.send_response(200)
                self.end_headers()
                with socket.create_connection((host.split(":")[0], int(host.split(":")[1]))) as origin:
                    back = threading.Thread(target=_pass_on, args=(origin, self.connection))
                    back.start()
                    _pass_on(self.connection, origin)
                    back.join()
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        """Forward nothing any more."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    """Pass on what one side says until it says no more."""
    with suppress(OSError):
        while said := source.recv(1 << 16):
            sink.sendall(said)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)

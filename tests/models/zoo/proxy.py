"""A proxy on this machine: it fetches for others what they ask for, from one server whatever its name."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Proxy:
    """Forwards requests for any host to the one that it was made for."""

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

"""Servers on a loopback port, each in a thread of its own until the end of a `with` statement."""

import http.server
import socketserver
import threading
from collections.abc import Callable, Mapping
from typing import Any, Self


class LoopbackServer:
    """The server behind every stand-in that speaks HTTP.

    Args:
        handler: answers the requests; finds this object as `self.server.owner`.
        kind: the class of the server.

    Attributes:
        port: where it listens.
        address: the same, with the host.
    """

    def __init__(
        self,
        handler: Callable[..., socketserver.BaseRequestHandler],
        kind: Callable[..., Any] = http.server.ThreadingHTTPServer,
    ) -> None:
        self._server = kind(("127.0.0.1", 0), handler)
        self._server.owner = self
        self._server.daemon_threads = True  # nobody waits for functions that hang
        self.port: int = self._server.server_address[1]
        self.address = f"127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class QuietHandler(http.server.BaseHTTPRequestHandler):
    """Keeps connections open, answers at once, and writes no log."""

    server: Any
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits for an acknowledgement

    def body(self) -> bytes:
        """What the request brought."""
        return self.rfile.read(int(self.headers["Content-Length"]))

    def reply(
        self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        """Send a whole answer."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Quiet."""

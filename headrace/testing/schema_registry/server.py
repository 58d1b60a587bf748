"""The registry as an HTTP server on loopback, for one process or for a test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from headrace import json_text
from headrace.testing.schema_registry.content import Content
from headrace.testing.schema_registry.requests import Refusal, Request
from headrace.testing.schema_registry.routes import Routes

_LARGEST = 5_000_000


class RegistryServer(ThreadingHTTPServer):
    """A server that answers from a registry's content.

    Args:
        content: what is registered.
        port: on loopback; 0: any that is free.

    Attributes:
        asked: the paths that were asked for, in their order, for tests that count.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True

    def __init__(self, content: Content, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.routes = Routes(content)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running_registry(journal: Path | None = None, port: int = 0) -> Iterator[RegistryServer]:
    """Run a registry on a thread, for as long as the context lasts.

    Args:
        journal: the file that keeps what is registered. None: nothing is kept.
        port: on loopback; 0: any that is free.
    """
    content = Content(journal)
    with RegistryServer(content, port) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
            content.close()


@contextmanager
def embedded_registry() -> Iterator[str]:
    """Run a schema registry in this process, for as long as the context lasts. Yields its URL."""
    with running_registry() as server:
        yield server.url


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True  # or each answer waits for an acknowledgement
    server: RegistryServer

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as its base calls it
        """Say nothing: a registry of a test has no log."""

    def _answer(self) -> None:
        url = urlsplit(self.path)
        self.server.asked.append(self.path)
        try:
            request = Request((), dict(parse_qsl(url.query)), self._body())
            names = [unquote(step) for step in url.path.split("/")]
            if any("/" in name for name in names):
                raise Refusal(422, 422, "a subject's name has no slash here")
            answer = self.server.routes.answer(self.command, "/".join(names), request)
            self._send(200, answer)
        except Refusal as error:
            self._send(error.status, {"error_code": error.code, "message": str(error)})
        except Exception as error:  # noqa: BLE001 - a client hears of it
            self._send(500, {"error_code": 50001, "message": f"{type(error).__name__}: {error}"})

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > _LARGEST:
            self.close_connection = True
            raise Refusal(413, 413, f"a body has at most {_LARGEST} bytes")
        return self.rfile.read(int(length))

    def _send(self, status: int, answer: Any) -> None:
        body = json_text.encode(answer)
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

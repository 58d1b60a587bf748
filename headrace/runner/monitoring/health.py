"""Health, readiness and metrics over HTTP, for what watches a runner from outside.

    /healthz   200 while the runner polls its source; 503 where it hangs: only a restart helps
    /readyz    200 from the source's first assignment until the runner drains; 503 otherwise
    /metrics   what `metrics` renders, for Prometheus

Whoever runs a mapping serves it so:

    with health.serve(settings.http_port, stats, mapping, log, name="orders/billing"):
        mapping.run()

The port is open on all interfaces, as probes come from outside. It tells counts and the names of
partitions, and nothing of any record.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Protocol

from headrace.errors import SettingsError
from headrace.log import Log
from headrace.runner.monitoring.stats import Stats

LIVE_SECONDS = 60.0
"""How long a source may go without a poll, beside the time of a drain."""

_CLIENT_SECONDS = 10.0
_TURN_SECONDS = 0.1  # how soon it notices that the run has ended
_TEXT = "text/plain; charset=utf-8"

# Takes the Accept header; gives status, content type and body.
_Page = Callable[[str], tuple[HTTPStatus, str, bytes]]


class Status(Protocol):
    """What a runner says of itself. Asked from other threads; must not block."""

    def live(self) -> bool:
        """Whether its threads turn: `stats.poll_age()` says how long ago the last one did."""
        ...

    def ready(self) -> bool:
        """Whether it takes records."""
        ...


@contextmanager
def serve(
    port: int | None, stats: Stats, status: Status, log: Log, *, name: str, host: str = ""
) -> Iterator[int | None]:
    """Serve within the context, on threads that keep no process alive.

    Args:
        port: where; 0 takes a free one, None serves nothing.
        stats: for the metrics.
        status: for health and readiness.
        log: is told the port.
        name: the mapping's, a label of each metric.
        host: the address to bind; empty: all interfaces, IPv4 and IPv6.

    Yields:
        the port that is served, if any.

    Raises:
        SettingsError: the port is taken, or not ours to take.
    """
    if port is None:
        yield None
        return
    from headrace.runner.monitoring.metrics import renderer  # noqa: PLC0415 - only where it is asked for

    render = renderer(stats, name)

    def metrics(accept: str) -> tuple[HTTPStatus, str, bytes]:
        body, content_type = render(accept)
        return HTTPStatus.OK, content_type, body

    pages = {"/healthz": _yes(status.live), "/readyz": _yes(status.ready), "/metrics": metrics}
    stats.beat()  # until now the function was set up, which may take its time
    with _open(host, port, pages, log) as server:
        bound = int(server.server_address[1])
        log.info("serving health and metrics", port=bound)
        serving = threading.Thread(
            target=server.serve_forever, args=(_TURN_SECONDS,), name="health", daemon=True
        )
        serving.start()
        try:
            yield bound
        finally:
            server.shutdown()


class _Server(ThreadingHTTPServer):
    """Serves on IPv4 and IPv6 where the machine has both, and no address is given."""

    def __init__(self, host: str, port: int, pages: dict[str, _Page], log: Log) -> None:
        self.pages = pages
        self._log = log
        self._dual = not host and socket.has_dualstack_ipv6()
        self.address_family = socket.AF_INET6 if self._dual else socket.AF_INET
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        if self._dual:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        TCPServer.server_bind(self)  # HTTPServer's asks the name service, and may wait for it

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        self._log.warning("health or metrics not served", client=client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD."""

    server: _Server
    server_version = "headrace"
    sys_version = ""
    timeout = _CLIENT_SECONDS  # a client that says nothing keeps no thread

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        status, content_type, body = page(self.headers.get("Accept", ""))
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Probes come every few seconds: they are no news."""


def _open(host: str, port: int, pages: dict[str, _Page], log: Log) -> _Server:
    try:
        return _Server(host, port, pages, log)
    except OSError as error:
        raise SettingsError(f"HEADRACE_HTTP_PORT={port}: {error.strerror}") from None


def _yes(ask: Callable[[], bool]) -> _Page:
    def page(_: str) -> tuple[HTTPStatus, str, bytes]:
        if ask():
            return HTTPStatus.OK, _TEXT, b"yes\n"
        return HTTPStatus.SERVICE_UNAVAILABLE, _TEXT, b"no\n"

    return page

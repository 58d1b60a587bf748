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

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from headrace.errors import SettingsError
from headrace.extras import needs
from headrace.log import Log
from headrace.runner.monitoring.stats import Stats
from headrace.web.asgi import Receive, Scope, Send, respond

if TYPE_CHECKING:
    from headrace.web.server import Server

LIVE_SECONDS = 60.0
"""How long a source may go without a poll, beside the time of a drain."""

_CONNECTIONS = 32
_IDLE_SECONDS = 10.0  # a client that says nothing keeps no connection
_DRAIN_SECONDS = 1.0
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
    server = _open(host, port, _Pages(_pages(stats, status, name), log), log)
    from headrace.web.background import in_background  # noqa: PLC0415 - only for who has a port

    stats.beat()  # until now the function was set up, which may take its time
    with in_background(server, _DRAIN_SECONDS):
        log.info("serving health and metrics", port=server.port)
        yield server.port


class _Pages:
    """An ASGI application that answers GET and HEAD of a few paths."""

    def __init__(self, pages: dict[str, _Page], log: Log) -> None:
        self._pages = pages
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Probes come every few seconds: they are no news."""
        del receive
        page = self._pages.get(scope["path"])
        status, kind, body = HTTPStatus.NOT_FOUND, _TEXT, b"not found\n"
        if scope["method"] not in {"GET", "HEAD"}:
            status, body = HTTPStatus.METHOD_NOT_ALLOWED, b"only GET and HEAD\n"
        elif page:
            accept = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
            try:
                status, kind, body = page(accept)
            except Exception:  # noqa: BLE001 - logged; the other pages are still served
                status, body = HTTPStatus.INTERNAL_SERVER_ERROR, b"failed; the log says why\n"
                self._log.warning("health or metrics not served", exc_info=True)
        await respond(send, status, [("content-type", kind)], body)


def _pages(stats: Stats, status: Status, name: str) -> dict[str, _Page]:
    from headrace.runner.monitoring.metrics import renderer  # noqa: PLC0415 - as above

    render = renderer(stats, name)

    def metrics(accept: str) -> tuple[HTTPStatus, str, bytes]:
        body, content_type = render(accept)
        return HTTPStatus.OK, content_type, body

    return {"/healthz": _yes(status.live), "/readyz": _yes(status.ready), "/metrics": metrics}


def _open(host: str, port: int, pages: _Pages, log: Log) -> "Server":
    try:
        from headrace.web.server import Server  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise needs("metrics", error) from None
    address = (host, port)
    try:
        return Server(pages, address, log, connections=_CONNECTIONS, idle_seconds=_IDLE_SECONDS)
    except OSError as error:
        raise SettingsError(f"HEADRACE_HTTP_PORT={port}: {error.strerror}") from None


def _yes(ask: Callable[[], bool]) -> _Page:
    def page(_: str) -> tuple[HTTPStatus, str, bytes]:
        if ask():
            return HTTPStatus.OK, _TEXT, b"yes\n"
        return HTTPStatus.SERVICE_UNAVAILABLE, _TEXT, b"no\n"

    return page

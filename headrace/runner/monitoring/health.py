"""Health, readiness and metrics over HTTP, for what watches a runner from outside.

    /healthz   200 while the runner polls its source; 503 where it hangs: only a restart helps
    /readyz    200 from the source's first assignment until the runner drains; 503 otherwise
    /metrics   what `metrics` renders, for Prometheus

Whoever runs a mapping serves it so:

    with health.serve(settings.http_port, stats, mapping, log, name="orders/billing"):
        mapping.run()

The port is open on all interfaces, as probes come from outside. It tells counts and the names of
partitions, and nothing of any record; a page for people (`stream_page`) tells more, if asked for.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from headrace.errors import SettingsError
from headrace.extras import needs
from headrace.log import Log
from headrace.runner.monitoring.watched import Watched

if TYPE_CHECKING:
    from headrace.web.route import Route
    from headrace.web.server import Server

_CONNECTIONS = 32
_IDLE_SECONDS = 10.0  # a client that says nothing keeps no connection
_DRAIN_SECONDS = 1.0
_TEXT = (("content-type", "text/plain; charset=utf-8"),)


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
    port: int | None,
    stats: Watched,
    status: Status,
    log: Log,
    *,
    name: str,
    host: str = "",
    pages: Callable[[], Mapping[str, "Route"]] = dict,
) -> Iterator[int | None]:
    """Serve within the context, on threads that keep no process alive.

    Args:
        port: where; 0 takes a free one, None serves nothing.
        stats: for the metrics.
        status: for health and readiness.
        log: is told the port.
        name: the mapping's, a label of each metric.
        host: the address to bind; empty: all interfaces, IPv4 and IPv6.
        pages: returns what else is served, by its path.

    Yields:
        the port that is served, if any.

    Raises:
        SettingsError: the port is taken, or not ours to take; or the API key is too short.
    """
    if port is None:
        yield None
        return
    server = _open(host, port, log, lambda: {**_probes(stats, status, name), **pages()})
    from headrace.web.background import in_background  # noqa: PLC0415 - only for who has a port

    stats.beat()  # until now the function was set up, which may take its time
    with in_background(server, _DRAIN_SECONDS):
        log.info("serving health and metrics", port=server.port)
        yield server.port


def _open(host: str, port: int, log: Log, routes: Callable[[], Mapping[str, "Route"]]) -> "Server":
    try:
        from headrace.web.server import Bounds, Server  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise needs("metrics", error) from None
    from headrace.web.api_key import ApiKey  # noqa: PLC0415 - as above
    from headrace.web.site import Site  # noqa: PLC0415 - as above

    site = Site(routes(), ApiKey.from_environment(os.environ), log)
    try:
        return Server(site, (host, port), log, Bounds(_CONNECTIONS, _IDLE_SECONDS))
    except OSError as error:
        raise SettingsError(f"HEADRACE_HTTP_PORT={port}: {error.strerror}") from None


def _probes(stats: Watched, status: Status, name: str) -> dict[str, "Route"]:
    """Return what needs no key: it tells nothing of any record."""
    from headrace.runner.monitoring.metrics import renderer  # noqa: PLC0415 - as above
    from headrace.web.answer import Answer  # noqa: PLC0415 - as above
    from headrace.web.head import Head  # noqa: PLC0415 - as above
    from headrace.web.route import Left, Route, plain  # noqa: PLC0415 - as above

    render = renderer(stats, name)

    async def metrics(head: Head, body: bytes, left: Left) -> Answer:
        del body, left
        page, content_type = render(", ".join(head.values("accept")))
        return Answer(HTTPStatus.OK, (("content-type", content_type),), page)

    def probe(ask: Callable[[], bool]) -> Route:
        def answer() -> Answer:
            if ask():
                return Answer(HTTPStatus.OK, _TEXT, b"yes\n")
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, _TEXT, b"no\n")

        return Route("GET", plain(answer), needs_key=False)

    return {
        "/healthz": probe(status.live),
        "/readyz": probe(status.ready),
        "/metrics": Route("GET", metrics, needs_key=False),
    }

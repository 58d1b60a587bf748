"""Granian, inside this process, with our socket and our bounds.

Granian (hyper) reads requests: it refuses malformed ones, bounds the size of their heads and the
time that one may take, and holds back connections beyond their number.
"""

import asyncio
import logging
import math
import resource
import socket
import sys
from typing import Any, NamedTuple

from granian import __version__ as granian_version
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings, HTTP2Settings
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.embed import Server as Granian

from headrace.log import Log
from headrace.web.arrivals import with_arrivals
from headrace.web.asgi import App
from headrace.web.native_threads import native_threads

MAX_HEAD_BYTES = 64 * 1024
"""Much longer heads of requests are not read; those that are a little longer, the app sees."""

_BACKLOG = 1024
_MOST_MS = 2**31 - 1
_STREAMS = 100  # requests at once over one connection of HTTP/2
_BEGUN_SECONDS = 0.05  # by then, Granian has started its threads
_LOOKS, _LOOK_SECONDS = 200, 0.005
_SPARE_FILES = 64  # for all but connections: models, sinks, the processes of functions


class Bounds(NamedTuple):
    """How much a server takes.

    Attributes:
        connections: How many may be open at once; further ones wait.
        idle_seconds: How long a connection may take to send the head of its next request, and how
            long it may take nothing of an answer.
    """

    connections: int
    idle_seconds: float


class Server:
    """Serves an ASGI application.

    Args:
        app: What is served.
        address: Host and port. An empty host is every address of this machine, port 0 a free one.
        log: Is told if fewer connections are possible than wanted.
        bounds: How much it takes.
        http2: Whether it speaks HTTP/2 as well as HTTP/1.1.

    Attributes:
        port: Where it listens.

    Raises:
        OSError: if it cannot listen there.
    """

    def __init__(
        self,
        app: App,
        address: tuple[str, int],
        log: Log,
        bounds: Bounds,
        *,
        http2: bool = False,
    ) -> None:
        self._log = log
        # HTTP/2 comes by our own end of TLS, which waits for its clients, and is patient.
        bound = listen(*address, None if http2 else bounds.idle_seconds)
        self.port = int(bound.getsockname()[1])
        possible = possible_connections(bounds.connections, log)
        idle_ms = round(bounds.idle_seconds * 1000)
        self._granian = _Embedded(app, bound, possible, idle_ms, http2=http2)
        self._serving: asyncio.Task[None] | None = None
        self._threads: set[int] = set()

    def start(self) -> None:
        """Take connections, on the event loop that runs."""
        loop, before = asyncio.get_running_loop(), native_threads()
        loop.set_exception_handler(self._tell)
        self._serving = asyncio.create_task(self._granian.serve())
        loop.call_later(_BEGUN_SECONDS, lambda: self._threads.update(native_threads() - before))

    async def drain(self, seconds: float) -> bool:
        """Take no more connections, end the idle ones, let running requests finish.

        Returns:
            Whether they all had within that time.
        """
        if self._serving is None:
            return True
        if not self._threads:  # it has only just begun
            await asyncio.sleep(_BEGUN_SECONDS)
        self._granian.stop()  # type: ignore[no-untyped-call]
        done, _ = await asyncio.wait({self._serving}, timeout=seconds)
        if done:
            await self._wait_for_threads()
        return bool(done)

    async def _wait_for_threads(self) -> None:
        """Wait until Granian's threads have ended.

        One that still asks for the interpreter while that ends would abort the process.
        """
        looks = 0
        while self._threads & native_threads() and looks < _LOOKS:
            looks += 1
            await asyncio.sleep(_LOOK_SECONDS)

    def _tell(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log what the loop would print as text, such as Granian's end after a drain was cut."""
        error = context.get("exception")
        self._log.debug("event loop", detail=context["message"], error=repr(error))


class _Embedded(Granian):
    """Granian on a socket that is bound already: a port in use is told, port 0 is known."""

    def __init__(
        self, app: App, bound: socket.socket, connections: int, idle_ms: int, *, http2: bool
    ) -> None:
        logging.getLogger("_granian").setLevel(logging.CRITICAL)  # it logs text, and asks nobody
        super().__init__(
            app,
            interface=Interfaces.ASGINL,
            http=HTTPModes.auto if http2 else HTTPModes.http1,
            http1_settings=HTTP1Settings(
                header_read_timeout=idle_ms, max_buffer_size=MAX_HEAD_BYTES
            ),
            http2_settings=HTTP2Settings(
                keep_alive_interval=idle_ms,
                max_concurrent_streams=_STREAMS,
                max_headers_size=MAX_HEAD_BYTES,
            ),
            websockets=False,
            backpressure=connections,
            log_enabled=False,
        )
        self._bound = bound

    _spawn_asgi_worker = staticmethod(with_arrivals(Granian._spawn_asgi_worker, granian_version))

    def _init_shared_socket(self) -> None:
        self._ssp = None
        # It owns the socket now. (Its stub lists no arguments.)
        self._shd = SocketHolder(self._bound.detach(), False, _BACKLOG)  # type: ignore[call-arg, assignment]


def listen(host: str, port: int, stall_seconds: float | None) -> socket.socket:
    """Listen there, at every address if the host is empty, by IPv6 as well if there is any.

    Whoever takes nothing of what is sent for so long is cut off, by the system: Granian would wait
    for ever, and keep the answer and the connection.
    """
    both = not host and socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both or ":" in host else socket.AF_INET
    server = socket.create_server(
        (host, port), family=family, backlog=_BACKLOG, dualstack_ipv6=both
    )
    if stall_seconds is not None and sys.platform == "linux":
        # Connections have it of the socket that they come by.
        stall_ms = min(_MOST_MS, math.ceil(stall_seconds * 1000))
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, stall_ms)
    return server


def possible_connections(wanted: int, log: Log) -> int:
    """Return how many connections there may be, so that descriptors never run out."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or wanted <= soft - _SPARE_FILES:
        return wanted
    possible = max(1, soft // 2 if soft < 2 * _SPARE_FILES else soft - _SPARE_FILES)
    log.warning(
        "fewer connections than wanted: this process may open few files",
        wanted=wanted,
        possible=possible,
        files=soft,
    )
    return possible

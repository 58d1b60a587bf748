"""The server of `headrace serve`: Granian, inside this process, with our socket and our bounds.

Granian (hyper) reads requests: it refuses malformed ones, bounds the size of their heads and the
time that one may take, and holds back connections beyond their number.
"""

import asyncio
import logging
import resource
import socket
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.embed import Server as Granian

from headrace.log import Log
from headrace.serve.app import App
from headrace.serve.head import MAX_BYTES
from headrace.serve.settings import ServeSettings

_BACKLOG = 1024
_SPARE_FILES = 64  # for all but connections: models, sinks, the processes of functions
# A connection that was opened just before a stop still sends its request: it is answered.
_LINGER_SECONDS = 0.5


class Server:
    """Serves an application.

    Args:
        app: What is served.
        settings: Where, and within which bounds.
        log: Is told if fewer connections are possible than the settings say.

    Attributes:
        port: Where it listens.

    Raises:
        OSError: if it cannot listen there.
    """

    def __init__(self, app: App, settings: ServeSettings, log: Log) -> None:
        self._app = app
        self._log = log
        bound = _listen(settings.serve_host, settings.serve_port)
        self.port = int(bound.getsockname()[1])
        connections = _possible_connections(settings.serve_max_connections, log)
        idle_ms = round(settings.serve_idle_seconds * 1000)
        self._granian = _Embedded(app, bound, connections, idle_ms)
        self._serving: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Take connections, on the event loop that runs."""
        asyncio.get_running_loop().set_exception_handler(self._tell)
        self._serving = asyncio.create_task(self._granian.serve())

    async def drain(self, seconds: float) -> bool:
        """Take no more connections, end the idle ones, let running requests finish.

        Returns:
            Whether they all had within that time.
        """
        self._app.draining = True
        if self._serving is None:
            return True
        await asyncio.sleep(min(_LINGER_SECONDS, seconds))
        self._granian.stop()  # type: ignore[no-untyped-call]
        done, _ = await asyncio.wait({self._serving}, timeout=seconds)
        return bool(done)

    def _tell(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log what the loop would print as text, such as Granian's end after a drain was cut."""
        error = context.get("exception")
        self._log.debug("event loop", detail=context["message"], error=repr(error))


class _Embedded(Granian):
    """Granian on a socket that is bound already: a port in use is told, port 0 is known."""

    def __init__(self, app: App, bound: socket.socket, connections: int, idle_ms: int) -> None:
        logging.getLogger("_granian").setLevel(logging.CRITICAL)  # it logs text, and asks nobody
        super().__init__(
            app,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=idle_ms, max_buffer_size=MAX_BYTES),
            websockets=False,
            backpressure=connections,
            log_enabled=False,
        )
        self._bound = bound

    def _init_shared_socket(self) -> None:
        self._ssp = None
        # It owns the socket now. (Its stub lists no arguments.)
        self._shd = SocketHolder(self._bound.detach(), False, _BACKLOG)  # type: ignore[call-arg, assignment]


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG)


def _possible_connections(wanted: int, log: Log) -> int:
    """Return how many connections there may be, so that descriptors never run out."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or wanted <= soft - _SPARE_FILES:
        return wanted
    possible = max(1, soft // 2 if soft < 2 * _SPARE_FILES else soft - _SPARE_FILES)
    log.warning(
        "fewer connections than HEADRACE_SERVE_MAX_CONNECTIONS: this process may open few files",
        connections=possible,
        files=soft,
    )
    return possible

"""A server behind TLS. It speaks HTTP/2, too: browsers and clients do so by TLS alone."""

from headrace.log import Log
from headrace.web.asgi import App
from headrace.web.server import Bounds, Server, listen, possible_connections
from headrace.web.tls.files import Tls
from headrace.web.tls.gate import Gate

_INSIDE = "127.0.0.1"
_READ_SECONDS = 2.0  # for clients to read the last answers
_FILES = 3  # of a connection: the client's, and both ends of the inner one


class TlsServer(Server):
    """Serves an ASGI application by TLS.

    Args:
        app: What is served. The scope has `client_certificate`, None if the client showed none.
        address: Host and port. An empty host is every address of this machine, port 0 a free one.
        log: Is told if fewer connections are possible than wanted.
        bounds: How much it takes. A connection may be idle before its handshake, too.
        tls: The server's certificate, and which clients are trusted.

    Raises:
        OSError: if it cannot listen there.
        SettingsError: A file cannot be read, or is not what it should be.
    """

    def __init__(
        self,
        app: App,
        address: tuple[str, int],
        log: Log,
        bounds: Bounds,
        tls: Tls,
    ) -> None:
        most = possible_connections(_FILES * bounds.connections, log) // _FILES
        bounds = bounds._replace(connections=most)
        self._gate = Gate(tls.context(), listen(*address, bounds.idle_seconds), bounds, log)
        super().__init__(self._gate.before(app), (_INSIDE, 0), log, bounds, http2=True)
        self._inside, self.port = (_INSIDE, self.port), self._gate.port

    def start(self) -> None:
        """Take connections, on the event loop that runs."""
        super().start()
        self._gate.start(self._inside)

    async def drain(self, seconds: float) -> bool:
        """Take no more connections, end the idle ones, let running requests finish.

        Returns:
            Whether they all had within that time.
        """
        self._gate.close()
        drained = await super().drain(seconds)
        await self._gate.end(_READ_SECONDS if drained else 0)
        return drained

"""Takes clients by TLS, and passes their connections on to the server.

Each of them becomes one inside this machine. The application knows it by its port, so whoever else
connects there is refused.
"""

import asyncio
import socket
import ssl
import time
from contextlib import suppress
from http import HTTPStatus

from headrace.log import Log
from headrace.request import ClientCertificate
from headrace.web.asgi import App, Receive, Scope, Send, respond
from headrace.web.server import Bounds
from headrace.web.tls.certificate import read_certificate
from headrace.web.tls.passing import CHUNK_BYTES, Streams, pass_on, read_beginning

_PAUSE_SECONDS = 0.1
_PING_BYTES = 64  # as much as a ping and its like have, with room


class _Client:
    """Who is at the other end of a connection.

    Attributes:
        address: Theirs.
        certificate: What they have shown.
        asks: How many of their requests the application has.
        active: When the last of them was answered, or they took a part of an answer.
    """

    def __init__(self, address: tuple[str, int], certificate: ClientCertificate | None) -> None:
        self.address = address
        self.certificate = certificate
        self.asks = 0
        self.active = time.monotonic()

    def took(self, data: bytes) -> None:
        """Note what they were sent: pings are no answer."""
        if len(data) > _PING_BYTES:
            self.active = time.monotonic()

    async def idle(self, seconds: float) -> None:
        """Return once they have asked nothing, and taken nothing, for so long."""
        while self.asks or (left := self.active + seconds - time.monotonic()) > 0:
            await asyncio.sleep(seconds / 4 if self.asks else left)


class Gate:
    """Ends the TLS of clients.

    Args:
        tls: The server's certificate, and which clients are trusted.
        bound: Where it listens.
        bounds: How much it takes.
        log: Is told if connections cannot be taken.

    Attributes:
        port: Where it listens.
    """

    def __init__(self, tls: ssl.SSLContext, bound: socket.socket, bounds: Bounds, log: Log) -> None:
        bound.setblocking(False)
        self.port = int(bound.getsockname()[1])
        self._tls = tls
        self._bound = bound
        self._log = log
        self._places = asyncio.Semaphore(bounds.connections)
        self._idle_seconds = bounds.idle_seconds
        self._clients: dict[int, _Client] = {}
        self._accepting: asyncio.Task[None] | None = None
        self._open: set[asyncio.Task[None]] = set()

    def before(self, app: App) -> App:
        """Return the application, with each client's own address and certificate in its scope."""

        async def known(scope: Scope, receive: Receive, send: Send) -> None:
            client = self._clients.get(int(scope["client"][1]))
            if client is None:  # another program of this machine has found the server's port
                text = (("content-type", "text/plain"),)
                await respond(send, HTTPStatus.FORBIDDEN, text, b"TLS only", close=True)
                return
            scope["client"], scope["client_certificate"] = client.address, client.certificate
            client.asks += 1
            try:
                await app(scope, receive, send)
            finally:
                client.asks -= 1
                client.active = time.monotonic()

        return known

    def start(self, server: tuple[str, int]) -> None:
        """Take connections, on the event loop that runs.

        Args:
            server: Where they are passed on to: an address of this machine, and a port.
        """
        self._accepting = asyncio.create_task(self._accept(server))

    def close(self) -> None:
        """Take no further connection."""
        if self._accepting is not None:
            self._accepting.cancel()
        self._bound.close()

    async def end(self, seconds: float) -> None:
        """Give clients that time to read the last answers. The server has ended its own part."""
        if self._open:
            _, late = await asyncio.wait(self._open, timeout=seconds)
            for connection in late:
                connection.cancel()

    async def _accept(self, server: tuple[str, int]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._places.acquire()
            connection, address = await self._next()
            task = loop.create_task(self._take(connection, address[:2], server))
            self._open.add(task)
            task.add_done_callback(self._ended)

    async def _next(self) -> tuple[socket.socket, tuple[str, int]]:
        """Return the next connection. Wait while none can be taken: files may be used up."""
        loop, told = asyncio.get_running_loop(), False
        while True:
            try:
                return await loop.sock_accept(self._bound)
            except OSError as error:
                if not told:
                    self._log.warning("connections wait: none can be taken", error=str(error))
                told = True
            await asyncio.sleep(_PAUSE_SECONDS)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._open.discard(task)
        self._places.release()

    async def _take(
        self, connection: socket.socket, address: tuple[str, int], server: tuple[str, int]
    ) -> None:
        """Pass one connection on until both sides have ended it."""
        with suppress(OSError):  # of the network, of TLS, and of a client that takes too long
            outside = await self._shake_hands(connection)
            try:
                async with asyncio.timeout(self._idle_seconds):
                    beginning = await read_beginning(outside[0])
                if beginning:
                    inside = await asyncio.open_connection(*server, limit=CHUNK_BYTES)
                    await self._pass_on(beginning, outside, inside, address)
            finally:
                outside[1].transport.abort()  # does nothing to one that has ended well

    async def _pass_on(
        self, beginning: bytes, outside: Streams, inside: Streams, address: tuple[str, int]
    ) -> None:
        port = inside[1].get_extra_info("sockname")[1]
        certificate = read_certificate(outside[1].get_extra_info("ssl_object"))
        self._clients[port] = client = _Client(address, certificate)
        passing = asyncio.create_task(pass_on(beginning, outside, inside, client.took))
        idle = asyncio.create_task(client.idle(self._idle_seconds))
        try:
            # With HTTP/2, a client that answers pings would keep its connection for ever.
            await asyncio.wait({passing, idle}, return_when=asyncio.FIRST_COMPLETED)
            if not passing.done():
                outside[1].transport.abort()
            await passing
        finally:
            idle.cancel()
            passing.cancel()
            del self._clients[port]

    async def _shake_hands(self, connection: socket.socket) -> Streams:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(CHUNK_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol,
            connection,
            ssl=self._tls,
            ssl_handshake_timeout=self._idle_seconds,
        )
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

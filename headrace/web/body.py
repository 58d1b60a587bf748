"""Bodies of requests in memory: each is bounded, in size and time, and so are all together."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

from headrace.errors import Reject
from headrace.web.asgi import Message, Receive
from headrace.web.deadlines import Deadlines
from headrace.web.first_piece import arrived


class ClientGone(Exception):
    """The client has left before its request was complete."""


class Bodies:
    """The bodies that are in memory now.

    Args:
        most: The bytes of one body.
        total: The bytes of all bodies together.
        seconds: How long a body may take to arrive.
    """

    def __init__(self, *, most: int, total: int, seconds: float) -> None:
        self._most = most
        self._left = max(most, total)
        self._seconds = seconds
        self._deadlines = Deadlines(seconds)

    async def read(self, length: int | None, receive: Receive) -> bytes:
        """Read a body, which counts as in memory until it is let go.

        Args:
            length: What the head promises; None if it says nothing.
            receive: Where the body comes from.

        Raises:
            Reject: if the body is too long, too slow, or one too many.
            ClientGone: if the body ends early.
        """
        if length is not None and length > self._most:
            await self._discard(min(length, 4 * self._most), receive)
            detail = f"the body has {length} bytes; at most {self._most} are taken"
            raise Reject(detail, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if length == 0:
            return b""
        pieces: list[bytes] = []
        try:
            first = arrived(receive)
            if first is None or not self._completes(first, length, pieces):
                with self._deadlines:
                    await self._collect(length, receive, pieces)
        except BaseException as error:
            self._left += sum(map(len, pieces))
            if isinstance(error, TimeoutError):
                detail = f"the body did not arrive within {self._seconds:g} seconds"
                raise Reject(detail, status=HTTPStatus.REQUEST_TIMEOUT) from None
            raise
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def let_go(self, body: bytes) -> None:
        """Count a body as no longer in memory."""
        self._left += len(body)

    async def _collect(self, length: int | None, receive: Receive, pieces: list[bytes]) -> None:
        size = sum(map(len, pieces))
        while not self._completes(await receive(), length, pieces, size):
            size += len(pieces[-1])

    def _completes(
        self, message: Message, length: int | None, pieces: list[bytes], size: int = 0
    ) -> bool:
        """Keep a piece. Return whether it is the last of the body."""
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece = message.get("body", b"")
        self._keep(len(piece), size)
        pieces.append(piece)
        # That a body has ended, the server tells only who asks once more. Its head told the length.
        return size + len(piece) == length or not message.get("more_body", False)

    def _keep(self, size: int, before: int) -> None:
        if before + size > self._most:  # of a length that no head has told
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            raise Reject(f"the body has more than {self._most} bytes", status=status)
        if size > self._left:
            status = HTTPStatus.SERVICE_UNAVAILABLE
            raise Reject("too many large requests come at once", status=status)
        self._left -= size

    async def _discard(self, length: int, receive: Receive) -> None:
        """Read on for a while: a client that still sends would not hear the answer."""
        try:
            async with asyncio.timeout(self._seconds):
                async for piece in _pieces(receive):
                    length -= len(piece)
                    if length <= 0:
                        return
        except TimeoutError:
            pass


async def until_gone(receive: Receive) -> None:
    """Return when a client has left whose body is read."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return

"""The parts of ASGI that are used here (asgi.readthedocs.io, version 3)."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import HTTPStatus
from typing import Any

from headrace.web.security import secured

_LENGTH = "content-length"

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


async def respond(
    send: Send,
    status: int,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    *,
    close: bool = False,
) -> None:
    """Send a whole response.

    Args:
        send: Where to.
        status: The status of HTTP.
        headers: Names in lower case, and values; the length is that of the body.
        body: The body.
        close: Whether the connection ends with it.

    Raises:
        RuntimeError: if nobody is there any longer.
    """
    lines = secured([(name.encode(), _bytes(value)) for name, value in headers if name != _LENGTH])
    if status != HTTPStatus.NO_CONTENT:
        lines.append((b"content-length", str(len(body)).encode()))
    if close:
        lines.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": int(status), "headers": lines})
    await send({"type": "http.response.body", "body": body})


def _bytes(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode(errors="replace")

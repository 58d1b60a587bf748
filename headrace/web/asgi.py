"""The parts of ASGI that are used here (asgi.readthedocs.io, version 3)."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import HTTPStatus
from typing import Any

from headrace.web.security import secured

_LENGTH = "content-length"
_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})

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
    head: bool = False,
) -> None:
    """Send a whole response.

    Args:
        send: Where to.
        status: The status of HTTP.
        headers: Names in lower case, and values; the length is that of the body.
        body: The body.
        close: Whether the connection ends with it.
        head: Whether HEAD was asked: the body is not sent, its length is told.

    Raises:
        RuntimeError: if nobody is there any longer.
    """
    lines = secured([(name.encode(), _bytes(value)) for name, value in headers if name != _LENGTH])
    if status not in _WITHOUT_BODY:
        lines.append((b"content-length", str(len(body)).encode()))
    if close:
        lines.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": int(status), "headers": lines})
    # HTTP/2 sends whatever there is, and such a stream is broken for its client.
    sent = b"" if head or status in _WITHOUT_BODY else body
    await send({"type": "http.response.body", "body": sent})


def _bytes(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode(errors="replace")

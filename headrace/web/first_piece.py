"""The first piece of a body, asked for before the application asks."""

from collections.abc import Awaitable, Callable
from typing import Any

from headrace.web.asgi import Message, Receive, Scope


class FirstPiece:
    """Granian's `receive`, which has been asked for the first message already.

    Args:
        receive: It.

    Attributes:
        message: Granian's future of the first message; None once that is asked for.
    """

    __slots__ = ("_receive", "message")

    def __init__(self, receive: Callable[[], Any]) -> None:
        self._receive = receive
        self.message = receive()

    def __call__(self) -> Awaitable[Message]:
        """Return the next message, to be awaited."""
        first, self.message = self.message, None
        found: Awaitable[Message] = self._receive() if first is None else first
        return found

    def close(self) -> None:
        """Let go of the body if nobody has asked for it: its connection waits for that."""
        if self.message is not None:
            self.message.cancel()


def arrived(receive: Receive) -> Message | None:
    """Return the first message of a body if it is there, and was not asked for; else None."""
    if not isinstance(receive, FirstPiece) or receive.message is None:
        return None
    if not receive.message.done():
        return None
    found: Message = receive.message.result()
    receive.message = None
    return found


def is_awaited(scope: Scope) -> bool:
    """Return whether a body is on its way, without its client being told to send it."""
    told = False
    for name, _ in scope["headers"]:
        if name == b"expect":  # to ask for the body is to say that it is wanted
            return False
        told = told or name == b"content-length"
    return told

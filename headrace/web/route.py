"""A path of the server's own, and how one is found."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from headrace.errors import Reject
from headrace.web.answer import Answer
from headrace.web.head import Head

Left = Callable[[], Awaitable[None]]
"""Returns when whoever asked has left."""

Respond = Callable[[Head, bytes, Left], Awaitable[Answer]]


class Route(NamedTuple):
    """What answers at a path.

    Attributes:
        method: The only one that is taken; HEAD goes with GET.
        respond: Answers.
        needs_key: Whether callers must know the API key, if there is one.
    """

    method: str
    respond: Respond
    needs_key: bool = True

    def check(self, method: str) -> None:
        """Raise MethodNotAllowed for another method."""
        if method != self.method and not (method == "HEAD" and self.method == "GET"):
            raise MethodNotAllowed(self.method)


class MethodNotAllowed(Reject):
    """Another method is meant.

    Args:
        allowed: It.
    """

    def __init__(self, allowed: str) -> None:
        super().__init__(f"only {allowed} is taken here", status=405)
        self.allowed = f"{allowed}, HEAD" if allowed == "GET" else allowed


def plain(make: Callable[[], Answer]) -> Respond:
    """Return what answers with what a function makes, whatever was sent."""

    async def respond(head: Head, body: bytes, left: Left) -> Answer:
        del head, body, left
        return make()

    return respond

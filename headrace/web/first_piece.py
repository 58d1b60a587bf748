"""The first piece of a body is asked for on Granian's thread, as it hands a request over.

Granian reads a body when it is asked for it, and wakes the event loop once more when it is there.
Asked for before the event loop hears of the request, nearly every small body is there when the
request is begun: one way between the threads less, for each request.

Granian has no place for this. So the one function of its that wraps the application is another in
our copy of its start; with a version that is not known to have it, bodies are read as ever.
"""

import types
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from granian.server.embed import AsyncWorker

from headrace.web.asgi import Message, Scope

_WRAPPER = "_future_watcher_wrapper"
_KNOWN = "2.8."


class FirstPiece:
    """Granian's `receive`, which has been asked for the first message already.

    Args:
        receive: It.
    """

    __slots__ = ("_first", "_receive")

    def __init__(self, receive: Callable[[], Any]) -> None:
        self._receive = receive
        self._first = receive()

    def __call__(self) -> Awaitable[Message]:
        """Return the next message, to be awaited."""
        first, self._first = self._first, None
        found: Awaitable[Message] = self._receive() if first is None else first
        return found

    def close(self) -> None:
        """Let go of the body if nobody has asked for it: its connection waits for that."""
        if self._first is not None:
            self._first.cancel()


class Protocol:
    """What the application gets of a request, beside its scope."""

    __slots__ = ("receive", "send")

    def __init__(self, receive: Callable[[], Any], send: Callable[[Message], Any]) -> None:
        self.receive = receive
        self.send = send


def is_awaited(scope: Scope) -> bool:
    """Return whether a body is on its way, without its client being told to send it."""
    told = False
    for name, _ in scope["headers"]:
        if name == b"expect":  # to ask for the body is to say that it is wanted
            return False
        told = told or name == b"content-length"
    return told


def watched(inner: Callable[[Scope, Any], Awaitable[None]]) -> Callable[[Any], Any]:
    """Return what Granian calls on its thread, once for each request.

    Args:
        inner: The application, which takes a scope and a protocol.
    """

    def begin(watcher: Any) -> Coroutine[Any, Any, None]:
        scope, protocol = watcher.scope, watcher.proto
        if not is_awaited(scope):
            return run(watcher, scope, protocol)
        first = FirstPiece(protocol.receive)
        return run_and_close(watcher, scope, Protocol(first, protocol.send), first)

    async def run(watcher: Any, scope: Scope, protocol: Any) -> None:
        try:
            await inner(scope, protocol)
        except BaseException as error:  # noqa: BLE001 - Granian answers, and the loop goes on
            watcher.err(error)
            return
        watcher.done()

    async def run_and_close(
        watcher: Any, scope: Scope, protocol: Protocol, first: FirstPiece
    ) -> None:
        try:
            await run(watcher, scope, protocol)
        finally:
            first.close()

    return begin


def with_first_piece(spawn: Any, version: str) -> Any:
    """Return what starts Granian so that it asks for bodies early; the same if it is unknown.

    Args:
        spawn: Granian's own.
        version: Of Granian.
    """
    start = getattr(spawn, "__wrapped__", None)
    if not version.startswith(_KNOWN) or start is None or _WRAPPER not in start.__code__.co_names:
        return spawn
    names = {**start.__globals__, _WRAPPER: watched}
    copy = types.FunctionType(start.__code__, names, start.__name__, start.__defaults__)
    return AsyncWorker.wrap_target(copy)  # type: ignore[no-untyped-call]

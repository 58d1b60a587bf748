"""A request is begun once the first piece of its body is there.

Granian wakes the event loop for the head of a request, and once more for the body, which it reads
when it is asked for. Here the body is asked for on Granian's thread, and the event loop hears of
the request when a piece of it has come: one way between the threads less, and nothing that waits.
If none comes in a moment, the request is begun all the same, to be told what it may take.

Granian has no place for this. So two functions of its are others in our copy of its start; with a
version that is not known to have them, requests are begun as ever.
"""

import asyncio
import time
import types
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any

from granian._granian import CallbackScheduler
from granian.server.embed import AsyncWorker

from headrace.web.asgi import Message, Scope
from headrace.web.first_piece import FirstPiece, is_awaited

_WRAPPER, _SCHEDULER = "_future_watcher_wrapper", "_new_cbscheduler"
_KNOWN = "2.8."
_PATIENCE_SECONDS = 0.05

Inner = Callable[[Scope, Any], Awaitable[None]]


class Protocol:
    """What the application gets of a request, beside its scope."""

    __slots__ = ("receive", "send")

    def __init__(self, receive: Callable[[], Any], send: Callable[[Message], Any]) -> None:
        self.receive = receive
        self.send = send


class Arrivals:
    """Begins requests on the event loop.

    Args:
        inner: The application, which takes a scope and a protocol.
        loop: The event loop.
        context: What every request is begun in.
    """

    def __init__(self, inner: Inner, loop: asyncio.AbstractEventLoop, context: Context) -> None:
        self._inner = inner
        self._loop = loop
        self._context = context
        self._waiting: dict[Any, tuple[float, Any, FirstPiece]] = {}  # in the order of their heads
        self._looks = False

    def add(self, watcher: Any) -> None:
        """Take a request, on Granian's thread, where no body can arrive meanwhile."""
        if not is_awaited(watcher.scope):
            run = self._run(watcher, watcher.proto)
            self._loop.call_soon_threadsafe(self._begin, watcher, run, context=self._context)
            return
        first = FirstPiece(watcher.proto.receive)
        message = first.message
        self._waiting[message] = time.monotonic(), watcher, first
        message.add_done_callback(self._arrived, self._context)
        if not self._looks:
            self._looks = True
            self._loop.call_soon_threadsafe(self._look_later)

    def _arrived(self, message: Any) -> None:
        if found := self._waiting.pop(message, None):
            _, watcher, first = found
            self._begin(watcher, self._run_and_close(watcher, first))

    def _look_later(self) -> None:
        self._loop.call_later(_PATIENCE_SECONDS, self._look, context=self._context)

    def _look(self) -> None:
        """Begin what has waited for long enough."""
        self._looks = False  # before it is looked, so that nothing added meanwhile is missed
        latest = time.monotonic() - _PATIENCE_SECONDS
        for message, (since, _, _) in list(self._waiting.items()):
            if since > latest:
                break
            self._arrived(message)
        if self._waiting and not self._looks:
            self._looks = True
            self._look_later()

    def _begin(self, watcher: Any, run: Any) -> None:
        watcher.taskref(self._loop.create_task(run))

    async def _run(self, watcher: Any, protocol: Any) -> None:
        try:
            await self._inner(watcher.scope, protocol)
        except BaseException as error:  # noqa: BLE001 - Granian answers, and the loop goes on
            watcher.err(error)
            return
        watcher.done()

    async def _run_and_close(self, watcher: Any, first: FirstPiece) -> None:
        try:
            await self._run(watcher, Protocol(first, watcher.proto.send))
        finally:
            first.close()


class _Scheduler(CallbackScheduler):
    """What Granian hands requests to.

    Args:
        loop: The event loop.
        inner: The application.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, inner: Inner, *_: None) -> None:
        super().__init__()
        self._schedule_fn = Arrivals(inner, loop, self._ctx).add


def _scheduler(
    loop: asyncio.AbstractEventLoop, inner: Inner, *, impl_asyncio: bool
) -> CallbackScheduler:
    del impl_asyncio
    return _Scheduler(loop, inner, None, None, None)


def with_arrivals(spawn: Any, version: str) -> Any:
    """Return what starts Granian so that it begins requests so; the same if it is unknown.

    Args:
        spawn: Granian's own.
        version: Of Granian.
    """
    start = getattr(spawn, "__wrapped__", None)
    if start is None or not version.startswith(_KNOWN):
        return spawn
    if not {_WRAPPER, _SCHEDULER}.issubset(start.__code__.co_names):
        return spawn
    ours = {_WRAPPER: lambda inner: inner, _SCHEDULER: _scheduler}
    names = start.__globals__ | ours
    copy = types.FunctionType(start.__code__, names, start.__name__, start.__defaults__)
    return AsyncWorker.wrap_target(copy)  # type: ignore[no-untyped-call]

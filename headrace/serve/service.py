"""One worker that is served: its function, and the queues in which its requests wait."""

import asyncio
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

from headrace.endpoint import Endpoint
from headrace.errors import Reject
from headrace.log import Log
from headrace.serve.call_queue import Busy, CallQueue
from headrace.serve.function import Asked, ServedFunction
from headrace.serve.settings import ServeSettings
from headrace.web.answer import Answer, problem_answer
from headrace.web.head import Head
from headrace.web.route import Left

T = TypeVar("T")

_TOGETHER = 1024  # more would keep the first of them waiting for no gain


class Named(NamedTuple):
    """What a worker is called, how it is reached, and its class."""

    name: str
    endpoint: Endpoint | None
    kind: type | None = None


class Service:
    """Answers the requests of one worker, in this process or in processes of its own.

    Args:
        named: What it is called.
        settings: How it is served.
        log: Is told of calls that failed.
        tell_batch: Is told the name, and how many requests a call of a batch takes.
    """

    def __init__(
        self,
        named: Named,
        settings: ServeSettings,
        log: Log,
        tell_batch: Callable[[str, int], None] = lambda *_: None,
    ) -> None:
        self.name, self.endpoint, self.kind = named
        self._function = ServedFunction(settings.function_timeout_seconds, log)
        self._settings = settings
        self._tell_batch = tell_batch
        self._calls: CallQueue[Callable[[], Any], Any] = self._open_queue(
            lambda calls: [call() for call in calls], settings.serve_concurrency, 1
        )
        self._batches: CallQueue[Asked, Answer] | None = None

    async def open(self, function: Any) -> None:
        """Set the function up, where it will be called. Raises whatever keeps it from that."""
        await self._calls.ask(lambda: self._function.open(function), _stays)
        if self._function.takes_batches:
            self._batches = self._open_queue(self._batch, 1, _TOGETHER)

    def close(self) -> None:
        """End the threads, and let go of the function's processes."""
        self._calls.close()
        if self._batches is not None:
            self._batches.close()
        self._function.close()

    @property
    def ready(self) -> bool:
        """Whether the worker is set up."""
        return self._function.ready

    @property
    def hangs(self) -> bool:
        """Whether no further call can be made, since those that run hang."""
        return self.ready and (
            self._calls.hang or (self._batches is not None and self._batches.hang)
        )

    @property
    def worker(self) -> Any:
        """The worker, if it is set up in this process; else None."""
        handler = self._function.handler
        return None if handler is None else handler.worker()

    @property
    def waiting(self) -> int:
        """How many requests wait for their turn."""
        return self._calls.waiting + (self._batches.waiting if self._batches else 0)

    async def request(self, head: Head, body: bytes, left: Left) -> Answer:
        """Answer an HTTP request in its turn. Raises ClientGone if nobody waits any longer."""
        asked = Asked(head, body)
        try:
            if self._batches is not None:
                return await self._batches.ask(asked, left)
            return await self.call(lambda: self._function.answers([asked])[0], left)
        except Busy:
            return busy_answer()

    async def invocation(self, body: bytes, left: Left) -> Answer:
        """Answer an invocation in its turn, as the Lambda runtime interface does."""
        try:
            return await self.call(lambda: self._function.invocation(body), left)
        except Busy:
            headers = (("content-type", "application/json"),)
            return Answer(HTTPStatus.TOO_MANY_REQUESTS, headers, b"{}")

    async def call(self, call: Callable[[], T], left: Left) -> T:
        """Make any call in its turn. Raises Busy, ClientGone, and what the call raises."""
        if not self.ready:
            raise Busy
        found: T = await self._calls.ask(call, left)
        return found

    def _batch(self, asked: list[Asked]) -> Sequence[Answer]:
        self._tell_batch(self.name, len(asked))
        return self._function.answers(asked)

    def _open_queue(
        self, call: Callable[[list[Any]], Sequence[Any]], threads: int, together: int
    ) -> CallQueue[Any, Any]:
        return CallQueue(
            call,
            threads=threads,
            together=together,
            waiting=self._settings.serve_max_connections,
            hang_seconds=self._settings.serve_hang_seconds,
        )


def busy_answer() -> Answer:
    """Return what is said to who may come again in a moment."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return problem_answer(Reject("no call can be taken now", status=status), retry_after="1")


async def _stays() -> None:
    """Return never: the one who asks is this process."""
    await asyncio.Event().wait()

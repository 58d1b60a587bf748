"""The application: which path is what, the answer to every error, a line for each request."""

import asyncio
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from headrace.errors import Reject
from headrace.log import Log
from headrace.runner.protocol.runtime_interface import INVOCATIONS
from headrace.serve.body import Bodies, ClientGone
from headrace.serve.event import Answer, problem_answer
from headrace.serve.function import ServedFunction
from headrace.serve.head import Head, read_head
from headrace.serve.settings import ServeSettings
from headrace.serve.turns import Busy, Turns
from headrace.web.asgi import Receive, Scope, Send, respond

if TYPE_CHECKING:
    from headrace.web.server import Server

_PROBES = frozenset({"/healthz", "/readyz"})
_LINGER_SECONDS = 0.5
_SPARE_BODIES = 4  # beside those of calls that run: of requests that wait for their turn


class App:
    """An ASGI application that serves a function.

    Args:
        function: What is served.
        settings: How.
        log: Gets a line for each request.

    Attributes:
        draining: Whether the server is about to stop: no further request is invited.
    """

    def __init__(self, function: ServedFunction, settings: ServeSettings, log: Log) -> None:
        self.draining = False
        self._function = function
        self._log = log
        self._takes_invocations = settings.serve_invocations
        self._turns = Turns(settings.serve_concurrency, settings.serve_hang_seconds)
        most = settings.serve_max_body_bytes
        total = most * (settings.serve_concurrency + _SPARE_BODIES)
        self._bodies = Bodies(most=most, total=total, seconds=settings.serve_body_seconds)

    async def open(self, function: Any) -> None:
        """Set the function up, where it will be called. Raises whatever keeps it from that."""
        await self._turns.take(lambda: self._function.open(function))

    async def drain(self, server: "Server", seconds: float) -> bool:
        """Let running calls finish; a connection that was opened just before is still answered.

        Args:
            server: What serves this application.
            seconds: How long calls may take.

        Returns:
            Whether all of them were answered in time.
        """
        self.draining = True
        await asyncio.sleep(min(_LINGER_SECONDS, seconds))
        return await server.drain(seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        begun = time.monotonic()
        head = read_head(scope)
        keep = not self.draining
        try:
            head.check()
            answer = await self._answer(head, receive)
        except ClientGone:
            self._log.debug("client left", client=head.client, path=head.path)
            return
        except Reject as error:
            keep = False  # what is left of the body would be read as a request
            answer = problem_answer(error, **_retry_after(error))
        except Exception as error:  # noqa: BLE001 - logged, and the caller hears of it
            keep = False
            self._log.exception("request failed")
            answer = problem_answer(error)
        close = not keep or self.draining
        try:
            await respond(send, answer.status, answer.headers, answer.body, close=close)
        except RuntimeError:  # nobody is there any longer
            self._log.debug("client left", client=head.client, path=head.path)
        if head.path not in _PROBES:
            self._log.info(
                "request",
                method=head.method,
                path=head.path,
                status=int(answer.status),
                milliseconds=round((time.monotonic() - begun) * 1000, 1),
            )

    async def _answer(self, head: Head, receive: Receive) -> Answer:
        if head.path in _PROBES:
            return self._probe(head.path)
        async with self._bodies.read(head.body_length, receive) as body:
            if head.path == INVOCATIONS and self._takes_invocations:
                return await self._invocation(body)
            return await self._request(head, body)

    def _probe(self, path: str) -> Answer:
        hang = self._function.ready and self._turns.hang
        ready = self._function.ready and not self.draining
        well = not hang and (ready or path == "/healthz")
        return Answer(HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE, (), b"")

    async def _request(self, head: Head, body: bytes) -> Answer:
        try:
            return await self._call(lambda: self._function.request(head, body))
        except Busy:
            status = HTTPStatus.SERVICE_UNAVAILABLE
            busy = Reject("no call can be taken now", status=status)
            return problem_answer(busy, **_retry_after(busy))

    async def _invocation(self, body: bytes) -> Answer:
        try:
            return await self._call(lambda: self._function.invocation(body))
        except Busy:
            headers = (("content-type", "application/json"),)
            return Answer(HTTPStatus.TOO_MANY_REQUESTS, headers, b"{}")

    async def _call(self, call: Callable[[], Answer]) -> Answer:
        if not self._function.ready:
            raise Busy
        return await self._turns.take(call)


def _retry_after(error: Reject) -> dict[str, str]:
    return {"retry_after": "1"} if error.status == HTTPStatus.SERVICE_UNAVAILABLE else {}

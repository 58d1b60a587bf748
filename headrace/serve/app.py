"""The application: which path is what, the answer to every error."""

import asyncio
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from headrace.errors import Reject
from headrace.log import Log
from headrace.serve.access_log import AccessLog
from headrace.serve.metrics import ServeMetrics
from headrace.serve.service import Service
from headrace.serve.settings import ServeSettings
from headrace.serve.site import Found, Site
from headrace.web.answer import Answer, problem_answer
from headrace.web.answering import answer, refusal
from headrace.web.api_key import ApiKey
from headrace.web.asgi import Receive, Scope, Send, respond
from headrace.web.body import Bodies, ClientGone
from headrace.web.head import Head, read_head

if TYPE_CHECKING:
    from headrace.web.server import Server

_PROBES = frozenset({"/healthz", "/readyz"})
_ID = "x-request-id"
_LINGER_SECONDS = 0.5
_SPARE_BODIES = 4  # beside those of calls that run: of requests that wait for their turn


class App:
    """An ASGI application that serves workers.

    Args:
        services: The workers. One alone gets every path that is no other's.
        settings: How they are served.
        log: Gets a line for each request.
        key: What callers must know.
        metrics: Counts requests.

    Attributes:
        draining: Whether the server is about to stop: no further request is invited.
    """

    def __init__(
        self,
        services: Sequence[Service],
        settings: ServeSettings,
        log: Log,
        key: ApiKey,
        metrics: ServeMetrics,
    ) -> None:
        self.draining = False
        self._services = services
        self._key = key
        self._log = log
        self._requests = AccessLog(log, settings.log_level)
        self._metrics = metrics
        metrics.watch(services)
        self._site = Site(services, metrics, log, settings, lambda: self._is_ready)
        most = settings.serve_max_body_bytes
        total = most * (settings.serve_concurrency + _SPARE_BODIES)
        self._bodies = Bodies(most=most, total=total, seconds=settings.serve_body_seconds)

    async def open(self, functions: Sequence[Any]) -> None:
        """Set the functions up, one for each service. Raises whatever keeps one from that."""
        await asyncio.gather(*map(Service.open, self._services, functions))

    def close(self) -> None:
        """Let go of the functions."""
        for service in self._services:
            service.close()

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
        keep, found = not self.draining, None
        try:
            head.check()
            if head.path in _PROBES:
                reply = self._probe(head.path)
            else:
                found = self._site.find(head)
                reply = await self._answer(head, found, receive)
        except ClientGone:
            self._log.debug("client left", client=head.client, path=head.path)
            return
        except Reject as error:
            keep = False  # what is left of the body would be read as a request
            reply = refusal(error)
        except Exception as error:  # noqa: BLE001 - logged, and the caller hears of it
            keep = False
            self._log.exception("request failed", request_id=head.request_id)
            reply = problem_answer(error)
        close, is_head = not keep or self.draining, head.method == "HEAD"
        # A worker may pass the id on as well; the log has this one.
        headers = [one for one in reply.headers if one[0] != _ID]
        headers.append((_ID, head.request_id))
        try:
            await respond(send, reply.status, headers, reply.body, close=close, head=is_head)
        except RuntimeError:  # nobody is there any longer
            self._log.debug("client left", client=head.client, path=head.path)
        if head.path not in _PROBES:
            self._tell(head, found.worker if found else "", reply, time.monotonic() - begun)

    def _tell(self, head: Head, worker: str, answer: Answer, seconds: float) -> None:
        self._metrics.count(worker, int(answer.status), seconds)
        self._requests.add(head, answer, seconds)

    async def _answer(self, head: Head, found: Found | None, receive: Receive) -> Answer:
        if found is None:
            self._key.check(head)
            there = ", ".join(self._site.paths)
            detail = f"nothing is at {head.path[:200]}; workers are at {there}"
            raise Reject(detail, status=HTTPStatus.NOT_FOUND)
        return await answer(found.route, head, self._key, self._bodies, receive)

    def _probe(self, path: str) -> Answer:
        hangs = any(service.hangs for service in self._services)
        well = not hangs and (self._is_ready or path == "/healthz")
        return Answer(HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE, (), b"")

    @property
    def _is_ready(self) -> bool:
        return all(service.ready for service in self._services) and not self.draining

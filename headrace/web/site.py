"""A small application: a few fixed paths, each with its route."""

from collections.abc import Awaitable, Mapping
from http import HTTPStatus

from headrace.errors import Reject
from headrace.log import Log
from headrace.web.answer import Answer, problem_answer
from headrace.web.api_key import ApiKey
from headrace.web.asgi import Receive, Scope, Send, respond
from headrace.web.body import Bodies, ClientGone, until_gone
from headrace.web.head import Head, read_head
from headrace.web.route import MethodNotAllowed, Route

_BODY_BYTES = 1024 * 1024
_BODIES = 4
_BODY_SECONDS = 10.0


class Site:
    """An ASGI application.

    Args:
        routes: What answers, by its path.
        key: What callers must know, where a route needs it.
        log: Is told of what failed, and of no request: probes come every few seconds.
    """

    def __init__(self, routes: Mapping[str, Route], key: ApiKey, log: Log) -> None:
        self._routes = routes
        self._key = key
        self._log = log
        self._bodies = Bodies(most=_BODY_BYTES, total=_BODIES * _BODY_BYTES, seconds=_BODY_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        head, keep = read_head(scope), True
        try:
            answer = await self._answer(head, receive)
        except ClientGone:
            return
        except Reject as error:
            keep = False  # what is left of the body would be read as a request
            answer = problem_answer(error, **_more(error))
        except Exception as error:  # noqa: BLE001 - logged; the other paths are still served
            keep = False
            self._log.warning("request failed", path=head.path, exc_info=True)
            answer = problem_answer(error)
        await respond(send, answer.status, answer.headers, answer.body, close=not keep)

    async def _answer(self, head: Head, receive: Receive) -> Answer:
        head.check()
        head.check_origin()
        route = self._routes.get(head.path)
        if route is None:
            detail = f"nothing is at {head.path[:200]}; there are {', '.join(self._routes)}"
            raise Reject(detail, status=HTTPStatus.NOT_FOUND)
        if route.needs_key:
            self._key.check(head)
        route.check(head.method)

        def left() -> Awaitable[None]:
            return until_gone(receive)

        body = await self._bodies.read(head.body_length, receive)
        try:
            return await route.respond(head, body, left)
        finally:
            self._bodies.let_go(body)


def _more(error: Reject) -> dict[str, str]:
    if isinstance(error, MethodNotAllowed):
        return {"allow": error.allowed}
    return {"www_authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}

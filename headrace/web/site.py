"""A small application: a few fixed paths, each with its route."""

from collections.abc import Mapping
from http import HTTPStatus

from headrace.errors import Reject
from headrace.log import Log
from headrace.web.answer import Answer, problem_answer
from headrace.web.answering import answer, refusal
from headrace.web.api_key import ApiKey
from headrace.web.asgi import Receive, Scope, Send, respond
from headrace.web.body import Bodies, ClientGone
from headrace.web.head import Head, read_head
from headrace.web.route import Route

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
            reply = await self._answer(head, receive)
        except ClientGone:
            return
        except Reject as error:
            keep = False  # what is left of the body would be read as a request
            reply = refusal(error)
        except Exception as error:  # noqa: BLE001 - logged; the other paths are still served
            keep = False
            self._log.warning("request failed", path=head.path, exc_info=True)
            reply = problem_answer(error)
        is_head = head.method == "HEAD"
        await respond(send, reply.status, reply.headers, reply.body, close=not keep, head=is_head)

    async def _answer(self, head: Head, receive: Receive) -> Answer:
        head.check()
        route = self._routes.get(head.path)
        if route is None:
            detail = f"nothing is at {head.path[:200]}; there are {', '.join(self._routes)}"
            raise Reject(detail, status=HTTPStatus.NOT_FOUND)
        return await answer(route, head, self._key, self._bodies, receive)

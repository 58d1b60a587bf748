"""What every server does with a request once its route is found, and with one that is refused."""

from collections.abc import Awaitable
from http import HTTPStatus

from headrace.errors import Reject
from headrace.web.answer import Answer, problem_answer
from headrace.web.api_key import ApiKey
from headrace.web.asgi import Receive
from headrace.web.body import Bodies, until_gone
from headrace.web.head import Head
from headrace.web.route import MethodNotAllowed, Route


async def answer(route: Route, head: Head, key: ApiKey, bodies: Bodies, receive: Receive) -> Answer:
    """Check a request, read its body, and have its route answer.

    Args:
        route: What answers.
        head: Of the request.
        key: What the caller must know, if the route needs it.
        bodies: Those that are in memory.
        receive: Where the body comes from.

    Raises:
        Reject: The request is refused.
        ClientGone: Nobody waits any longer.
    """
    head.check_origin()
    if route.needs_key:
        key.check(head)
    route.check(head.method)

    def left() -> Awaitable[None]:
        return until_gone(receive)

    body = await bodies.read(head.body_length, receive)
    try:
        return await route.respond(head, body, left)
    finally:
        bodies.let_go(body)


def refusal(error: Reject) -> Answer:
    """Return the answer to a request that is refused, with what its caller can do about it."""
    return problem_answer(error, **_more(error))


def _more(error: Reject) -> dict[str, str]:
    if isinstance(error, MethodNotAllowed):
        return {"allow": error.allowed}
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"retry_after": "1"}
    return {"www_authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}

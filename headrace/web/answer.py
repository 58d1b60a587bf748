"""What goes back to a caller over HTTP: of a worker's result, a function's response, a failure."""

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple

from headrace.reply import Reply, may_have
from headrace.sources.answer import as_json, as_reply, problem
from headrace.web.head import Pairs

_JSON = (("content-type", "application/json"),)


class Answer(NamedTuple):
    """What goes back."""

    status: int
    headers: Pairs
    body: bytes


def result_answer(value: object) -> Answer:
    """Return the answer that a worker's result stands for.

    Raises:
        JsonError: the value has no form in JSON.
    """
    if value is None or isinstance(value, Reply):
        return reply_answer(as_reply(value))
    return Answer(200, _JSON, as_json(value))


def problem_answer(error: Exception, **headers: str) -> Answer:
    """Return a problem document (RFC 9457): only a Reject explains itself."""
    found = reply_answer(problem(error))
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return found._replace(headers=(*found.headers, *named))


def reply_answer(reply: Reply) -> Answer:
    """Return the answer that a reply stands for; it has checked its headers itself."""
    headers = tuple((name.lower(), value) for name, value in reply.headers)
    if reply.status != 204:
        headers = (*headers, ("content-type", reply.content_type))
    return Answer(int(reply.status), headers, reply.body)


def http_answer(response: Mapping[str, Any]) -> Answer:
    """Return the answer that a function's response stands for.

    Raises:
        ValueError: if HTTP has no such response: a wrong status, a line end in a header, or one
            that says where the response ends.
    """
    body = response.get("body") or ""
    data = base64.b64decode(body) if response.get("isBase64Encoded") else body.encode()
    status = int(response["statusCode"])
    if not 200 <= status <= 599:
        raise ValueError(f"the worker answers with the status {status}")
    many = (response.get("multiValueHeaders") or {}).items()
    headers = [(name, value) for name, values in many for value in values]
    headers += (response.get("headers") or {}).items()
    headers += (("set-cookie", cookie) for cookie in response.get("cookies") or ())
    return Answer(
        status, tuple(_checked(name, str(value), len(data)) for name, value in headers), data
    )


def _checked(name: str, value: str, size: int) -> tuple[str, str]:
    if not may_have(name, value, size):
        raise ValueError(f"the worker answers with an invalid header: {name!r}: {value!r}")
    return name.lower(), value

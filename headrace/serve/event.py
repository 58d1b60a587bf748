"""An HTTP request as the event of an API Gateway HTTP API; a function's response as an answer."""

import base64
import re
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from headrace.reply import Reply
from headrace.serve.head import Head, Pairs
from headrace.sources.answer import problem

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NO_VALUE = re.compile(r"[\r\n\0]")


class Answer(NamedTuple):
    """What goes back."""

    status: int
    headers: Pairs
    body: bytes


def http_event(head: Head, body: bytes) -> dict[str, Any]:
    """Return the event, in the payload format 2.0: the worker takes it as API Gateway's."""
    headers = _joined(head.headers)
    headers.pop("cookie", None)
    now = time.time()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": head.path,
        "rawQueryString": head.query,
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "headrace",
            "domainName": headers.get("host", ""),
            "http": {
                "method": head.method,
                "path": head.path,
                "protocol": head.protocol,
                "sourceIp": head.client,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": headers.get("x-request-id") or str(uuid.uuid4()),
            "routeKey": "$default",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies := head.values("cookie"):
        event["cookies"] = [cookie.strip() for cookie in ";".join(cookies).split(";")]
    if head.query:
        event["queryStringParameters"] = _joined(parse_qsl(head.query, keep_blank_values=True))
    if body:
        event["body"], event["isBase64Encoded"] = _body(body)
    return event


def http_answer(response: Mapping[str, Any]) -> Answer:
    """Return the answer that a function's response stands for.

    Raises:
        ValueError: if HTTP has no such response: a wrong status, a line end in a header.
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
    return Answer(status, tuple(_checked(name, str(value)) for name, value in headers), data)


def problem_answer(error: Exception, **headers: str) -> Answer:
    """Return a problem document (RFC 9457): only a Reject explains itself."""
    reply: Reply = problem(error)
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(reply.status, (("content-type", reply.content_type), *named), reply.body)


def _checked(name: str, value: str) -> tuple[str, str]:
    if not _NAME.fullmatch(name) or _NO_VALUE.search(value):
        raise ValueError(f"the worker answers with an invalid header: {name!r}: {value!r}")
    return name.lower(), value


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    # As API Gateway does with what comes more than once.
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(data: bytes) -> tuple[str, bool]:
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(data).decode(), True

"""An HTTP request as the event of an API Gateway HTTP API, and a function's response as bytes."""

import base64
import time
import uuid
from collections.abc import Mapping, Sequence
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from headrace.reply import Reply
from headrace.sources.answer import problem


class Request(NamedTuple):
    """What came over the connection."""

    method: str
    target: str
    protocol: str
    headers: Message
    body: bytes
    client: str


class Answer(NamedTuple):
    """What goes back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def http_event(request: Request) -> dict[str, Any]:
    """The event, in the payload format 2.0: the worker's HTTP source takes it as API Gateway's."""
    path, _, query = request.target.partition("?")
    headers = _joined([(name.lower(), value) for name, value in request.headers.items()])
    cookies = headers.pop("cookie", "")
    now = time.time()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "headrace",
            "domainName": headers.get("host", ""),
            "http": {
                "method": request.method,
                "path": path,
                "protocol": request.protocol,
                "sourceIp": request.client,
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
    if cookies:
        event["cookies"] = [cookie.strip() for cookie in cookies.split(";")]
    if query:
        event["queryStringParameters"] = _joined(parse_qsl(query, keep_blank_values=True))
    if request.body:
        event["body"], event["isBase64Encoded"] = _body(request.body)
    return event


def http_answer(response: Mapping[str, Any]) -> Answer:
    """The HTTP response that a function's response stands for."""
    body = response.get("body") or ""
    data = base64.b64decode(body) if response.get("isBase64Encoded") else body.encode()
    return Answer(response["statusCode"], response.get("headers") or {}, data)


def problem_answer(error: Exception, **headers: str) -> Answer:
    """A problem document (RFC 9457): only a Reject explains itself."""
    reply: Reply = problem(error)
    return Answer(reply.status, {"content-type": reply.content_type, **headers}, reply.body)


def _joined(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
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

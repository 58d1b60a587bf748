"""HTTP: API Gateway REST (v1) and HTTP (v2) APIs, Lambda Function URLs, Application Load Balancers.

All four send one request per event; they differ in where the request's name and its headers
stand, and in how they take a header that repeats.
"""

import base64
from http import HTTPStatus
from typing import Any

import msgspec

from headrace.errors import Reject
from headrace.processing.outcomes import Outcomes
from headrace.record import Headers, Record, RequestPosition
from headrace.sources.answer import as_reply, body, problem
from headrace.sources.base import Redelivery, parse, utf8
from headrace.sources.http_headers import FORMS, Form
from headrace.sources.http_request import read_request


class _Context(msgspec.Struct):
    requestId: str | None = None  # noqa: N815 - the service's name; a load balancer sends none


class _Event(msgspec.Struct):
    requestContext: _Context  # noqa: N815
    headers: dict[str, str] | None = None
    multiValueHeaders: dict[str, list[str]] | None = None  # noqa: N815
    cookies: list[str] | None = None
    body: str | None = None
    isBase64Encoded: bool = False  # noqa: N815


class Http:
    """One request, one record: its value is the body, None if it has none.

    Args:
        form: of the event, which is that of the response, too.
    """

    name = "http"
    redelivery: Redelivery = "caller"

    def __init__(self, form: Form = "v2") -> None:
        self._form: Form = form
        self._headers = FORMS[form]

    def records(self, event: Any) -> list[Record]:
        """Return the request as the only record. Raises Reject if its body cannot be decoded."""
        request = parse(event, _Event, "HTTP")
        headers = _headers(request)
        identity = request.requestContext.requestId or _trace(headers)
        cookies = [value.decode(errors="surrogatepass") for n, value in headers if n == "cookie"]
        return [
            Record(
                "http",
                RequestPosition(identity),
                _value(request),
                None,
                headers,
                request=read_request(event, self._form, cookies),
            )
        ]

    def respond(self, outcomes: Outcomes) -> dict[str, Any]:
        """Return status, headers and body; a problem document if the request failed."""
        failure = outcomes.failures.get(0)
        reply = problem(failure) if failure else as_reply(outcomes.results[0])
        text, is_base64 = body(reply)
        headers = list(reply.headers)
        if reply.status != HTTPStatus.NO_CONTENT:
            headers.append(("content-type", reply.content_type))
        return {
            "statusCode": int(reply.status),
            **self._headers(headers),
            "body": text,
            "isBase64Encoded": is_base64,
        }


def _headers(request: _Event) -> Headers:
    if request.multiValueHeaders:
        pairs = [(k, v) for k, values in request.multiValueHeaders.items() for v in values]
    else:
        pairs = list((request.headers or {}).items())
    if request.cookies:
        pairs.append(("cookie", "; ".join(request.cookies)))
    return tuple((name.lower(), utf8(value)) for name, value in pairs)


def _trace(headers: Headers) -> str:
    return next(
        (value.decode(errors="replace") for name, value in headers if name == "x-amzn-trace-id"), ""
    )


def _value(request: _Event) -> bytes | None:
    if not request.body:  # a load balancer sends an empty text for none
        return None
    if not request.isBase64Encoded:
        return utf8(request.body)  # not UTF-8 then; the reader says so
    try:
        return base64.b64decode(request.body, validate=True)
    except ValueError as error:
        raise Reject(f"the body is not base64: {error}") from None

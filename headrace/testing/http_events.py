"""HTTP requests as events, made from plain values."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from headrace.testing.http_shapes import SHAPES, Kind, Request
from headrace.testing.values import to_bytes

# Names with their values; a name may have several.
Many = Mapping[str, str | Iterable[str]]


def http_event(
    body: Any = None,
    *,
    kind: Kind = "v2",
    method: str | None = None,
    path: str = "/",
    query: Many | None = None,
    headers: Many | None = None,
    request_id: str = "request-1",
    path_parameters: Mapping[str, str] | None = None,
    claims: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Make the event of one HTTP request.

    Args:
        body: a JSON value, text or bytes; None is a request without a body.
        kind: who sends it: "v2" and "v1" are API Gateway's HTTP and REST APIs, "alb" is a load
            balancer, "alb-multi-value" one whose target group has multi-value headers on.
        method: by default POST if there is a body, else GET.
        path: the path below the stage.
        query: the parameters; a parameter may have several values.
        headers: the headers; a header may have several values. The content type follows from the
            body if it is not given.
        request_id: what the service calls the request. Load balancers send none.
        path_parameters: what the gateway's route has named. Load balancers send none.
        claims: what the gateway's authorizer has verified of the caller's token. As above.

    Raises:
        ValueError: nobody of that kind sends events.
    """
    if kind not in SHAPES:
        raise ValueError(f"kind={kind!r} is none of {', '.join(SHAPES)}")
    data = to_bytes(body)
    pairs = _pairs(headers)
    content_type = next((value for name, value in pairs if name.lower() == "content-type"), None)
    if content_type is None and body is not None:
        content_type = _content_type(body)
        pairs.append(("content-type", content_type))
    text, is_base64 = _body(data, content_type or "")
    request = Request(
        (method or ("GET" if body is None else "POST")).upper(),
        path,
        _pairs(query),
        pairs,
        text,
        is_base64,
        request_id,
        path_parameters,
        claims,
    )
    return SHAPES[kind](request)


def _pairs(many: Many | None) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in (many or {}).items()
        for value in ([values] if isinstance(values, str) else values)
    ]


def _content_type(body: Any) -> str:
    if isinstance(body, str):
        return "text/plain; charset=utf-8"
    if isinstance(body, bytes | bytearray | memoryview):
        return "application/octet-stream"
    return "application/json"


def _body(data: bytes | None, content_type: str) -> tuple[str | None, bool]:
    """Return the body as it travels, and whether that is base64: what is no text always is."""
    if data is None:
        return None, False
    if content_type.startswith("text/") or "json" in content_type:
        try:
            return data.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(data).decode(), True

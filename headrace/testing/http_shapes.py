"""The shapes in which AWS Lambda gets an HTTP request: one for each service that sends it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal
from urllib.parse import quote, urlencode

import msgspec

Kind = Literal["v1", "v2", "function-url", "alb", "alb-multi-value"]

_ACCOUNT = "000000000000"
_SECONDS = 1_700_000_000
_CLIENT = "192.0.2.1"
_API = "execute-api.us-east-1.amazonaws.com"
_TRACE = "Root=1-6553f100-000000000000000000000000"


class Request(msgspec.Struct, frozen=True):
    """A request as every kind of event needs it.

    Attributes:
        method: such as POST.
        path: the path below the stage.
        query: the parameters in their order.
        headers: the headers in their order.
        body: the body as it travels; None if the request has none.
        is_base64: whether that is base64.
        id: what the service calls the request.
        path_parameters: what the gateway's route has named.
        claims: what the gateway's authorizer has verified.
    """

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    body: str | None
    is_base64: bool
    id: str
    path_parameters: Mapping[str, str] | None = None
    claims: Mapping[str, Any] | None = None

    @property
    def rest(self) -> dict[str, Any]:
        """The part that all kinds share."""
        return {"body": self.body, "isBase64Encoded": self.is_base64}


def _v2(request: Request, domain: str = f"api.{_API}") -> dict[str, Any]:
    headers = [(name.lower(), value) for name, value in request.headers]
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": urlencode(request.query),
        "headers": _joined((name, value) for name, value in headers if name != "cookie"),
        "requestContext": _v2_context(request, dict(headers), domain),
        "isBase64Encoded": request.is_base64,
    }
    cookies = [value for name, value in headers if name == "cookie"]
    if cookies:
        event["cookies"] = [part.strip() for value in cookies for part in value.split(";")]
    if request.query:
        event["queryStringParameters"] = _joined(request.query)
    if request.body is not None:  # the other kinds send null
        event["body"] = request.body
    if request.path_parameters:
        event["pathParameters"] = dict(request.path_parameters)
    if request.claims is not None:
        authorizer = {"jwt": {"claims": dict(request.claims), "scopes": None}}
        event["requestContext"]["authorizer"] = authorizer
    return event


def _v2_context(request: Request, headers: Mapping[str, str], domain: str) -> dict[str, Any]:
    return {
        "accountId": _ACCOUNT,
        "apiId": "api",
        "domainName": domain,
        "domainPrefix": domain.partition(".")[0],
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": "HTTP/1.1",
            "sourceIp": _CLIENT,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": request.id,
        "routeKey": "$default",
        "stage": "$default",
        "time": "14/Nov/2023:22:13:20 +0000",
        "timeEpoch": _SECONDS * 1000,
    }


def _function_url(request: Request) -> dict[str, Any]:
    return _v2(request, "url.lambda-url.us-east-1.on.aws")


def _v1(request: Request) -> dict[str, Any]:
    claims = request.claims
    authorizer = {} if claims is None else {"authorizer": {"claims": dict(claims)}}
    return {
        "resource": request.path,
        "path": request.path,
        "httpMethod": request.method,
        "headers": dict(request.headers) or None,
        "multiValueHeaders": _listed(request.headers) or None,
        "queryStringParameters": dict(request.query) or None,
        "multiValueQueryStringParameters": _listed(request.query) or None,
        "pathParameters": dict(request.path_parameters) if request.path_parameters else None,
        "stageVariables": None,
        "requestContext": {
            "accountId": _ACCOUNT,
            "apiId": "api",
            "httpMethod": request.method,
            "identity": {"sourceIp": _CLIENT, "userAgent": None},
            "path": f"/prod{request.path}",
            "protocol": "HTTP/1.1",
            "requestId": request.id,
            "requestTimeEpoch": _SECONDS * 1000,
            "resourcePath": request.path,
            "stage": "prod",
            **authorizer,
        },
        **request.rest,
    }


def _alb(request: Request) -> dict[str, Any]:
    headers = dict(_traced(request))
    return _alb_request(request) | {
        "headers": headers,
        "queryStringParameters": dict(_undecoded(request)),
    }


def _alb_multi_value(request: Request) -> dict[str, Any]:
    return _alb_request(request) | {
        "multiValueHeaders": _listed(_traced(request)),
        "multiValueQueryStringParameters": _listed(_undecoded(request)),
    }


def _alb_request(request: Request) -> dict[str, Any]:
    group = f"arn:aws:elasticloadbalancing:us-east-1:{_ACCOUNT}:targetgroup/headrace/0000000000"
    return {
        "requestContext": {"elb": {"targetGroupArn": group}},
        "httpMethod": request.method,
        "path": request.path,
        **request.rest,
        "body": request.body or "",
    }


def _traced(request: Request) -> list[tuple[str, str]]:
    headers = [(name.lower(), value) for name, value in request.headers]
    return (
        headers if "x-amzn-trace-id" in dict(headers) else [*headers, ("x-amzn-trace-id", _TRACE)]
    )


def _undecoded(request: Request) -> list[tuple[str, str]]:
    # A load balancer passes parameters on as the client encoded them.
    return [(quote(name), quote(value)) for name, value in request.query]


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: ",".join(values) for name, values in _listed(pairs).items()}


def _listed(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for name, value in pairs:
        listed.setdefault(name, []).append(value)
    return listed


SHAPES: dict[Kind, Callable[[Request], dict[str, Any]]] = {
    "v1": _v1,
    "v2": _v2,
    "function-url": _function_url,
    "alb": _alb,
    "alb-multi-value": _alb_multi_value,
}

"""The request in an event of HTTP: each service has its own places for the same things."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import msgspec

from headrace.request import ClientCertificate, Request, read_cookies
from headrace.sources.base import parse
from headrace.sources.http_headers import Form

# What stands around the words of an authorizer; without any, there is null.
_WRAPPERS = frozenset({"jwt", "lambda", "iam"})

Pairs = tuple[tuple[str, str], ...]


class _Validity(msgspec.Struct, frozen=True):
    notBefore: str = ""  # noqa: N815 - the service's names, here and below
    notAfter: str = ""  # noqa: N815


class _Certificate(msgspec.Struct, frozen=True):
    clientCertPem: str = ""  # noqa: N815
    subjectDN: str = ""  # noqa: N815
    issuerDN: str = ""  # noqa: N815
    serialNumber: str = ""  # noqa: N815
    validity: _Validity = _Validity()


class _Shown(msgspec.Struct, frozen=True):
    clientCert: _Certificate | None = None  # noqa: N815


class _Named(msgspec.Struct, frozen=True):
    method: str = ""


class _Context(msgspec.Struct):
    http: _Named = _Named()
    authorizer: dict[str, Any] | None = None
    identity: _Shown | None = None
    authentication: _Shown | None = None


class _Event(msgspec.Struct):
    requestContext: _Context  # noqa: N815
    httpMethod: str = ""  # noqa: N815
    path: str = ""
    rawPath: str = ""  # noqa: N815
    rawQueryString: str = ""  # noqa: N815
    queryStringParameters: dict[str, str] | None = None  # noqa: N815
    multiValueQueryStringParameters: dict[str, list[str]] | None = None  # noqa: N815
    pathParameters: dict[str, str] | None = None  # noqa: N815


def read_request(event: Any, form: Form, cookies: list[str]) -> Request:
    """Return the request.

    Args:
        event: of the form.
        form: whose event it is.
        cookies: values of its `cookie` headers.

    Raises:
        MalformedEvent: a part has not the shape that the service promises.
    """
    found = parse(event, _Event, "HTTP")
    method, path, query = _READ[form](found)
    return Request(
        method=method,
        path=path,
        path_parameters=found.pathParameters or {},
        query=query,
        cookies=read_cookies(cookies),
        claims=_claims(found.requestContext.authorizer or {}),
        client_certificate=_certificate(found.requestContext),
    )


def _v2(event: _Event) -> tuple[str, str, Pairs]:
    query = tuple(parse_qsl(event.rawQueryString, keep_blank_values=True))
    return event.requestContext.http.method, event.rawPath, query


def _v1(event: _Event) -> tuple[str, str, Pairs]:
    return event.httpMethod, event.path, tuple(_parameters(event))


def _alb(event: _Event) -> tuple[str, str, Pairs]:
    # A load balancer passes parameters on as the client encoded them.
    query = tuple((unquote_plus(name), unquote_plus(value)) for name, value in _parameters(event))
    return event.httpMethod, event.path, query


_READ: Mapping[Form, Callable[[_Event], tuple[str, str, Pairs]]] = {
    "v1": _v1,
    "v2": _v2,
    "alb": _alb,
    "alb-multi-value": _alb,
}


def _parameters(event: _Event) -> Iterator[tuple[str, str]]:
    many = event.multiValueQueryStringParameters
    if many:
        yield from ((name, value) for name, values in many.items() for value in values)
    else:
        yield from (event.queryStringParameters or {}).items()


def _claims(authorizer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an authorizer says: of a token, of a function, or of a signature of AWS."""
    if isinstance(authorizer.get("jwt"), dict):  # an HTTP API
        authorizer = authorizer["jwt"]
    elif authorizer.keys() <= _WRAPPERS:  # an HTTP API, and a function URL
        return next((inner for inner in authorizer.values() if isinstance(inner, dict)), {})
    claims = authorizer.get("claims", authorizer)  # of a token; in a REST API, of a user pool
    if claims is None:  # an HTTP API with REST's form, and no authorizer
        return {}
    return claims if isinstance(claims, dict) else authorizer


def _certificate(context: _Context) -> ClientCertificate | None:
    shown = context.authentication or context.identity  # v2, v1
    found = shown.clientCert if shown else None
    if found is None:
        return None
    return ClientCertificate(
        pem=found.clientCertPem,
        subject=found.subjectDN,
        issuer=found.issuerDN,
        serial_number=found.serialNumber,
        not_before=found.validity.notBefore,
        not_after=found.validity.notAfter,
    )

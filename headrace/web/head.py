"""The head of a request, and what it must be to be taken."""

import itertools
import os
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import NamedTuple

from headrace.errors import Reject
from headrace.request import ClientCertificate
from headrace.web.asgi import Scope

Pairs = tuple[tuple[str, str], ...]

_REQUEST_ID = re.compile(r"[\w.:/+=@-]{1,128}", re.ASCII)

_PROCESS = os.urandom(10).hex()
_COUNT = itertools.count(1)

MAX_BYTES = 64 * 1024
"""The longest head that is taken. (The server itself refuses those that are much longer.)"""


class Head(NamedTuple):
    """The head of a request.

    Attributes:
        method: In capitals.
        path: As it was sent, percent-encoded.
        query: What follows the question mark, percent-encoded as well.
        protocol: Such as HTTP/1.1.
        headers: Names in lower case; a header that comes more than once stands here as often.
        client: The address of whoever sent it, which may be a proxy.
        request_id: What the client or a proxy calls the request, or else a random name.
        certificate: What the client has shown, with mutual TLS; else None.
    """

    method: str
    path: str
    query: str
    protocol: str
    headers: Pairs
    client: str
    request_id: str
    certificate: ClientCertificate | None = None

    def values(self, name: str) -> list[str]:
        """Return the values of a header, by its name in lower case."""
        return [value for key, value in self.headers if key == name]

    def check(self) -> None:
        """Refuse what is too long, and what proxies and servers may understand differently.

        Raises:
            Reject: if the request does not name one host, or its body has no length.
        """
        size = hosts = encodings = 0
        for name, value in self.headers:
            size += len(name) + len(value)
            hosts += name == "host" and value != ""
            encodings += name == "transfer-encoding"
        if size > MAX_BYTES:
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise Reject(f"the head has more than {MAX_BYTES} bytes", status=status)
        if hosts > 1 or (not hosts and self.protocol != "HTTP/1.0"):
            raise Reject("the request does not name exactly one host")
        if encodings:
            raise Reject("a Content-Length is needed", status=HTTPStatus.LENGTH_REQUIRED)
        if self.method == "CONNECT":
            raise Reject("this is no proxy", status=HTTPStatus.METHOD_NOT_ALLOWED)

    def check_origin(self) -> None:
        """Refuse what a page of another site has a browser send: nobody has asked for it.

        Raises:
            Reject: it is from such a page, and more than a look.
        """
        site = ("sec-fetch-site", "cross-site")
        if site in self.headers and self.method not in {"GET", "HEAD"}:
            detail = "pages of other sites may not ask"
            raise Reject(detail, status=HTTPStatus.FORBIDDEN)

    @property
    def body_length(self) -> int | None:
        """How long the body is, in bytes; None if HTTP/2 tells only by its end.

        The server has seen to it that a length is one number.
        """
        for name, value in self.headers:
            if name == "content-length":
                return int(value)
        return None if self.protocol == "HTTP/2" else 0


def read_head(scope: Scope) -> Head:
    """Read the head from an ASGI scope."""
    version = scope["http_version"]
    headers = tuple([(name.decode("latin-1"), _text(value)) for name, value in scope["headers"]])
    return Head(
        method=scope["method"],
        path=_encoded(scope["raw_path"]),
        query=_encoded(scope["query_string"]),
        protocol=f"HTTP/{'1.0' if version == '1' else version}",
        headers=headers,
        client=(scope["client"] or ("",))[0],
        request_id=_request_id(headers),
        certificate=scope.get("client_certificate"),
    )


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return one value of each name, as API Gateway does with what comes more than once."""
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _request_id(headers: Pairs) -> str:
    for name, value in headers:
        if name == "x-request-id" and _REQUEST_ID.fullmatch(value):
            return value
    return f"{_PROCESS}{next(_COUNT):012x}"


def _encoded(target: bytes) -> str:
    """Return a part of the target; what clients such as curl do not encode is encoded here."""
    if target.isascii():
        return target.decode("ascii")
    return "".join(chr(one) if one < 0x80 else f"%{one:02X}" for one in target)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")

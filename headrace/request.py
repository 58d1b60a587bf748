"""What a worker sees of the HTTP request that a record came with."""

from collections.abc import Mapping
from typing import Any

import msgspec


class ClientCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """The certificate that a client has shown, verified by whatever ended its TLS.

    Attributes:
        pem: the certificate itself.
        subject: its distinguished name, such as `CN=till-7,O=Shop`.
        issuer: that of who signed it.
        serial_number: as the gateway writes it.
        not_before: from when it is valid, as the gateway writes it.
        not_after: until when.
    """

    pem: str = ""
    subject: str = ""
    issuer: str = ""
    serial_number: str = ""
    not_before: str = ""
    not_after: str = ""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP request beside its headers and its body, which are the record's.

    Attributes:
        method: in capitals.
        path: as it was sent, percent-encoded. API Gateway's HTTP APIs put the stage before it.
        path_parameters: what a gateway's route has named, decoded. Empty under `headrace serve`.
        query: (name, value) pairs, decoded, in their order; a name may repeat.
        cookies: by name; of a name that repeats, the first.
        claims: what the gateway's authorizer has verified of the caller: the claims of a token, or
            what a Lambda authorizer returned. Empty if there is none, as under `headrace serve`.
        client_certificate: with mutual TLS, a gateway's or that of `headrace serve`; else None.
    """

    method: str = ""
    path: str = ""
    path_parameters: Mapping[str, str] = {}
    query: tuple[tuple[str, str], ...] = ()
    cookies: Mapping[str, str] = {}
    claims: Mapping[str, Any] = {}
    client_certificate: ClientCertificate | None = None

    def parameter(self, name: str, default: str | None = None) -> str | None:
        """Return the first value of a query parameter."""
        return next((value for key, value in self.query if key == name), default)


def read_cookies(lines: list[str]) -> dict[str, str]:
    """Read cookies from the values of `cookie` headers. What is no NAME=VALUE is left out."""
    cookies: dict[str, str] = {}
    for line in lines:
        for part in line.split(";"):
            name, equals, value = part.strip().partition("=")
            if equals and name:
                cookies.setdefault(name, value.strip('"'))
    return cookies

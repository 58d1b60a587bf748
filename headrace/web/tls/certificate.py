"""A client's certificate, in the words of API Gateway."""

import ssl
from collections.abc import Iterable, Mapping
from typing import Any

from headrace.request import ClientCertificate

# What RFC 4514 writes short.
_SHORT: Mapping[str, str] = {
    "commonName": "CN",
    "countryName": "C",
    "domainComponent": "DC",
    "localityName": "L",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "stateOrProvinceName": "ST",
    "streetAddress": "STREET",
    "userId": "UID",
}
_ESCAPED = frozenset('"+,;<>\\')

_Name = Iterable[Iterable[tuple[str, str]]]


def read_certificate(connection: ssl.SSLObject) -> ClientCertificate | None:
    """Return the certificate that a client has shown, and that was verified; None without one."""
    fields: Mapping[str, Any] | None = connection.getpeercert()
    if not fields:
        return None
    number = fields["serialNumber"].lower()
    return ClientCertificate(
        pem=ssl.DER_cert_to_PEM_cert(connection.getpeercert(binary_form=True) or b""),
        subject=distinguished_name(fields["subject"]),
        issuer=distinguished_name(fields["issuer"]),
        serial_number=":".join(number[at : at + 2] for at in range(0, len(number), 2)),
        not_before=fields["notBefore"],
        not_after=fields["notAfter"],
    )


def distinguished_name(name: _Name) -> str:
    """Write a name as RFC 4514 has it: `CN=till-7,O=Shop`, the most specific part first.

    Args:
        name: Its parts as Python's `ssl` has them, the most general first.
    """
    parts = [
        "+".join(f"{_SHORT.get(key, key)}={_escaped(value)}" for key, value in part)
        for part in name
    ]
    return ",".join(reversed(parts))


def _escaped(value: str) -> str:
    text = "".join(f"\\{one}" if one in _ESCAPED else one for one in value).replace("\0", "\\00")
    if text.startswith((" ", "#")):
        text = f"\\{text}"
    if text.endswith(" ") and text != "\\ ":
        text = f"{text[:-1]}\\ "
    return text

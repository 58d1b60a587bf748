"""Hosts and ports as they stand in URLs and in the list of allowed hosts: read in one way."""

import ipaddress
import re

from headrace.images.error import ImageError

_NETLOC = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::([0-9]{0,5}))?", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # as a last label: an IPv4 address, says every browser


def host_and_port(netloc: str) -> tuple[str, int | None]:
    """Read `host` or `host:port`.

    Returns:
        The host, a name in lower case or an address without brackets, and the port, if it is given.

    Raises:
        ImageError: if there is no valid host in ASCII, or an address in disguise.
    """
    found = _NETLOC.fullmatch(netloc)
    if not found:
        raise ImageError("url", "the URL has no valid host in ASCII")
    bracketed, name, port = found.groups()
    host = _ipv6(bracketed) if bracketed else _name(name.lower())
    return host, int(port) if port else None


def joined(host: str, port: int) -> str:
    """Return host and port as they stand in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _ipv6(text: str) -> str:
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        raise ImageError("url", "the URL's host is not a valid IPv6 address") from None


def _name(host: str) -> str:
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise ImageError("url", "the URL's host is not a plain IPv4 address") from None
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise ImageError("url", "the URL's host is not a valid name")
    return host

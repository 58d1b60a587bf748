"""Where a client of boto3 connects, checked before it does: a wrong address ends no request."""

from typing import Any
from urllib.parse import urlsplit

from headrace.http_address import is_http_address


def checked(client: Any) -> Any:
    """Return a client of boto3 whose endpoint is an address, wherever it was given.

    boto3 takes any scheme and any port, and fails at the first request, in terms of its own.

    Raises:
        ValueError: it is none.
    """
    address: str = client.meta.endpoint_url
    if not _is_endpoint(address):
        client.close()
        place = address.rpartition("@")[2].partition("?")[0]  # the rest may be a password
        raise ValueError(f"the endpoint {place!r} is no address: write http://HOST:PORT")
    return client


def _is_endpoint(address: str) -> bool:
    if not is_http_address(address):
        return False
    parts = urlsplit(address)
    return not (parts.query or parts.fragment)

"""Whether a URL is the address of an HTTP server, before a client goes there."""

from urllib.parse import urlsplit


def is_http_address(url: str) -> bool:
    """Return whether a URL says a host, and a port if any, that a client can go to."""
    try:
        parts = urlsplit(url)
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_plain = url.isprintable() and " " not in url
    return is_plain and is_port and parts.scheme in {"http", "https"} and bool(parts.hostname)

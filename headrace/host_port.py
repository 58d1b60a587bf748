"""`HOST:PORT`, as addresses of servers are written that no URL has."""

import re

_FORM = re.compile(
    r"(?:\[(?P<address>[^\]/\s]+)\]|(?P<name>[^\[\]:/\s]+))(?::(?P<port>[0-9]{1,5}))?"
)


def host_port(text: str) -> tuple[str, int | None] | None:
    """Return host and port, None for a port that is not given; None for what is no such address.

    An address of IPv6 stands in brackets, and is returned without.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    port = None if found["port"] is None else int(found["port"])
    if port is not None and not 1 <= port <= 65_535:
        return None
    return found["address"] or found["name"], port

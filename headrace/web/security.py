"""Headers that every answer has, unless it has its own: browsers are told to trust it little."""

POLICY = "default-src 'none'; frame-ancestors 'none'"

_HEADERS = (
    (b"server", b"headrace"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_UNLESS_OWN = (
    (b"content-security-policy", POLICY.encode()),
    (b"cache-control", b"no-store"),
)

Lines = list[tuple[bytes, bytes]]


_ALL = (*_HEADERS, *_UNLESS_OWN)
_NAMES = {name for name, _ in _UNLESS_OWN}


def secured(lines: Lines) -> Lines:
    """Return the headers with those that every answer has."""
    own = {name for name, _ in lines if name in _NAMES}
    if not own:
        return [*lines, *_ALL]
    return [*lines, *_HEADERS, *(line for line in _UNLESS_OWN if line[0] not in own)]

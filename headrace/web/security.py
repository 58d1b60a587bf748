"""Headers that every answer has, unless it has its own: browsers are told to trust it little."""

POLICY = "default-src 'none'; frame-ancestors 'none'"

_HEADERS = (
    (b"server", b"headrace"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", POLICY.encode()),
    (b"cache-control", b"no-store"),
)
_NAMES = frozenset(name for name, _ in _HEADERS)

Lines = list[tuple[bytes, bytes]]


def secured(lines: Lines) -> Lines:
    """Return the headers with those that every answer has."""
    own = {name for name, _ in lines if name in _NAMES}
    if not own:
        return [*lines, *_HEADERS]
    return [*lines, *(line for line in _HEADERS if line[0] not in own)]

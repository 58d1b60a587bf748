"""Plain values as the bytes that travel: what a test writes down becomes a record's value."""

from collections.abc import Iterable, Mapping
from typing import Any

from headrace import json_text
from headrace.record import Headers

# What a test may give as headers: a mapping, or pairs if a name repeats.
GivenHeaders = Mapping[str, str | bytes] | Iterable[tuple[str, str | bytes]]


def to_bytes(value: Any) -> bytes | None:
    """Return the bytes of a value: bytes and text as they are, anything else as JSON.

    Args:
        value: a JSON value, a msgspec Struct or a dataclass, text, bytes; None is a tombstone.

    Raises:
        JsonError: JSON cannot express the value.
    """
    match value:
        case None:
            return None
        case bytes() | bytearray() | memoryview():
            return bytes(value)
        case str():
            return value.encode()
    return json_text.encode(value)


def to_key(key: str | bytes | None) -> bytes | None:
    """Return a key as bytes. Raises TypeError if it is neither text nor bytes."""
    return None if key is None else _bytes(key, "a key")


def to_headers(headers: GivenHeaders) -> Headers:
    """Return headers as pairs of a name and bytes, in their order.

    Raises:
        TypeError: a value is neither text nor bytes.
    """
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return tuple((name, _bytes(value, f"the header {name!r}")) for name, value in pairs)


def _bytes(value: str | bytes, what: str) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if not isinstance(value, bytes | bytearray | memoryview):
        raise TypeError(f"{what} is text or bytes, not {type(value).__name__}: {value!r:.100}")
    return bytes(value)

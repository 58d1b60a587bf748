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
    """Return a key as bytes."""
    return key.encode() if isinstance(key, str) else key


def to_headers(headers: GivenHeaders) -> Headers:
    """Return headers as pairs of a name and bytes, in their order."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return tuple(
        (name, value.encode() if isinstance(value, str) else value) for name, value in pairs
    )

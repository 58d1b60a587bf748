"""Payloads as people read them, in a log or on a terminal."""

import json
from typing import Any

from headrace import json_text
from headrace.record import Headers, Record


def readable_record(record: Record) -> dict[str, Any]:
    """Return a record as an object for people, or for a caller who waits for JSON."""
    return {
        "id": record.id,
        "source": record.source,
        **readable_content(record.timestamp, record.key, record.headers, record.value),
    }


def readable_content(
    timestamp: int | None, key: bytes | None, headers: Headers, value: bytes | None
) -> dict[str, Any]:
    """Return what a record holds, bytes decoded as far as they can be."""
    return {
        "timestamp": timestamp,
        "key": _text(key),
        "headers": [[name, _text(text)] for name, text in headers],
        "value": readable(value),
    }


def readable(value: bytes | None) -> object:
    """Return a payload for people: JSON as JSON, other text as text, other bytes escaped."""
    if value is None:
        return None
    try:
        return json_text.decode(value)
    except json_text.JsonError:
        return _text(value)


def printable(text: str, keep: str = "") -> str:
    """Return text for a terminal: control characters, which could steer it, are escaped.

    Args:
        text: of any origin.
        keep: control characters that are meant, such as a line break.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else json.dumps(c)[1:-1] for c in text)


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode(errors="backslashreplace")

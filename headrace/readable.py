"""Payloads as people read them, in a log or on a terminal."""

import orjson


def readable(value: bytes | None) -> object:
    """Return a payload for people: JSON as JSON, other text as text, other bytes escaped."""
    if value is None:
        return None
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value.decode(errors="backslashreplace")

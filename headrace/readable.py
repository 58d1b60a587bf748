"""Payloads as people read them, in a log or on a terminal."""

import json

from headrace import json_text


def readable(value: bytes | None) -> object:
    """Return a payload for people: JSON as JSON, other text as text, other bytes escaped."""
    if value is None:
        return None
    try:
        return json_text.decode(value)
    except json_text.JsonError:
        return value.decode(errors="backslashreplace")


def printable(text: str, keep: str = "") -> str:
    """Return text for a terminal: control characters, which could steer it, are escaped.

    Args:
        text: of any origin.
        keep: control characters that are meant, such as a line break.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else json.dumps(c)[1:-1] for c in text)

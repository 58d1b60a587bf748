"""A message as rows: its value is a JSON object, or a list of objects for several rows."""

import msgspec

from headrace import json_text
from headrace.sinks.base import ContentRefused, Message
from headrace.sinks.result import Result

# The value is looked over, to its end, and nothing is made of it.
_VALUE = msgspec.json.Decoder(msgspec.Raw)
_LIST = msgspec.json.Decoder(list[msgspec.Raw])

_NO_ROW = "the result is neither a JSON object, which is a row, nor a list of objects"
_TOO_DEEP = "the result is nested too deeply"
_TOMBSTONE = "a tombstone has no row"


def rows(message: Message) -> bytes | ContentRefused:
    """Return the rows of a message, as JSON objects with commas between them.

    If its value is neither an object nor a list of objects, return why it cannot be written.
    """
    value = message.value or b""
    if value.startswith(b"{") and isinstance(message, Result) and message.is_json:
        return value
    value = value.strip()
    try:
        if value.startswith(b"{"):
            _VALUE.decode(value)
            return value
        if value.startswith(b"[") and all(bytes(p)[:1] == b"{" for p in _LIST.decode(value)):
            return value[1:-1].strip()
    except (msgspec.DecodeError, UnicodeError):
        return _slowly(value)
    except RecursionError:
        return ContentRefused(_TOO_DEEP)
    return ContentRefused(_TOMBSTONE if message.value is None else _NO_ROW)


def _slowly(value: bytes) -> bytes | ContentRefused:
    """Return the rows of a value that has half a surrogate pair, or say why it is no JSON."""
    try:
        found = json_text.decode(value)
    except json_text.TooDeepError:
        return ContentRefused(_TOO_DEEP)
    except json_text.JsonError as error:
        return ContentRefused(f"the result is no JSON: {error}")
    if isinstance(found, dict):
        return value
    is_rows = all(isinstance(part, dict) for part in found)
    return value[1:-1].strip() if is_rows else ContentRefused(_NO_ROW)

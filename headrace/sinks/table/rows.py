"""A message as rows: its value is a JSON object, or a list of objects for several rows."""

import msgspec

from headrace.sinks.base import ContentRefused, Message
from headrace.sinks.result import Result

# The value is looked over, to its end, and nothing is made of it.
_VALUE = msgspec.json.Decoder(msgspec.Raw)
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


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
        pass
    except RecursionError:
        return ContentRefused("the result is nested too deeply")
    return ContentRefused(_why(message))


def _why(message: Message) -> str:
    if message.value is None:
        return "a tombstone has no row"
    return "the result is neither a JSON object, which is a row, nor a list of objects"

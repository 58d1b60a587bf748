"""A message as one line of JSON, exact to the byte: the form of the `file:` and `stdout:` sinks.

    {"id": "orders-0@7", "key": "a", "headers": [["name", "<base64>"]], "value": {"any": "JSON"}}

A key that is not UTF-8 stands in `key_base64`. A value that is not JSON, or whose bytes would not
survive inside a line (line breaks, space around it, very deep nesting), stands in `value_base64`.
What is absent is left out: a null key, no headers, the value of a tombstone.
"""

import msgspec
from msgspec import UNSET, UnsetType

from headrace.record import Headers
from headrace.sinks.base import Message

_DEPTH = 512
"""Deeper values are not embedded: some readers go twice as deep, but not every one does."""


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of a line; bytes are base64."""

    id: str = ""
    key: str | None = None
    key_base64: bytes | None = None
    headers: Headers = ()
    value: msgspec.Raw | UnsetType = UNSET
    value_base64: bytes | None = None


def encode(message: Message) -> bytes:
    """The line of a message, without the line break. Raises ValueError if a text has none."""
    key = _text(message.key)
    embed = message.value is not None and _is_one_line_json(message.value)
    return msgspec.json.encode(
        Line(
            id=message.id,
            key=key,
            key_base64=message.key if key is None else None,
            headers=message.headers,
            value=msgspec.Raw(message.value) if embed and message.value is not None else UNSET,
            value_base64=None if embed else message.value,
        )
    )


def decode(line: bytes) -> Message:
    """Read a line back. Raises msgspec.ValidationError (or DecodeError) if it is none."""
    read = msgspec.json.decode(line, type=Line)
    key = read.key_base64 if read.key is None else read.key.encode()
    value = read.value_base64 if isinstance(read.value, UnsetType) else bytes(read.value)
    return Message(key, value, read.headers, read.id)


def _text(data: bytes | None) -> str | None:
    try:
        return None if data is None else data.decode()
    except UnicodeDecodeError:
        return None


def _is_one_line_json(data: bytes) -> bool:
    if b"\n" in data or b"\r" in data or data != data.strip():
        return False
    try:
        msgspec.json.decode(data)
        if data.count(b"[") + data.count(b"{") > _DEPTH:
            msgspec.json.decode(b"[" * _DEPTH + data + b"]" * _DEPTH)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True

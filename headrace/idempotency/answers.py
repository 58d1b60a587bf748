"""Results as text, so that they can be remembered and given again.

A JSON value is itself. A Reply or a Record is an object with one field that says so; a JSON value
that looks like one of these, as what a record holds may do, is in such an object, too.
"""

from typing import Any

import msgspec

from headrace import json_text
from headrace.errors import HeadraceError
from headrace.prepared import prepared
from headrace.record import Record
from headrace.reply import Reply

_KINDS: dict[str, type[Reply] | type[Record]] = {
    "headrace.Reply": Reply,
    "headrace.Record": Record,
}
_VALUE = "headrace.value"
_LOOKS_LIKE_ONE = b'{"headrace.'


class TooLargeError(HeadraceError):
    """A result is larger than what the store can remember."""


def to_text(result: object, most_bytes: int) -> str:
    """Return a result as text.

    Raises:
        JsonError: it is no result that JSON can say.
        TooLargeError: the text has more bytes.
    """
    text = _encoded(result)
    if len(text) > most_bytes:
        size = f"it has {len(text)} bytes, and the store takes {most_bytes}"
        raise TooLargeError(f"the result cannot be remembered for @once: {size}")
    return text.decode()


def from_text(text: str) -> Any:
    """Return the result that a text stands for.

    Raises:
        JsonError: it is no JSON: something else wrote it.
        msgspec.ValidationError: it is no Reply or Record, and says so.
    """
    value = json_text.decode(text)
    if isinstance(value, dict) and len(value) == 1:
        ((name, fields),) = value.items()
        if name in _KINDS:
            return msgspec.convert(fields, prepared(_KINDS[name]))
        if name == _VALUE:
            return fields
    return value


def _encoded(result: object) -> bytes:
    for name, kind in _KINDS.items():
        if isinstance(result, kind):
            fields = {f: getattr(result, f) for f in kind.__struct_fields__}
            return msgspec.json.encode({name: fields})
    text = json_text.encode(result)
    return b'{"%b":%b}' % (_VALUE.encode(), text) if text.startswith(_LOOKS_LIKE_ONE) else text

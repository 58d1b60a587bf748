"""Results as text, so that they can be remembered and given again.

A JSON value is itself. A Reply or a Record is an object with one field that says so.
"""

from typing import Any

import msgspec

from headrace import json_text
from headrace.prepared import prepared
from headrace.record import Record
from headrace.reply import Reply

_KINDS: dict[str, type[Reply] | type[Record]] = {
    "headrace.Reply": Reply,
    "headrace.Record": Record,
}


def to_text(result: object) -> str:
    """Return a result as text. Raises JsonError if it is no result that JSON can say."""
    for name, kind in _KINDS.items():
        if isinstance(result, kind):
            fields = {f: getattr(result, f) for f in kind.__struct_fields__}
            return msgspec.json.encode({name: fields}).decode()
    return json_text.encode(result).decode()


def from_text(text: str) -> Any:
    """Return the result that a text stands for."""
    value = json_text.decode(text)
    if isinstance(value, dict) and len(value) == 1:
        ((name, fields),) = value.items()
        if name in _KINDS:
            return msgspec.convert(fields, prepared(_KINDS[name]))
    return value

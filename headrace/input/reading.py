"""What the ways of reading an input share."""

import codecs
from types import NoneType
from typing import Any, get_args

from headrace.errors import Reject
from headrace.input.mistakes import Mistake
from headrace.input.parts import bare
from headrace.record import Record

DEFS = "#/$defs/{}"
"""How a schema refers to a type in it, if it stands alone."""


_LONGEST = 200  # characters of a name or an explanation: both may quote what was sent


def unfit(errors: list[Mistake]) -> Reject:
    """The Reject of a record whose value does not fit, given all that is wrong with it."""
    errors = [{name: cut(text) for name, text in error.items()} for error in errors]
    first, more = errors[0], len(errors) - 1
    field = f"{first['field']}: " if first["field"] else ""
    others = f" (and {more} more)" if more else ""
    return Reject(f"the input does not fit: {field}{first['detail']}{others}", errors=errors)


def strict_json(record: Record) -> bytes:
    """Return the value of a record, without a byte order mark.

    Raises Reject if it has none, or NaN stands in it as number.
    """
    value = record.value
    if value is None or b"NaN" in value or b"Infinity" in value:
        record.json()
    return (value or b"").removeprefix(codecs.BOM_UTF8)


def takes_none(kind: Any) -> bool:
    """Return whether a type may be None: a tombstone is no mistake then."""
    kind = bare(kind)
    return (
        kind is None or kind is NoneType or any(bare(part) is NoneType for part in get_args(kind))
    )


def cut(text: str) -> str:
    """Return a name or an explanation, no longer than it should be."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

"""Escapes in JSON that PostgreSQL has no character for, in fields that no column takes.

The server reads the whole of a row, and refuses it for a NUL or half a surrogate pair anywhere in
it. So a row that has such an escape is sent with the fields alone that columns take.
"""

import json
import re
from collections.abc import Collection

import msgspec

# Whole pairs, and escaped backslashes, are found as well: they are as good in a row made anew.
_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])").search


def without(rows: bytes, fields: Collection[str]) -> bytes:
    """Return rows that the server reads, unless a field that is taken has such an escape.

    Args:
        rows: JSON objects with commas between them.
        fields: that columns take.
    """
    if not _ESCAPE(rows):
        return rows
    try:
        found = json.loads(b"[%b]" % rows, parse_int=_as_written, parse_float=_as_written)
        kept = [{name: row[name] for name in fields if name in row} for row in found]
        return msgspec.json.encode(kept)[1:-1]
    except (UnicodeError, RecursionError):
        return rows  # the server says what it does not take


def _as_written(number: str) -> msgspec.Raw:
    return msgspec.Raw(number.encode())

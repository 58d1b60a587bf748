"""An entry of the log as one line of JSON, whatever it holds."""

import json
import logging
from contextlib import suppress
from typing import Any

import orjson

_LOGGED = 10_000
"""Characters of a value that can only be logged as Python writes it."""


def log_line(entry: dict[str, Any]) -> str:
    """Write a log entry on one line. Never raises: what has no form in JSON is shown as text."""
    try:
        return orjson.dumps(entry, _shown, orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        pass
    return f"{{{', '.join(f'{json.dumps(str(k))}: {_field(v)}' for k, v in entry.items())}}}"


def message_of(record: logging.LogRecord) -> str:
    """Return the message; of one that does not fit its arguments, as libraries err, both."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - whatever it is, it must not take the line with it
        shown = record.msg if isinstance(record.msg, str) else _repr(record.msg)
        return f"{shown} {_repr(record.args)}"[:_LOGGED] if record.args else shown


def _shown(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    return str(value)


def _field(value: object) -> str:
    """Return a field of a log entry as JSON, if need be as the text that Python shows it as."""
    with suppress(TypeError):
        return orjson.dumps(value, _shown, orjson.OPT_NON_STR_KEYS).decode()
    try:
        return json.dumps(value, default=_shown, allow_nan=False)  # NaN is none of JSON's numbers
    except Exception:  # noqa: BLE001 - whatever it is, it must not take the line with it
        return json.dumps(_repr(value)[:_LOGGED])


def _repr(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - as above
        return f"<{type(value).__name__}: {type(error).__name__} in its repr>"

"""What the URL of a table says: which table and columns, and what becomes of a row with its key."""

from typing import Literal

import msgspec

from headrace.settings import variable
from headrace.sinks.base import TIMEOUT_SECONDS
from headrace.sinks.url import SinkUrl

PARAMETERS = ("table", "key", "mode", "columns", "group", "timeout", "remember")

Mode = Literal["append", "upsert", "insert"]

_MODES: tuple[Mode, ...] = ("append", "upsert", "insert")
_DAY = 86_400.0


class TableOptions(msgspec.Struct, frozen=True):
    """Where rows go.

    Attributes:
        table: its name, with its schema if that is given.
        key: the columns that tell rows apart; none if rows are appended.
        mode: append rows; upsert: a row takes the place of the one with its key; insert: a row
            whose key is there is left out.
        columns: the field of each column, by its name; nothing: each column has a field of its
            name.
        group: records are known by it and by their position.
        timeout: seconds after which no further transaction is begun.
        remember: seconds for which the ids of records are kept that have no offset.
    """

    table: str
    key: tuple[str, ...]
    mode: Mode
    columns: dict[str, str]
    group: str
    timeout: float
    remember: float


def options(url: SinkUrl) -> TableOptions:
    """Read them from a URL. Raises SettingsError for what is wrong with it."""
    table = url.params.get("table", "")
    if not table:
        raise url.wrong("the table is missing: ?table=orders")
    key = _names(url, "key")
    columns = dict(_column(url, text) for text in _names(url, "columns"))
    unknown = [name for name in key if columns and name not in columns]
    if unknown:
        raise url.wrong(f"key={unknown[0]} is not among the columns")
    return TableOptions(
        table=table,
        key=key,
        mode=_mode(url, key),
        columns=columns,
        group=url.params.get("group") or _group(url),
        timeout=url.seconds("timeout", TIMEOUT_SECONDS),
        remember=url.seconds("remember", 14 * _DAY, most=36_500 * _DAY),
    )


def _names(url: SinkUrl, name: str) -> tuple[str, ...]:
    text = url.params.get(name, "")
    parts = tuple(part.strip() for part in text.split(",")) if text else ()
    if not all(parts) or len(set(parts)) != len(parts):
        raise url.wrong(f"{name} is no list of different names: {name}=a,b")
    return parts


def _column(url: SinkUrl, text: str) -> tuple[str, str]:
    column, colon, field = text.partition(":")
    if not column or (colon and not field):
        raise url.wrong("columns are written as column or column:field, with commas")
    return column, field or column


def _mode(url: SinkUrl, key: tuple[str, ...]) -> Mode:
    text = url.params.get("mode", "upsert" if key else "append")
    for mode in _MODES:
        if mode == text:
            if (mode == "append") == bool(key):
                raise url.wrong(f"mode={mode} goes {'without a key' if key else 'with a key'}")
            return mode
    raise url.wrong(f"mode={text!r}: choose append, upsert or insert")


def _group(url: SinkUrl) -> str:
    """The consumer group, if the runner has one; the function's name in AWS Lambda."""
    names = (variable("group"), "AWS_LAMBDA_FUNCTION_NAME")
    return next((text for name in names if (text := url.variables.get(name))), "")
